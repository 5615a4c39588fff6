using System.Diagnostics;

namespace SecuEdge.Content.Tests.Documents;

/// <summary>Real documents: what each is known to hold is found, and the clean ones are left alone.</summary>
public sealed class OfficeCorpusTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("clean.docx", ActiveContent.None)]
    [InlineData("clean.rtf", ActiveContent.None)]
    [InlineData("ext-template.docx", ActiveContent.ExternalTemplate)]
    [InlineData("ext-oleobject.docx", ActiveContent.ExternalObject)]
    [InlineData("dde-split.docx", ActiveContent.Dde)]
    [InlineData("macro.docm", ActiveContent.Macro)]
    [InlineData("macro-renamed.docx", ActiveContent.Macro)]
    [InlineData("sylk.slk", ActiveContent.ExcelMacro | ActiveContent.MacroAutoExec | ActiveContent.MacroSuspicious)]
    public void The_documents_of_the_corpus_say_what_their_labels_say(string name, ActiveContent expected)
    {
        using var anatomy = Samples.Examine(Samples.WithAttachment(File.ReadAllBytes(Path.Combine(Samples.Require("eicar-docs"), name)), name));
        var active = anatomy.AllParts().Aggregate(ActiveContent.None, (all, part) => all | part.Active);
        Assert.True(expected == ActiveContent.None ? active == expected : active.HasFlag(expected), active.ToString());
        Assert.Equal(name == "macro-renamed.docx", anatomy.Flags.HasFlag(AnatomyFlags.TypeMismatch));
    }

    /// <summary>Folder or file, and what every file below it holds.</summary>
    [Theory]
    [InlineData("excel4-macros", ActiveContent.ExcelMacro | ActiveContent.MacroAutoExec)]
    [InlineData("oleobj/external_link", ActiveContent.ExternalObject)]
    [InlineData("olevba", ActiveContent.Macro)]
    [InlineData("oleform", ActiveContent.Macro)]
    [InlineData("msodde/dde-*", ActiveContent.Dde)]
    [InlineData("oleobj/embedded-*", ActiveContent.EmbeddedFile)]
    [InlineData("oleobj/sample_with_*", ActiveContent.EmbeddedFile)]
    [InlineData("encrypted/*-standardpassword.xls?", ActiveContent.None)]
    [InlineData("msodde/harmless-*", ActiveContent.None)]
    [InlineData("ooxml/harmless-*", ActiveContent.None)]
    [InlineData("other", ActiveContent.None)]
    public void Real_documents_say_what_they_hold(string samples, ActiveContent expected)
    {
        var paths = FilesOf(samples);
        Assert.NotEmpty(paths);
        foreach (var path in paths)
        {
            using var anatomy = Samples.Examine(Samples.WithAttachment(File.ReadAllBytes(path), Path.GetFileName(path)));
            var active = anatomy.AllParts().Aggregate(ActiveContent.None, (all, part) => all | part.Active);

            // Those in locked archives are for the readers of archives.
            if (!anatomy.Flags.HasFlag(AnatomyFlags.EncryptedArchive))
            {
                var isDefaultPassword = path.Contains("standardpassword", StringComparison.Ordinal);
                Assert.True(isDefaultPassword ? active != ActiveContent.None : expected == ActiveContent.None ? active == ActiveContent.None : active.HasFlag(expected), $"{path}: {active}");
            }
        }
    }

    [Fact]
    public void Every_locked_sample_is_known_as_locked_unless_the_lock_is_the_default_one()
    {
        foreach (var path in FilesOf("encrypted"))
        {
            using var anatomy = Samples.Examine(Samples.WithAttachment(File.ReadAllBytes(path), Path.GetFileName(path)));
            var isOpened = path.Contains("standardpassword", StringComparison.Ordinal) && !path.EndsWith(".xls", StringComparison.Ordinal);
            Assert.True(isOpened != anatomy.Flags.HasFlag(AnatomyFlags.EncryptedArchive), path);
        }
    }

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

    private static List<string> FilesOf(string samples)
    {
        var root = Samples.Require("docs/oletools");
        var pattern = samples.Contains('*', StringComparison.Ordinal) ? Path.GetFileName(samples) : "*";
        var folder = Path.Combine(root, samples.Contains('*', StringComparison.Ordinal) ? Path.GetDirectoryName(samples)! : samples);
        return [.. Directory.EnumerateFiles(folder, pattern).Order()];
    }
}
