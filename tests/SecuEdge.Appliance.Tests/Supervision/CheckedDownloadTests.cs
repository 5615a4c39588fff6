using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using SecuEdge.Appliance.Supervision;
using SecuEdge.TestKit;

namespace SecuEdge.Appliance.Tests.Supervision;

public sealed class CheckedDownloadTests : IDisposable
{
    private static readonly byte[] Rules = Encoding.ASCII.GetBytes("rule a { condition: true }");
    private static readonly string Hash = Convert.ToHexStringLower(SHA256.HashData(Rules));

    private readonly TempFolder _folder = new();
    private readonly FakeMirror _mirror = new() { Files = { ["/rules.yar"] = Rules } };

    [Fact]
    public async Task A_file_with_the_right_hash_arrives_at_its_place()
    {
        var result = await FetchAsync(Source() with { Sha256 = Hash.ToUpperInvariant() });

        Assert.Equal(new DownloadResult.Fetched(Hash, Rules.Length), result);
        Assert.Equal(Rules, File.ReadAllBytes(Target));
    }

    [Fact]
    public async Task A_file_with_another_hash_leaves_the_former_one_in_place_and_nothing_beside_it()
    {
        File.WriteAllText(Target, "former");

        var result = await FetchAsync(Source() with { Sha256 = new string('0', 64) });

        Assert.Contains(Hash, Assert.IsType<DownloadResult.Failed>(result).Why, StringComparison.Ordinal);
        Assert.Equal("former", File.ReadAllText(Target));
        Assert.Single(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public async Task What_we_have_is_not_fetched_again()
    {
        _mirror.Files["/rules.yar.sha256"] = Encoding.ASCII.GetBytes($"{Hash}  rules.yar\n");

        var result = await FetchAsync(Published(), Hash);

        Assert.IsType<DownloadResult.Unchanged>(result);
        Assert.Equal(["/rules.yar.sha256"], _mirror.Asked);
    }

    [Fact]
    public async Task A_checksum_file_that_does_not_speak_of_the_file_is_a_failure()
    {
        _mirror.Files["/rules.yar.sha256"] = Encoding.ASCII.GetBytes($"{Hash}  other.yar\n{Hash}  another.yar\n");

        Assert.IsType<DownloadResult.Failed>(await FetchAsync(Published()));
    }

    [Fact]
    public async Task A_file_above_the_limit_is_a_failure()
    {
        var result = await FetchAsync(Source() with { Sha256 = Hash, MaxBytes = Rules.Length - 1 });

        Assert.Contains("larger", Assert.IsType<DownloadResult.Failed>(result).Why, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public async Task A_file_that_is_not_there_and_a_server_that_is_away_are_failures()
    {
        Assert.Contains("404", Assert.IsType<DownloadResult.Failed>(await FetchAsync(Published())).Why, StringComparison.Ordinal);

        _mirror.Failure = new HttpRequestException("refused", new SocketException());
        Assert.Contains("refused", Assert.IsType<DownloadResult.Failed>(await FetchAsync(Published())).Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{0}", true)]
    [InlineData("{0}\n", true)]
    [InlineData("{0}  rules.yar\n", true)]
    [InlineData("{0} *rules.yar\r\n", true)]
    [InlineData("{0}  ./mirror/rules.yar", true)]
    [InlineData("{1}  other.yar\n{0}  rules.yar\n", true)]
    [InlineData("{0}\n{1}\n", false)]
    [InlineData("{0}  my-rules.yar", false)]
    [InlineData("<html>404 not found</html>", false)]
    [InlineData("", false)]
    public void The_hash_of_a_file_is_found_in_a_checksum_file(string text, bool isFound)
    {
        var filled = text.Replace("{0}", Hash, StringComparison.Ordinal).Replace("{1}", new string('1', 64), StringComparison.Ordinal);

        Assert.Equal(isFound ? Hash : "", CheckedDownload.ParseChecksum(filled, "rules.yar"));
    }

    public void Dispose()
    {
        _mirror.Dispose();
        _folder.Dispose();
    }

    private string Target => Path.Combine(_folder.Path, "rules.yar");

    private static DownloadSource Source() => new() { Url = new Uri("http://mirror.example/rules.yar"), MaxBytes = 1024 };

    private static DownloadSource Published() => Source() with { Sha256Url = new Uri("http://mirror.example/rules.yar.sha256") };

    private async Task<DownloadResult> FetchAsync(DownloadSource source, string known = "")
    {
        using var client = _mirror.Client();
        return await new CheckedDownload(client, TimeProvider.System).FetchAsync(source, known, Target, TestContext.Current.CancellationToken);
    }
}
