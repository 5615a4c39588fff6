using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using SecuEdge.Appliance.Settings;
using SecuEdge.Appliance.Supervision;
using SecuEdge.Filter.Scanners.HashLists;
using SecuEdge.TestKit;

namespace SecuEdge.Appliance.Tests.Supervision;

public sealed class HashListUpdatesTests : IDisposable
{
    private readonly TempFolder _root = new();
    private readonly FakeMirror _mirror = new();
    private readonly DataFolder _folder;
    private readonly HashListStore _lists;

    public HashListUpdatesTests()
    {
        _folder = DataFolder.Open(_root.Path).Folder!;
        _lists = new HashListStore(_folder.HashLists, TimeProvider.System, NullLogger<HashListStore>.Instance);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _lists.Dispose();
        _folder.Dispose();
        _mirror.Dispose();
        _root.Dispose();
    }

    [Fact]
    public async Task A_list_with_an_address_follows_it_and_keeps_what_it_has_when_the_new_one_is_wrong()
    {
        await _lists.ImportAsync(
            new() { Name = "feed", Tenant = "acme", Url = new("https://lists.example/feed.txt"), Sha256Url = new("https://lists.example/feed.sha256") },
            new MemoryStream(), null, Token);
        Publish(Hash(1));
        Assert.Equal("", await UpdateAsync());
        Assert.NotNull(_lists.FindDenied(Hash(1), "acme"));
        Assert.Null(_lists.FindDenied(Hash(1), "other"));

        // The same again is not fetched.
        _mirror.Asked.Clear();
        Assert.Equal("", await UpdateAsync());
        Assert.Equal(["/feed.sha256"], _mirror.Asked);

        Publish("nonsense");
        Assert.StartsWith("line 1 ", await UpdateAsync(), StringComparison.Ordinal);
        Assert.StartsWith("line 1 ", _lists.Find("feed")!.Trouble, StringComparison.Ordinal);
        Assert.NotNull(_lists.FindDenied(Hash(1), "acme"));

        _mirror.Failure = new HttpRequestException("no route");
        Assert.Contains("no route", await UpdateAsync(), StringComparison.Ordinal);

        _mirror.Failure = null;
        Publish(Hash(2));
        Assert.Equal("", await UpdateAsync());
        Assert.Null(_lists.FindDenied(Hash(1), "acme"));
        Assert.NotNull(_lists.FindDenied(Hash(2), "acme"));
        Assert.Equal("", _lists.Find("feed")!.Trouble);
        Assert.Empty(Directory.GetFiles(_folder.Scratch));
    }

    private async Task<string> UpdateAsync()
    {
        using var client = _mirror.Client();
        using var updates = new HashListUpdates(_lists, new HashListOptions(), _folder, TimeProvider.System, NullLogger<HashListUpdates>.Instance);
        return await updates.UpdateAsync(new CheckedDownload(client, TimeProvider.System), _lists.Find("feed")!, Token);
    }

    private void Publish(string text)
    {
        var bytes = Encoding.ASCII.GetBytes(text);
        _mirror.Files["/feed.txt"] = bytes;
        _mirror.Files["/feed.sha256"] = Encoding.ASCII.GetBytes(Convert.ToHexStringLower(SHA256.HashData(bytes)) + "  feed.txt\n");
    }

    private static string Hash(int number) => Convert.ToHexStringLower(SHA256.HashData(BitConverter.GetBytes(number)));
}
