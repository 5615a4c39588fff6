using System.Diagnostics;
using System.Net;
using SecuEdge.Content;
using SecuEdge.Filter.Checks;
using SecuEdge.Smtp;
using SecuEdge.TestKit;

namespace SecuEdge.Filter.Tests.Checks;

/// <summary>What the structure of real mail says: how often each finding is made, and what would be quarantined by structure alone.</summary>
public sealed class StructureFiguresTests(ITestOutputHelper output)
{
    [Fact(Explicit = true)]
    public async Task Figures_over_real_mail()
    {
        var archive = TestData.Find("mail-dev.tar.gz");
        if (archive is null)
        {
            Assert.Skip("mail-dev.tar.gz is not beside the repository: nothing was measured.");
        }

        using var folder = new TempFolder();
        using (var tar = Process.Start("tar", ["-xzf", archive, "-C", folder.Path]))
        {
            await tar.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        var root = Path.Combine(folder.Path, "dev");
        Dictionary<(string Label, string Code), List<string>> found = [];
        Dictionary<string, int> totals = [];
        var anatomist = new Anatomist(new AnatomyBudget(), folder.Path, TimeProvider.System);
        var (structure, anatomy) = (new StructureCheck(), new AnatomyCheck());
        foreach (var line in await File.ReadAllLinesAsync(Path.Combine(root, "manifest.tsv"), TestContext.Current.CancellationToken))
        {
            var columns = line.Split('\t');
            var path = Path.Combine(root, columns[0]);
            if (!File.Exists(path) && !File.Exists(path = Path.Combine(folder.Path, columns[0])))
            {
                continue;
            }

            totals[columns[1]] = totals.GetValueOrDefault(columns[1]) + 1;
            var bytes = new MemoryBytes(await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken));
            using var parts = anatomist.Examine(bytes, TestContext.Current.CancellationToken);
            var facts = Facts.Of(bytes) with { Anatomy = parts };
            foreach (var check in new ICheck[] { structure, anatomy })
            {
                foreach (var finding in (await check.RunAsync(facts, TestContext.Current.CancellationToken)).Findings)
                {
                    var key = (columns[1], finding.Code + (finding.Action is { } action ? $" ({action})" : ""));
                    (found.TryGetValue(key, out var list) ? list : found[key] = []).Add($"{columns[0]} {finding.Detail}");
                }
            }
        }

        Assert.NotEmpty(totals);
        foreach (var (key, files) in found.OrderBy(pair => pair.Key.Label, StringComparer.Ordinal).ThenByDescending(pair => pair.Value.Count))
        {
            output.WriteLine($"{key.Label} {key.Code}: {files.Count} of {totals[key.Label]}{(key.Label == "ham" ? "   " + string.Join(" | ", files.Take(3)) : "")}");
        }
    }
}
