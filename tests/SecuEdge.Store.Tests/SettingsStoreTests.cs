using System.Text.Json;
using LiteDB;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SecuEdge.Store.Settings;
using SecuEdge.TestKit;
using JsonException = System.Text.Json.JsonException;
using JsonSerializer = System.Text.Json.JsonSerializer;

namespace SecuEdge.Store.Tests;

public sealed class SettingsStoreTests : IDisposable
{
    private readonly TempFolder _folder = new(inMemory: true);
    private readonly FakeTimeProvider _time = new(SampleRecords.Start);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Folder => Path.Combine(_folder.Path, "settings");

    private List<string> Journals => [.. Directory.GetFiles(Folder, "journal-*").Order()];

    [Fact]
    public async Task A_new_appliance_has_nothing()
    {
        await using var store = await OpenAsync();
        Assert.Equal(0, store.Revision);
        Assert.Empty(store.Documents);
        Assert.Empty(store.Tokens);
        Assert.Empty(store.Notes);
        Assert.Empty((await store.HistoryAsync(new RevisionQuery(), Cancellation)).Items);
        Assert.Null(await store.FindAsync(1, Cancellation));
        Assert.Null(await store.AtAsync(1, Cancellation));
    }

    [Fact]
    public async Task Revisions_are_numbered_and_survive_restarts()
    {
        for (var i = 1; i <= 4; i++)
        {
            await using var store = await OpenAsync();
            Assert.Equal(i - 1, store.Revision);
            await SaveAsync(store, ("a", $$"""{ "n":  {{i}} }"""), (i == 2 ? "b" : "c", $"[{i}]"));
        }

        await using var again = await OpenAsync();
        Assert.Empty(again.Notes);
        Assert.Equal(4, again.Revision);
        Assert.Equal("""a={"n":4}@4 b=[2]@2 c=[4]@4""", Show(again.Documents));
        Assert.Equal([4, 3, 2, 1], (await again.HistoryAsync(new RevisionQuery(), Cancellation)).Items.Select(r => r.Number));
        for (var i = 1; i <= 4; i++)
        {
            var revision = await again.FindAsync(i, Cancellation);
            Assert.Equal("anna", revision!.Header.Author);
            Assert.Equal(i == 1 ? null : $$"""{"n":{{i - 1}}}""", revision.Changes[0].Before);
            Assert.Equal($$"""{"n":{{i}}}""", revision.Changes[0].After);
            Assert.Equal(i, (await again.AtAsync(i, Cancellation))!["a"].Revision);
        }
    }

    [Fact]
    public async Task Deleting_a_document_is_a_revision_and_can_be_looked_back_at()
    {
        await using var store = await OpenAsync();
        await SaveAsync(store, ("a", "1"), ("b", "2"));
        await SaveAsync(store, ("a", null));
        Assert.Equal("b=2@1", Show(store.Documents));
        Assert.Equal(new DocumentChange("a", "1", null), Assert.Single((await store.FindAsync(2, Cancellation))!.Changes));
        Assert.Equal("a=1@1 b=2@1", Show((await store.AtAsync(1, Cancellation))!));
    }

    [Fact]
    public async Task What_changes_nothing_is_no_revision()
    {
        await using var store = await OpenAsync();
        await SaveAsync(store, ("a", """{"x":1}"""));
        Assert.Null(await store.SaveAsync([new DocumentWrite("a", """{ "x": 1 }"""), new DocumentWrite("gone", null)], "anna", "", Cancellation));
        Assert.Equal(1, store.Revision);
    }

    [Fact]
    public async Task The_history_is_read_page_by_page_and_by_document()
    {
        await using (var store = await OpenAsync())
        {
            for (var i = 1; i <= 5; i++)
            {
                await SaveAsync(store, (i % 2 == 0 ? "even" : "odd", $"{i}"));
            }
        }

        await using var again = await OpenAsync();
        for (var i = 6; i <= 9; i++)
        {
            await SaveAsync(again, (i % 2 == 0 ? "even" : "odd", $"{i}"));
        }

        var read = new List<int>();
        for (RevisionPage? page = null; page is null or { Next: not null };)
        {
            page = await again.HistoryAsync(new RevisionQuery { Touches = d => d == "odd", Limit = 2, Below = page?.Next }, Cancellation);
            Assert.InRange(page.Items.Count, 1, 2);
            read.AddRange(page.Items.Select(r => r.Number));
        }

        Assert.Equal([9, 7, 5, 3, 1], read);
    }

