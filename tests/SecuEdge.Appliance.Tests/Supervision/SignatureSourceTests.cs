using SecuEdge.Appliance.Supervision;

namespace SecuEdge.Appliance.Tests.Supervision;

public sealed class SignatureSourceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Without_a_database_nothing_is_scanned_until_an_update_was_tried()
    {
        var source = Source(testSignatures: true);

        Assert.Equal(SignatureKind.None, source.Choose().Kind);

        source.UpdateTried("no route to the mirror");
        Assert.Equal(
            new SignatureChoice(SignatureKind.TestOnly, Path.Combine(_folder.Path, "test"), "no signature database: no route to the mirror"),
            source.Choose());
    }

    [Fact]
    public void Test_signatures_are_never_used_unless_they_were_named()
    {
        var source = Source(testSignatures: false);
        source.UpdateTried("no route to the mirror");

        Assert.Equal(new SignatureChoice(SignatureKind.None, "", "no signature database: no route to the mirror"), source.Choose());
    }

    [Theory]
    [InlineData("daily.cvd")]
    [InlineData("main.cld")]
    [InlineData("own.ndb")]
    public void A_database_goes_before_test_signatures(string file)
    {
        var source = Source(testSignatures: true);
        source.UpdateTried("no route to the mirror");
        _folder.File("data/clamav/" + file, "");

        Assert.Equal(new SignatureChoice(SignatureKind.Installed, Path.Combine(_folder.Path, "data", "clamav"), ""), source.Choose());
    }

    [Fact]
    public void What_freshclam_leaves_behind_after_a_failure_is_no_database()
    {
        _folder.File("data/clamav/freshclam.dat", "");
        _folder.File("data/clamav/tmp.1234/clamav-1.tmp", "");

        Assert.Equal(SignatureKind.None, Source(testSignatures: true).Choose().Kind);
    }

    private SignatureSource Source(bool testSignatures)
    {
        _folder.File("test/eicar.ndb", "");
        return new SignatureSource(new ClamAvServiceOptions
        {
            DataFolder = Path.Combine(_folder.Path, "data"),
            TestSignatures = testSignatures ? Path.Combine(_folder.Path, "test") : "",
        });
    }
}
