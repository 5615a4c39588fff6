using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using SecuEdge.Cage.Yara;
using SecuEdge.Content;
using SecuEdge.TestKit;

namespace SecuEdge.Cage.Tests.Yara;

/// <summary>The files of <c>appliance/yara</c>: each rule finds what it is for, and none of them what is honest.</summary>
public sealed class OurRulesTests
{
    private static readonly Lazy<(CompiledRules Answer, byte[] Compiled)> Set = new(() => RuleJobs.Compile(
        [.. Directory.GetFiles(Path.Combine(TestData.RepositoryRoot, "appliance", "yara"), "*.yar").Order(StringComparer.Ordinal).Select(f => new RuleSource(Path.GetFileName(f), File.ReadAllText(f)))]));

    // One worker for all tests: it keeps the compiled set.
    private static readonly RuleJobs Jobs = new();

    public OurRulesTests() => RuleJobs.SkipWithoutLibrary();

    public static TheoryData<int> Vectors => [.. Enumerable.Range(0, RuleVector.All.Count)];

    [Fact]
    public void They_compile_without_an_error_or_a_warning()
    {
        Assert.Empty(Set.Value.Answer.Errors);
        Assert.Empty(Set.Value.Answer.Warnings);
    }

    [Fact]
    public void Each_says_what_it_means()
    {
        Assert.All(Set.Value.Answer.Rules, rule =>
        {
            Assert.Equal("SecuEdge", rule.Meta["author"]);
            Assert.NotEmpty(rule.Meta["description"]);
            Assert.Matches(@"^20\d\d-\d\d-\d\d$", rule.Meta["date"]);
            Assert.Contains(rule.Meta["severity"], (string[])["malware", "suspicious"]);
            Assert.Equal(rule.Meta["severity"] == "suspicious", rule.Meta.ContainsKey("score"));
            Assert.True(!rule.Meta.TryGetValue("score", out var score) || int.Parse(score, null) is >= 1 and <= 10, rule.Name);
        });
    }

    [Fact]
    public void No_two_have_one_name() => Assert.Equal(Set.Value.Answer.Rules.Count, Set.Value.Answer.Rules.Select(r => r.Name).Distinct().Count());

    [Fact]
    public void Each_has_a_vector() => Assert.Empty(Set.Value.Answer.Rules.Select(r => r.Name).Except(RuleVector.All.Select(v => v.Rule)));

    [Theory]
    [MemberData(nameof(Vectors))]
    public void A_rule_finds_what_it_is_for(int index)
    {
        var vector = RuleVector.All[index];
        var matches = Scan(vector.Bytes, vector.FileName);

        Assert.True(matches.Contains(vector.Rule), $"{vector.Rule} did not find its vector, which {string.Join(", ", matches.DefaultIfEmpty("none"))} found");
    }

    [Theory]
    [InlineData("An ordinary macro", "Attribute VB_Name = \"Module1\"\r\nSub Workbook_Open()\r\n  Sheets(1).Range(\"A1\").Value = Chr(65) & Date\r\nEnd Sub\r\n")]
    [InlineData("A page with a link", "<html><body><p>Hello</p><a href=\"https://www.example.com/\" download>more</a><script src=\"a.js\"></script></body></html>")]
    [InlineData("A page that saves its table", "<html><body><p>Report</p><script>var b = new Blob([csv]); a.href = URL.createObjectURL(b); a.download = 'report.csv';</script></body></html>")]
    [InlineData("A page with a search form", "<html><body><form action=\"https://www.example.com/search\"><input type=\"text\" name=\"q\"></form>Microsoft</body></html>")]
    [InlineData("A drawing", "<svg xmlns=\"http://www.w3.org/2000/svg\"><path d=\"M0 0h8v8\"/><text>location of the office</text></svg>")]
    [InlineData("A document with its own template", "<Relationship Type=\"x/attachedTemplate\" Target=\"file:///C:\\Users\\x\\Normal.dotm\" TargetMode=\"External\"/>")]
    [InlineData("A link file", "[InternetShortcut]\r\nURL=https://www.example.com/\r\n")]
    [InlineData("A batch file", "@echo off\r\nset x=1\r\ncopy %1 %2\r\n")]
    [InlineData("A script", "Set f = CreateObject(\"Scripting.FileSystemObject\")\r\nWScript.Echo f.GetFolder(\".\").Files.Count\r\n")]
    [InlineData("A PDF with a link", "%PDF-1.7\n1 0 obj<</Type/Catalog/OpenAction[3 0 R/Fit]>>endobj\n2 0 obj<</S/URI/URI(https://www.example.com/)>>endobj")]
    [InlineData("An RTF with a picture", "{\\rtf1\\ansi{\\pict\\pngblip 89504e470d0a1a0a}}")]
    [InlineData("A text about attacks", "Never run powershell or cmd.exe from a mail; macros with AutoOpen and Shell are dangerous.")]
    [InlineData("A table with formulas", "name;sum\r\nA;=SUM(A1:A4)\r\nB;-3\r\nC;@home\r\n")]
    public void Honest_files_are_found_by_none(string what, string text) => Assert.True(Scan(Encoding.Latin1.GetBytes(text), "").Count == 0, what);

