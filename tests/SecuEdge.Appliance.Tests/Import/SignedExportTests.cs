using System.Security.Cryptography;
using SecuEdge.Appliance.Import;
using SecuEdge.Appliance.Settings;

namespace SecuEdge.Appliance.Tests.Import;

public sealed class SignedExportTests
{
    private static readonly Site Site = new() { Tenants = [new Tenant { Name = "acme" }] };

    [Fact]
    public void An_export_gives_the_same_site_back_and_says_who_signed_it()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var export = SignedExport.Write(Site, "mx.example", DateTimeOffset.UnixEpoch, key);
        Assert.True(SignedExport.IsOne(export));
        Assert.Equal((SiteJson.Write(Site), SignedExport.Fingerprint(key), ""), SignedExport.Read(export));
    }

    [Theory]
    [InlineData("acme", "evil")]
    [InlineData("mx.example", "mx.evil")]
    [InlineData("1970-01-01", "1971-01-01")]
    public void A_changed_export_is_refused(string from, string to)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var export = SignedExport.Write(Site, "mx.example", DateTimeOffset.UnixEpoch, key).Replace(from, to, StringComparison.Ordinal);
        Assert.Null(SignedExport.Read(export).Site);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"tenants":[]}""")]
    [InlineData("not json secuedge-export/1")]
    [InlineData("""{"tenants":[{"name":"secuedge-export/1"}]}""")]
    public void A_plain_site_file_is_none(string json) => Assert.False(SignedExport.IsOne(json));
}
