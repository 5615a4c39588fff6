using System.ComponentModel.DataAnnotations;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Access.Oidc;
using SecuEdge.Appliance.Access.Passkeys;
using SecuEdge.Appliance.Operations;

namespace SecuEdge.Appliance.Tests.Access;

/// <summary>Passkeys are for one address, and only one that browsers take for it.</summary>
public sealed class RelyingPartyTests
{
    [Fact]
    public async Task Where_nobody_has_set_the_address_the_setting_is_named()
    {
        await using var rig = new AccessRig("");
        var anna = await rig.AddUserAsync("anna", "acme", Role.Helpdesk, AccessRig.Password);
        var problem = (await rig.Passkeys.BeginAsync(rig.CallerOf(anna), new OwnProofInput(AccessRig.Password, "", null), AccessRig.Cancelled)).Problem!;
        Assert.Contains("SECUEDGE__Access__PublicAddress=https://", problem.Detail, StringComparison.Ordinal);
        Assert.False(rig.PasskeyLogins.IsEnabled);
    }

    [Theory]
    [InlineData("https://mail.example.com", "https://mail.example.com")]
    [InlineData("https://Mail.Example.com:443/", "https://mail.example.com")]
    [InlineData("https://mail.example.com:8443", "https://mail.example.com:8443")]
    [InlineData("http://localhost:8080", "http://localhost:8080")]
    [InlineData("https://bücher.example", "https://xn--bcher-kva.example")]
    [InlineData("http://mail.example.com", null)]
    [InlineData("https://192.0.2.1", null)]
    [InlineData("https://mail.example.com/console", null)]
    [InlineData("https://me@mail.example.com", null)]
    [InlineData("mail.example.com", null)]
    public void Passkeys_are_for_an_address_that_browsers_take(string setting, string? origin)
    {
        var party = new RelyingParty(new AccessOptions { PublicAddress = setting }, new OidcOptions());
        Assert.Equal(origin ?? "", party.Origin);
        Assert.Equal(origin is null ? "" : new Uri(origin).Host, party.Id);
        var options = new AccessOptions { PublicAddress = setting };
        Assert.Equal(origin is null, options.Validate(new ValidationContext(options)).Any());
    }
}
