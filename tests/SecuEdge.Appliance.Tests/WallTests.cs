using System.Xml.Linq;
using SecuEdge.TestKit;

namespace SecuEdge.Appliance.Tests;

/// <summary>Who may reference what. A room exists only because it keeps something out of the others.</summary>
public sealed class WallTests
{
    [Theory]
    [InlineData("Smtp", "")]
    [InlineData("Content", "")]
    [InlineData("Filter", "Content Smtp")]
    [InlineData("Store", "Filter")]
    [InlineData("Cage", "Content")]
    [InlineData("Appliance", "Cage Store")]
    public void A_room_references_only_the_rooms_below(string room, string allowed) =>
        Assert.Equal(
            allowed.Split(' ', StringSplitOptions.RemoveEmptyEntries).Order(),
            References(room, "ProjectReference").Select(r => Path.GetFileNameWithoutExtension(r).Replace("SecuEdge.", "", StringComparison.Ordinal)).Order());

    [Theory]
    [InlineData("Smtp", "")]
    [InlineData("Content", "MimeKit SharpCompress System.Security.Cryptography.Pkcs")]
    [InlineData("Filter", "DnsClient")]
    [InlineData("Store", "LiteDB")]
    [InlineData("Cage", "")]
    // BouncyCastle has Argon2id for passwords; the framework has none.
    [InlineData("Appliance", "BouncyCastle.Cryptography Microsoft.AspNetCore.OpenApi Microsoft.IdentityModel.Protocols.OpenIdConnect MimeKit prometheus-net.AspNetCore")]
    public void A_package_stays_in_its_room(string room, string allowed) =>
        Assert.Equal(allowed.Split(' ', StringSplitOptions.RemoveEmptyEntries).Order(), References(room, "PackageReference").Order());

    [Fact]
    public void Packages_do_not_leak_through_a_project_reference()
    {
        foreach (var project in Projects())
        {
            var leaking = XDocument.Load(project).Descendants("PackageReference")
                .Where(p => p.Attribute("PrivateAssets")?.Value is not ("compile" or "all") && (string?)p.Attribute("Include") != "Microsoft.AspNetCore.OpenApi")
                .Select(p => $"{Path.GetFileName(project)}: {p.Attribute("Include")?.Value}");
            Assert.Empty(leaking);
        }
    }

    /// <summary>The appliance carries the texts and settings of all rooms as resources, a line each, and says why it tunes the runtime.</summary>
    [Fact]
    public void A_project_file_stays_short() =>
        Assert.All(Projects(), p => Assert.True(File.ReadAllLines(p).Length < (p.EndsWith("Appliance.csproj", StringComparison.Ordinal) ? 40 : 20), $"{p} is long: common things belong in Directory.Build.props"));

    private static IEnumerable<string> References(string room, string kind) =>
        XDocument.Load(Path.Combine(TestData.RepositoryRoot, "src", $"SecuEdge.{room}", $"SecuEdge.{room}.csproj"))
            .Descendants(kind)
            .Select(r => r.Attribute("Include")!.Value);

    private static string[] Projects() => Directory.GetFiles(Path.Combine(TestData.RepositoryRoot, "src"), "*.csproj", SearchOption.AllDirectories);
}
