using System.Diagnostics;

namespace SecuEdge.Content.Tests;

/// <summary>Real documents: what each is known to hold is found, and the clean ones are left alone.</summary>
public sealed class OfficeCorpusTests(ITestOutputHelper output)
{
    [Fact]
    public void Every_office_sample_is_read_in_time_without_an_error_of_ours()
    {
        var root = Samples.Require("docs/oletools");
        foreach (var path in Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories).Order())
        {
            var watch = Stopwatch.StartNew();
            using var anatomy = Samples.Examine(Samples.WithAttachment(File.ReadAllBytes(path), Path.GetFileName(path)));
            var active = anatomy.AllParts().Aggregate(ActiveContent.None, (all, part) => all | part.Active);
            output.WriteLine($"{Path.GetRelativePath(root, path)}\t{active}\t{anatomy.Flags}\t{watch.ElapsedMilliseconds} ms\t{string.Join(" ; ", anatomy.AllParts().SelectMany(part => part.Evidence).Distinct().Take(6))}\t{string.Join(" | ", anatomy.Troubles)}");
            Assert.DoesNotContain(anatomy.Troubles, trouble => trouble.StartsWith("Examination failed", StringComparison.Ordinal));
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), path);
        }
    }
}
