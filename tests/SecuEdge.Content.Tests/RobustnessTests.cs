using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using SecuEdge.Content.Files;
using SecuEdge.TestKit;

namespace SecuEdge.Content.Tests;

/// <summary>Whatever comes, the answer is an anatomy, and soon.</summary>
public sealed class RobustnessTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData("mime")]
    [InlineData("dsn")]
    [InlineData("archives")]
    [InlineData("docs")]
    [InlineData("eicar-mime")]
    public void No_sample_throws_or_takes_long(string folder)
    {
        var failures = new List<string>();
        var files = Directory.GetFiles(Samples.Require(folder), "*", SearchOption.AllDirectories);
        Array.Sort(files, StringComparer.Ordinal);
        foreach (var file in files)
        {
            var bytes = File.ReadAllBytes(file);
            Try(file, bytes, failures);
            if (folder is "archives" or "docs")
            {
                Try(file + " attached", Samples.WithAttachment(bytes, Path.GetFileName(file)), failures);
            }
        }

        Assert.True(failures.Count == 0, string.Join('\n', failures));
        output.WriteLine($"{files.Length} files");
    }

    [Fact]
    public void Ordinary_mail_is_parsed_and_hardly_ever_ambiguous()
    {
        var path = TestData.Find("mail-dev.tar.gz");
        if (path is null)
        {
            Assert.Skip("No mail-dev.tar.gz: set SECUEDGE_TEST_DATA.");
        }

        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        var messages = new List<(string Name, byte[] Bytes)>();
        using var tar = new TarReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        while (messages.Count < 1_000 && tar.GetNextEntry() is { } entry)
        {
            if (entry.DataStream is null)
            {
                continue;
            }

            using var content = new MemoryStream();
            entry.DataStream.CopyTo(content);
            if (entry.Name.EndsWith("manifest.tsv", StringComparison.Ordinal))
            {
                foreach (var row in System.Text.Encoding.UTF8.GetString(content.ToArray()).Split('\n').Select(line => line.Split('\t')).Where(row => row.Length > 1))
                {
                    labels[row[0]] = row[1].Trim();
                }
            }
            else if (!entry.Name.EndsWith(".tsv", StringComparison.Ordinal))
            {
                messages.Add((entry.Name, content.ToArray()));
            }
        }

        Assert.NotEmpty(messages);
        Report(messages, labels);
    }

    private void Report(List<(string Name, byte[] Bytes)> messages, Dictionary<string, string> labels)
    {
        var flags = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var unparseable = new List<string>();
        var scripts = new List<string>();
        foreach (var (name, bytes) in messages)
        {
            using var anatomy = Samples.Examine(bytes);
            var key = labels.FirstOrDefault(label => name.EndsWith(label.Key, StringComparison.Ordinal)).Value ?? "?";
            counts[key] = counts.GetValueOrDefault(key) + 1;
            foreach (var flag in Enum.GetValues<AnatomyFlags>().Where(flag => flag != 0 && anatomy.Flags.HasFlag(flag)))
            {
                flags[$"{key} {flag}"] = flags.GetValueOrDefault($"{key} {flag}") + 1;
            }

            foreach (var active in Enum.GetValues<ActiveContent>().Where(active => active != 0 && anatomy.AllParts().Any(part => part.Active.HasFlag(active))))
            {
                flags[$"{key} {active}"] = flags.GetValueOrDefault($"{key} {active}") + 1;
            }

            // Straight from the bytes, without the rule that a text body is shown as text.
            var text = System.Text.Encoding.UTF8.GetBytes(anatomy.Text);
            if (FileTypes.FamilyOf(FileTypeDetector.Detect(text, text)) == FileFamily.Executable)
            {
                scripts.Add($"{name}: {FileTypeDetector.Detect(text, text)}");
            }

            if (anatomy.Flags.HasFlag(AnatomyFlags.Unparseable))
            {
                unparseable.Add($"{name}: {string.Join(" | ", anatomy.Troubles)}");
            }

            if (anatomy.Flags.HasFlag(AnatomyFlags.Ambiguous))
            {
                output.WriteLine($"{key} {name}\n{Samples.Describe(anatomy)}");
            }
        }

        output.WriteLine(string.Join('\n', counts.Concat(flags).Select(pair => $"{pair.Key}: {pair.Value}")));
        Assert.True(unparseable.Count == 0, string.Join('\n', unparseable));
        Assert.True(scripts.Count == 0, string.Join('\n', scripts));
        var ham = counts.GetValueOrDefault("ham");
        foreach (var active in (ReadOnlySpan<ActiveContent>)[ActiveContent.Script, ActiveContent.Smuggling, ActiveContent.PasswordForm])
        {
            Assert.True(flags.GetValueOrDefault($"ham {active}") <= ham / 200, $"{active} in {flags.GetValueOrDefault($"ham {active}")} of {ham} ham messages");
        }

        Assert.True(flags.GetValueOrDefault("ham Ambiguous") <= ham / 100, $"{flags.GetValueOrDefault("ham Ambiguous")} of {ham} ham messages are ambiguous");
    }

    private static void Try(string name, byte[] message, List<string> failures)
    {
        var watch = Stopwatch.StartNew();
        try
        {
            using var anatomy = Samples.Examine(message);
            Assert.NotEmpty(anatomy.AllParts());
        }
        catch (Exception exception)
        {
            failures.Add($"{name}: {exception}");
        }

        if (watch.Elapsed > Limit)
        {
            failures.Add($"{name}: {watch.Elapsed}");
        }
    }
}
