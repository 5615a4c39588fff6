using System.Net;
using SecuEdge.Appliance.Directories;
using SecuEdge.Appliance.Settings;

namespace SecuEdge.Appliance.Tests.Directories;

public sealed class DirectoryWallTests
{
    [Theory]
    [InlineData("acme", "9.9.9.9", 636, true)]
    [InlineData("acme", "9.9.9.9", 3269, true)]
    [InlineData("acme", "9.9.9.9", 25, false)]
    [InlineData("acme", "10.1.2.3", 636, false)]
    [InlineData("acme", "10.9.2.3", 636, true)]
    [InlineData("acme", "::ffff:10.1.2.3", 636, false)]
    [InlineData("acme", "127.0.0.1", 389, false)]
    [InlineData("acme", "::1", 389, false)]
    [InlineData("acme", "169.254.169.254", 389, false)]
    [InlineData("acme", "fd00::1", 636, false)]
    [InlineData("provider", "10.1.2.3", 636, true)]
    [InlineData("provider", "fd00::1", 636, true)]
    [InlineData("provider", "127.0.0.1", 636, false)]
    [InlineData("provider", "169.254.169.254", 636, false)]
    public void Tenants_reach_the_Internet_and_what_the_provider_allows(string tenant, string address, int port, bool isAllowed) =>
        Assert.Equal(isAllowed, new DirectoryWall(new DirectoryOptions { AllowedNetworks = ["10.9.0.0/16"] }).Refuse(tenant, IPAddress.Parse(address), port) is null);

    [Theory]
    [InlineData("ldap.corp.example", DirectoryTls.Ldaps, "ldap.corp.example", 636)]
    [InlineData("ldap.corp.example", DirectoryTls.StartTls, "ldap.corp.example", 389)]
    [InlineData("ldap.corp.example:3269", DirectoryTls.Ldaps, "ldap.corp.example", 3269)]
    [InlineData("10.1.2.3:25", DirectoryTls.None, "10.1.2.3", 25)]
    [InlineData("[2001:db8::1]:1389", DirectoryTls.None, "2001:db8::1", 1389)]
    [InlineData("2001:db8::1", DirectoryTls.None, "2001:db8::1", 389)]
    public void Addresses_have_a_port_or_the_usual_one(string address, DirectoryTls tls, string host, int port)
    {
        Assert.True(DirectoryAddress.IsRight(address));
        Assert.Equal((host, port), DirectoryAddress.Of(address, tls));
    }

    [Theory]
    [InlineData("")]
    [InlineData("ldaps://ldap.corp.example")]
    [InlineData("ldap corp")]
    [InlineData("ldap.corp.example:0")]
    [InlineData("ldap.corp.example:70000")]
    public void What_is_no_address_is_refused(string address) => Assert.False(DirectoryAddress.IsRight(address));
}
