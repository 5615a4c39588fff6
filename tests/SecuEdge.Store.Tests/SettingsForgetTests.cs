using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SecuEdge.Store.Settings;
using SecuEdge.TestKit;

namespace SecuEdge.Store.Tests;

/// <summary>Documents taken out of the history, too.</summary>
public sealed class SettingsForgetTests : IDisposable
{
    private readonly TempFolder _folder = new(inMemory: true);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Nothing_of_them_is_on_disk_and_the_rest_is_as_it_was(int runs)
    {
        for (var run = 0; run < runs; run++)
        {
            // Each run begins a file, which begins with all that is in force.
            await using var store = await OpenAsync();
            await store.SaveAsync([new("tenant/leaver", $$"""{"recipient":"jane.{{run}}"}"""), new("tenant/stayer", $$"""{"run":{{run}}}""")], "anna", $"jane.{run} comes", Cancelled);
        }

        await using (var store = await OpenAsync())
        {
            await store.SaveAsync([new("tenant/leaver", null)], "anna", "delete 'leaver'", Cancelled);
            await store.SaveAsync([new("tenant/stayer", """{"run":"last"}""")], "anna", "stays", Cancelled);
            await store.ForgetAsync(IsLeaver, Cancelled);
            await LookAsync(store, runs);
            await store.SaveAsync([new("tenant/other", "{}")], "anna", "goes on", Cancelled);
        }

        await using var again = await OpenAsync();
        Assert.Empty(again.Notes);
        await LookAsync(again, runs);
        Assert.Equal("{}", again.Documents["tenant/other"].Json);
    }

    [Fact]
    public async Task Names_of_documents_that_tell_more_than_whose_they_were_go_too()
    {
        await using (var store = await OpenAsync())
        {
            await store.SaveAsync([new("tenant/leaver", "{}"), new("recipients/leaver/jane.example/0000", "[]"), new("recipients/leaver/jane.example/0001", "[]")], "anna", "made", Cancelled);
            await store.SaveAsync([new("tenant/leaver", null), new("recipients/leaver/jane.example/0000", null), new("recipients/leaver/jane.example/0001", null)], "anna", "gone", Cancelled);
            await store.ForgetAsync(IsLeaver, Cancelled);
            Assert.Equal(["tenant/leaver", "recipients/leaver/"], (await store.HistoryAsync(new RevisionQuery(), Cancelled)).Items[0].Documents);
            Assert.DoesNotContain(Directory.GetFiles(Path.Combine(_folder.Path, "settings")), f => File.ReadAllText(f).Contains("jane", StringComparison.Ordinal));
        }

        await using var again = await OpenAsync();
        Assert.Empty(again.Notes);
        Assert.Equal(["tenant/leaver", "recipients/leaver/"], (await again.FindAsync(1, Cancelled))!.Changes.Select(c => c.Document));
    }

    [Fact]
    public async Task What_is_in_force_is_left_alone()
    {
        await using var store = await OpenAsync();
        await store.SaveAsync([new("tenant/leaver", """{"a":1}""")], "anna", "made", Cancelled);
        await store.ForgetAsync(IsLeaver, Cancelled);
        Assert.Equal("""{"a":1}""", store.Documents["tenant/leaver"].Json);
        Assert.Equal("""{"a":1}""", (await store.FindAsync(1, Cancelled))!.Changes[0].After);
    }

    [Fact]
    public async Task A_disk_that_fails_anywhere_loses_nothing_of_the_others()
    {
        for (var operation = 1; ; operation++)
        {
            using var folder = new TempFolder(inMemory: true);
            var disk = new FailingFileSystem();
            var failed = false;
            await using (var store = await SettingsStore.OpenAsync(disk.Options(folder.Path), new FakeTimeProvider(), NullLogger.Instance, Cancelled))
            {
                await store.SaveAsync([new("tenant/leaver", """{"recipient":"jane"}"""), new("tenant/stayer", "{}")], "anna", "", Cancelled);
                await store.SaveAsync([new("tenant/leaver", null)], "anna", "", Cancelled);
                var failAt = disk.Operations + operation;
                disk.Plan = (n, _) => n == failAt ? DiskFault.NoSpace : null;
                try
                {
                    await store.ForgetAsync(IsLeaver, Cancelled);
                }
                catch (IOException)
                {
                    failed = true;
                }

                disk.Plan = (_, _) => null;
                await store.SaveAsync([new("tenant/other", "{}")], "anna", "", Cancelled);
            }

            await using var again = await SettingsStore.OpenAsync(disk.Options(folder.Path), new FakeTimeProvider(), NullLogger.Instance, Cancelled);
            Assert.Equal(["tenant/other", "tenant/stayer"], again.Documents.Keys.Order(StringComparer.Ordinal));
            Assert.Equal(3, again.Revision);
            if (!failed)
            {
                return;
            }
        }
    }

    private async Task LookAsync(SettingsStore store, int runs)
    {
        Assert.DoesNotContain(Directory.GetFiles(Path.Combine(_folder.Path, "settings")), f => File.ReadAllText(f).Contains("jane", StringComparison.Ordinal));
        Assert.Equal("""{"run":"last"}""", store.Documents["tenant/stayer"].Json);
        Assert.DoesNotContain("tenant/leaver", store.Documents.Keys);
        var first = await store.FindAsync(1, Cancelled);
        Assert.Equal(("anna", "erased"), (first!.Header.Author, first.Header.Comment));
        Assert.Equal(("tenant/leaver", null, null), (first.Changes[0].Document, first.Changes[0].Before, first.Changes[0].After));
        Assert.Equal("""{"run":0}""", first.Changes[1].After);
        Assert.Equal($$"""{"run":{{runs - 1}}}""", (await store.AtAsync(runs, Cancelled))!["tenant/stayer"].Json);
        Assert.Contains((await store.HistoryAsync(new RevisionQuery(), Cancelled)).Items, h => h.Comment == "stays");
        Assert.DoesNotContain((await store.HistoryAsync(new RevisionQuery(), Cancelled)).Items, h => h.Comment.Contains("jane", StringComparison.Ordinal));
    }

    private static bool IsLeaver(string document) => document is "tenant/leaver" || document.StartsWith("recipients/leaver/", StringComparison.Ordinal);

    private Task<SettingsStore> OpenAsync() =>
        SettingsStore.OpenAsync(new StoreOptions { DataFolder = _folder.Path }, new FakeTimeProvider(), NullLogger.Instance, Cancelled);
}