    [Fact]
    public void An_archive_of_pictures_and_one_of_a_program_are_found_by_none()
    {
        foreach (var names in new string[][] { ["a.jpg", "b.jpg"], ["setup.exe"], ["report.v1.pdf"], ["library.js", "readme.txt"] })
        {
            using var bytes = new MemoryStream();
            using (var archive = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
            {
                foreach (var name in names)
                {
                    using var entry = archive.CreateEntry(name).Open();
                    entry.Write("harmless"u8);
                }
            }

            Assert.Empty(Scan(bytes.ToArray(), "x.zip"));
        }
    }

    /// <summary>Parts of honest mail, taken apart as the gateway does.</summary>
    [Fact]
    public void No_part_of_honest_mail_is_convicted()
    {
        var archive = TestData.Find("mail-dev.tar.gz");
        Assert.SkipWhen(archive is null, "SKIPPED: the sample folder with mail-dev.tar.gz is absent");
        using var folder = new TempFolder();
        var anatomist = new Anatomist(new AnatomyBudget(), folder.Path, TimeProvider.System);
        Dictionary<string, int> hits = [];
        var (messages, parts) = (0, 0);
        foreach (var message in Ham(archive!))
        {
            messages++;
            using var anatomy = anatomist.Examine(new MemoryBytes(message), CancellationToken.None);
            foreach (var part in anatomy.AllParts().Where(p => p.Content is { Length: > 0 }))
            {
                parts++;
                using var bytes = new MemoryStream();
                using (var content = part.Content!.OpenRead())
                {
                    content.CopyTo(bytes);
                }

                foreach (var rule in Scan(bytes.ToArray(), part.FileName ?? ""))
                {
                    hits[rule] = hits.GetValueOrDefault(rule) + 1;
                }
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{messages} messages, {parts} parts: {string.Join(", ", hits.Select(h => $"{h.Key} {h.Value}").DefaultIfEmpty("no hit"))}");
        Assert.True(messages > 2000, $"only {messages} messages were read");
        var malware = Set.Value.Answer.Rules.Where(r => r.Meta["severity"] == "malware").Select(r => r.Name).ToHashSet();
        Assert.DoesNotContain(hits.Keys, malware.Contains);
    }

    [Fact]
    public void Ten_megabytes_take_no_longer_than_the_sending_server_waits_for_any_other_scan()
    {
        var random = new Random(3);
        foreach (var size in (int[])[4096, 1 << 20, 10 << 20])
        {
            var bytes = new byte[size];
            random.NextBytes(bytes);
            Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("<p>an ordinary text with function and location</p>\r\n", size / 200))).CopyTo(bytes, 0);
            Scan(bytes, "warm");
            var watch = Stopwatch.StartNew();
            Scan(bytes, "measured");
            TestContext.Current.TestOutputHelper?.WriteLine($"{size} bytes: {watch.Elapsed.TotalMilliseconds:0.00} ms");
            Assert.InRange(watch.Elapsed.TotalSeconds, 0, 5);
        }
    }

    private static IReadOnlyList<string> Scan(byte[] bytes, string name)
    {
        var answer = Jobs.Ask(new RuleScanQuestion("ours", 0, name, "", 20), new MemoryBytes(bytes));
        if (answer.NeedsRules)
        {
            answer = Jobs.Ask("ours", Set.Value.Compiled, bytes, name, seconds: 20);
        }

        Assert.Equal("", answer.Trouble);
        return [.. answer.Matches.Select(m => m.Name)];
    }

    private static IEnumerable<byte[]> Ham(string archive)
    {
        using var file = File.OpenRead(archive);
        using var gzip = new GZipStream(file, CompressionMode.Decompress);
        using var reader = new System.Formats.Tar.TarReader(gzip);
        HashSet<string>? ham = null;
        Dictionary<string, byte[]> early = [];
        while (reader.GetNextEntry() is { } entry)
        {
            if (entry.DataStream is null)
            {
                continue;
            }

            using var bytes = new MemoryStream();
            entry.DataStream.CopyTo(bytes);
            var path = entry.Name.Replace("dev/", "", StringComparison.Ordinal).TrimStart('.', '/');
            if (path == "manifest.tsv")
            {
                ham = [.. Encoding.UTF8.GetString(bytes.ToArray()).Split('\n').Select(l => l.Split('\t')).Where(f => f.Length > 1 && f[1].Trim() == "ham").Select(f => f[0])];
            }
            else if (ham is null)
            {
                early[path] = bytes.ToArray();
            }
            else if (ham.Contains(path))
            {
                yield return bytes.ToArray();
            }
        }

        foreach (var (path, bytes) in early)
        {
            if (ham?.Contains(path) == true)
            {
                yield return bytes;
            }
        }
    }
}