    [Fact]
    public async Task A_torn_last_line_is_passed_over_and_nothing_else_is_lost()
    {
        await using (var store = await OpenAsync())
        {
            await SaveAsync(store, ("a", "1"));
            await SaveAsync(store, ("a", "2"));
            await SaveAsync(store, ("a", "3"));
        }

        var whole = await File.ReadAllBytesAsync(Journals[0], Cancellation);
        var second = whole.AsSpan()[..^1].LastIndexOf((byte)'\n') + 1;
        for (var cut = second; cut < whole.Length; cut += 7)
        {
            await File.WriteAllBytesAsync(Journals[0], whole[..cut], Cancellation);
            Journals.Skip(1).ToList().ForEach(File.Delete);
            await using var store = await OpenAsync();
            Assert.Equal("a=2@2", Show(store.Documents));
            await SaveAsync(store, ("a", "4"));
            Assert.Equal(3, store.Revision);
            Assert.Equal("2", (await store.FindAsync(3, Cancellation))!.Changes[0].Before);
        }
    }

    [Fact]
    public async Task A_damaged_line_costs_itself_and_is_told()
    {
        await using (var store = await OpenAsync())
        {
            await SaveAsync(store, ("a", "1"));
            await SaveAsync(store, ("b", "2"));
            await SaveAsync(store, ("c", "3"));
        }

        var lines = await File.ReadAllLinesAsync(Journals[0], Cancellation);
        lines[2] = lines[2].Replace("\"json\":2", "\"json\":7", StringComparison.Ordinal);
        await File.WriteAllTextAsync(Journals[0], string.Join('\n', lines) + "\n", Cancellation);

        await using var again = await OpenAsync();
        Assert.Equal("a=1@1 c=3@3", Show(again.Documents));
        Assert.Contains("1 lines of journal-000001.jsonl are damaged", Assert.Single(again.Notes), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("empty")]
    public async Task A_lost_newest_file_is_completed_from_those_before(string damage)
    {
        for (var i = 1; i <= 3; i++)
        {
            await using var store = await OpenAsync();
            await SaveAsync(store, ("a", $"{i}"));
        }

        Damage.Apply(Journals[^1], damage);
        await using var again = await OpenAsync();
        Assert.Equal("a=2@2", Show(again.Documents));
        Assert.NotEmpty(again.Notes);
        await SaveAsync(again, ("a", "4"));
        Assert.Equal(3, again.Revision);
    }

    [Fact]
    public async Task Text_that_is_no_JSON_is_refused()
    {
        await using var store = await OpenAsync();
        await Assert.ThrowsAnyAsync<JsonException>(() => SaveAsync(store, ("a", "{")));
        Assert.Equal(0, store.Revision);
    }

    public static TheoryData<DiskFault> Faults => [DiskFault.NoSpace, DiskFault.InputOutput, DiskFault.FalseAlarm];

    /// <summary>Fails each operation of the disk in turn, saves on, cuts the power, and opens again: what was acknowledged is there.</summary>
    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Whatever_write_fails_what_was_acknowledged_stays(DiskFault fault)
    {
        for (var failing = 1; ; failing++)
        {
            var disk = FailingFileSystem.FailingOnce(failing, fault);
            using var folder = new TempFolder(inMemory: true);
            var acknowledged = "";
            try
            {
                await using var store = await OpenAsync(disk.Options(folder.Path));
                for (var i = 1; i <= 3; i++)
                {
                    try
                    {
                        await SaveAsync(store, ("a", $"{i}"));
                        acknowledged = $"a={i}@{store.Revision}";
                    }
                    catch (IOException)
                    {
                        Assert.Equal(acknowledged, Show(store.Documents));
                    }
                }
            }
            catch (IOException)
            {
                // Opening failed: nothing was acknowledged.
            }

            var hasFailed = disk.Operations >= failing;
            disk.Plan = (_, _) => null;
            disk.PowerCut(() => false);
            await using var again = await OpenAsync(new FailingFileSystem().Options(folder.Path));
            Assert.Equal(acknowledged, Show(again.Documents));
            if (!hasFailed)
            {
                Assert.True(failing > 10, "the plan never met the disk");
                return;
            }
        }
    }

    [Fact]
    public async Task A_full_disk_keeps_the_old_revision()
    {
        var disk = new FailingFileSystem();
        await using (var store = await OpenAsync(disk.Options(_folder.Path)))
        {
            await SaveAsync(store, ("a", "1"));
            disk.Plan = (_, _) => DiskFault.NoSpace;
            await Assert.ThrowsAsync<IOException>(() => SaveAsync(store, ("a", "2")));
            await Assert.ThrowsAsync<IOException>(() => SaveAsync(store, ("a", "3")));
            Assert.Equal("a=1@1", Show(store.Documents));
            disk.Plan = (_, _) => null;
            await SaveAsync(store, ("a", "4"));
            Assert.Equal([2, 1], (await store.HistoryAsync(new RevisionQuery(), Cancellation)).Items.Select(r => r.Number));
        }

        await using var again = await OpenAsync();
        Assert.Equal("a=4@2", Show(again.Documents));
        Assert.Equal("4", (await again.FindAsync(2, Cancellation))!.Changes[0].After);
        Assert.Equal([2, 1], (await again.HistoryAsync(new RevisionQuery(), Cancellation)).Items.Select(r => r.Number));
    }

    [Fact]
    public async Task The_sites_of_the_former_version_become_documents()
    {
        Directory.CreateDirectory(Folder);
        WriteFormer(3, """{"tenants":[{"name":"acme","x":1},{"name":"shop"}]}""");
        WriteFormer(4, """{"tenants":[{"name":"acme","x":2}]}""");
        using (var database = new LiteDatabase(new ConnectionString { Filename = Path.Combine(_folder.Path, "config.db"), Collation = new Collation("en-US/Ordinal") }))
        {
            database.GetCollection("revisions").Insert(new BsonDocument
            {
                ["_id"] = 2,
                ["at"] = SampleRecords.Start.UtcTicks,
                ["author"] = "ben",
                ["comment"] = "older",
                ["json"] = """{"tenants":[{"name":"acme"}]}""",
            });
            database.GetCollection("tokens").Insert(new BsonDocument { ["_id"] = "ci", ["hash"] = "abc", ["at"] = SampleRecords.Start.UtcTicks });
        }

        for (var i = 0; i < 2; i++)
        {
            await using var store = await OpenAsync();
            Assert.Equal(4, store.Revision);
            Assert.Equal("""tenant/acme={"name":"acme","x":2}@4""", Show(store.Documents));
            Assert.Equal([4, 3, 2], (await store.HistoryAsync(new RevisionQuery(), Cancellation)).Items.Select(r => r.Number));
            Assert.Equal("older", (await store.FindAsync(2, Cancellation))!.Header.Comment);
            Assert.Equal("""{"name":"shop"}""", (await store.AtAsync(3, Cancellation))!["tenant/shop"].Json);
            Assert.Equal("ci", Assert.Single(store.Tokens).Name);
        }
    }

    [Fact]
    public async Task Tokens_are_added_replaced_and_removed()
    {
        await using (var store = await OpenAsync())
        {
            await store.AddTokenAsync(new TokenRecord("a", "1", SampleRecords.Start), Cancellation);
            await store.AddTokenAsync(new TokenRecord("a", "2", SampleRecords.Start), Cancellation);
        }

        await using var again = await OpenAsync();
        Assert.Equal("2", Assert.Single(again.Tokens).Hash);
        Assert.True(await again.RemoveTokenAsync("a", Cancellation));
        Assert.False(await again.RemoveTokenAsync("a", Cancellation));
        Assert.Empty(again.Tokens);
    }

    public void Dispose() => _folder.Dispose();

    private static string Show(IReadOnlyDictionary<string, SettingsDocument> documents) =>
        string.Join(' ', documents.OrderBy(d => d.Key, StringComparer.Ordinal).Select(d => $"{d.Key}={d.Value.Json}@{d.Value.Revision}"));

    private static Task<RevisionHeader?> SaveAsync(SettingsStore store, params (string Document, string? Json)[] changes) =>
        store.SaveAsync([.. changes.Select(c => new DocumentWrite(c.Document, c.Json))], "anna", "", Cancellation);

    private void WriteFormer(int number, string site) => File.WriteAllText(
        Path.Combine(Folder, $"site-{number:d6}.json"),
        JsonSerializer.Serialize(new { number, at = SampleRecords.Start, author = "anna", comment = "", site = JsonDocument.Parse(site) }));

    private Task<SettingsStore> OpenAsync() => OpenAsync(new FailingFileSystem().Options(_folder.Path));

    private Task<SettingsStore> OpenAsync(StoreOptions options) => SettingsStore.OpenAsync(options, _time, NullLogger.Instance, Cancellation);
}
