using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SecuEdge.Store.Settings;
using SecuEdge.TestKit;

namespace SecuEdge.Store.Tests;

public sealed class SettingsStoreTests : IDisposable
{
    private readonly TempFolder _folder = new(inMemory: true);
    private readonly FakeTimeProvider _time = new(SampleRecords.Start);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Database => Path.Combine(_folder.Path, "config.db");

    private string Copies => Path.Combine(_folder.Path, "settings");

    [Fact]
    public async Task A_new_appliance_has_no_revision()
    {
        await using var store = await OpenAsync();
        Assert.Null(store.Current);
        Assert.Empty(store.Tokens);
        Assert.Empty(store.Notes);
        Assert.Empty(await store.HistoryAsync(10, Cancellation));
    }

    [Fact]
    public async Task Revisions_are_numbered_and_survive_a_restart()
    {
        var store = await OpenAsync();
        await store.SaveAsync("""{"a": 1}""", "anna", "first", Cancellation);
        var second = await store.SaveAsync("""{ "a":  2 }""", "ben", "second", Cancellation);
        Assert.Equal(2, second.Number);
        await store.DisposeAsync();

        await using var again = await OpenAsync();
        Assert.Equal(second, again.Current);
        Assert.Equal([2, 1], (await again.HistoryAsync(10, Cancellation)).Select(r => r.Number));
        Assert.Equal(second, (await again.HistoryAsync(1, Cancellation)).Single());
        Assert.Empty(again.Notes);
        Assert.True(File.Exists(Path.Combine(Copies, "site-000002.json")));
    }

    public static TheoryData<string> Damages => ["missing", "garbage", "cut at a page", "cut in a page", "empty"];

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task A_broken_database_is_made_again_from_the_copies(string damage)
    {
        var store = await OpenAsync();
        for (var i = 1; i <= 5; i++)
        {
            await store.SaveAsync($$"""{"a": {{i}}}""", "anna", "", Cancellation);
        }

        await store.AddTokenAsync(new TokenRecord("ci", "abc", SampleRecords.Start), Cancellation);
        await store.DisposeAsync();
        Damage.Apply(Database, damage);

        await using var again = await OpenAsync();
        Assert.NotEmpty(again.Notes);
        Assert.Equal("""{"a": 5}""", again.Current!.Json);
        Assert.Equal([5, 4, 3, 2, 1], (await again.HistoryAsync(10, Cancellation)).Select(r => r.Number));
        Assert.Equal("ci", Assert.Single(again.Tokens).Name);
    }

    [Fact]
    public async Task Lost_copies_are_written_again_from_the_database()
    {
        var store = await OpenAsync();
        await store.SaveAsync("{}", "anna", "", Cancellation);
        await store.AddTokenAsync(new TokenRecord("ci", "abc", SampleRecords.Start), Cancellation);
        await store.DisposeAsync();
        Directory.Delete(Copies, recursive: true);

        await using var again = await OpenAsync();
        Assert.Equal(1, again.Current!.Number);
        Assert.Equal("ci", Assert.Single(again.Tokens).Name);
        Assert.Equal(["site-000001.json", "tokens.json"], Directory.GetFiles(Copies).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task Only_the_last_fifty_copies_are_kept()
    {
        await using var store = await OpenAsync();
        for (var i = 1; i <= 55; i++)
        {
            await store.SaveAsync("{}", "anna", "", Cancellation);
        }

        Assert.Equal(50, Directory.GetFiles(Copies).Length);
        Assert.False(File.Exists(Path.Combine(Copies, "site-000005.json")));
        Assert.Equal(55, (await store.HistoryAsync(100, Cancellation)).Count);
    }

    [Fact]
    public async Task Tokens_are_added_replaced_and_removed()
    {
        await using var store = await OpenAsync();
        await store.AddTokenAsync(new TokenRecord("a", "1", SampleRecords.Start), Cancellation);
        await store.AddTokenAsync(new TokenRecord("a", "2", SampleRecords.Start), Cancellation);
        Assert.Equal("2", Assert.Single(store.Tokens).Hash);
        Assert.True(await store.RemoveTokenAsync("a", Cancellation));
        Assert.False(await store.RemoveTokenAsync("a", Cancellation));
        Assert.Empty(store.Tokens);
    }

    [Fact]
    public async Task Text_that_is_no_JSON_is_refused()
    {
        await using var store = await OpenAsync();
        await Assert.ThrowsAnyAsync<JsonException>(() => store.SaveAsync("{", "anna", "", Cancellation));
        Assert.Null(store.Current);
    }

    [Fact]
    public async Task A_full_disk_keeps_the_old_revision()
    {
        var disk = new FailingFileSystem();
        var store = await OpenAsync(disk.Options(_folder.Path));
        await store.SaveAsync("""{"a": 1}""", "anna", "", Cancellation);
        disk.Plan = (_, _) => DiskFault.NoSpace;
        await Assert.ThrowsAsync<IOException>(() => store.SaveAsync("""{"a": 2}""", "anna", "", Cancellation));
        Assert.Equal(1, store.Current!.Number);
        await store.DisposeAsync();

        await using var again = await OpenAsync();
        Assert.Equal("""{"a": 1}""", again.Current!.Json);
    }

    public void Dispose() => _folder.Dispose();

    private Task<SettingsStore> OpenAsync() => OpenAsync(new FailingFileSystem().Options(_folder.Path));

    private Task<SettingsStore> OpenAsync(StoreOptions options) => SettingsStore.OpenAsync(options, _time, NullLogger.Instance, Cancellation);
}
