using System.Collections;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using SecuEdge.Cage.Examination;
using SecuEdge.Cage.Pool;
using SecuEdge.Content;
using SecuEdge.TestKit;

namespace SecuEdge.Cage.Tests;

/// <summary>What comes out of the cage is what an examination in process would say.</summary>
public sealed class AnatomyTests
{
    private static readonly byte[] Message = "message"u8.ToArray();
    private static readonly AnatomyLimits Limits = AnatomyLimits.Of(new AnatomyBudget(), 1024 * 1024);

    [Theory]
    [InlineData("eicar-mime")]
    [InlineData("eicar-archives")]
    [InlineData("eicar-docs")]
    public async Task Every_sample_is_the_same_in_the_cage(string folder)
    {
        if (TestData.Find(folder) is not { } root)
        {
            Assert.Skip($"No sample folder {folder}: set SECUEDGE_TEST_DATA.");
            return;
        }

        await using var cages = new Cages(options => options.Workers = 2);
        using var anatomist = Caged(cages);
        var differences = new List<string>();
        foreach (var file in Directory.GetFiles(root).Where(file => !file.EndsWith(".tsv", StringComparison.Ordinal)))
        {
            var bytes = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
            var message = new MemoryBytes(folder == "eicar-mime" ? bytes : WithAttachment(bytes, Path.GetFileName(file)));
            using var inProcess = new Anatomist(new AnatomyBudget(), cages.Folder, TimeProvider.System).Examine(message, TestContext.Current.CancellationToken);
            using var caged = await anatomist.ExamineCagedAsync(message, [], TestContext.Current.CancellationToken);
            var difference = Difference(inProcess, caged);
            if (difference.Length > 0)
            {
                differences.Add($"{Path.GetFileName(file)}: {difference}");
            }
        }

        Assert.True(differences.Count == 0, string.Join('\n', differences));
        Assert.Empty(cages.Replaced);
    }

    [Fact]
    public async Task A_message_that_is_a_file_gives_the_same_parts()
    {
        await using var cages = new Cages();
        using var anatomist = Caged(cages);
        var bytes = WithAttachment(Encoding.ASCII.GetBytes(new string('x', 2_000_000)), "a.bin", "8bit");
        var file = Path.Combine(cages.Folder, "message");
        await File.WriteAllBytesAsync(file, bytes, TestContext.Current.CancellationToken);

        using var fromMemory = await anatomist.ExamineCagedAsync(new MemoryBytes(bytes), [], TestContext.Current.CancellationToken);
        using (var fromFile = await anatomist.ExamineCagedAsync(new FileBytes(file), [], TestContext.Current.CancellationToken))
        {
            Assert.Equal("", Difference(fromMemory, fromFile));
            Assert.Single(Directory.GetDirectories(cages.Folder, "answer-*"));
        }

        Assert.Empty(Directory.GetDirectories(cages.Folder, "answer-*"));
    }

    [Fact]
    public async Task Plain_mail_never_enters_the_cage()
    {
        await using var cages = new Cages(options => options.Program = "/nowhere");
        using var anatomist = Caged(cages);
        var png = Convert.FromHexString("89504E470D0A1A0A0000000D49484452");
        var message = new MemoryBytes(WithAttachment(png, "a.png"));

        using var anatomy = await anatomist.ExamineAsync(message, [], TestContext.Current.CancellationToken);

        Assert.Contains(anatomy.AllParts(), part => part.DetectedType == "image/png");
        Assert.Equal(0, cages.Pool.Status.Restarts);
    }

    [Fact]
    public async Task Without_a_cage_a_zip_is_our_trouble_not_its()
    {
        await using var cages = new Cages(options => options.Program = "/nowhere");
        using var anatomist = Caged(cages);
        var exception = await Assert.ThrowsAsync<CageUnavailableException>(() => anatomist.ExamineAsync(Zip(), [], TestContext.Current.CancellationToken));
        Assert.Contains("/nowhere cannot be started", exception.Message);
    }

    [Fact]
    public async Task Bytes_that_kill_two_workers_are_a_fact_with_the_headers_kept()
    {
        await using var fake = await FakeWorker.StartAsync("kill -9 $$");
        using var anatomist = Caged(fake.Cages);

        using var anatomy = await anatomist.ExamineAsync(Zip(), [], TestContext.Current.CancellationToken);

        Assert.Equal(AnatomyFlags.Failed, anatomy.Flags);
        Assert.Equal("a subject", anatomy.Headers.Subject);
        Assert.Equal(64, anatomy.Root.Sha256.Length);
        Assert.Contains("signal 9", Assert.Single(anatomy.Troubles));
        Assert.Equal([CageRestart.Crashed, CageRestart.Crashed], fake.Cages.Replaced.Select(replaced => replaced.Reason).Take(2));
    }

    [Theory]
    [InlineData("\"Parts\":\\[.*\\]", "\"Parts\":[]")]
    [InlineData("\"Parent\":-1", "\"Parent\":0")]
    [InlineData("\"Parent\":0", "\"Parent\":1")]
    [InlineData("\"Parent\":0", "\"Parent\":-1")]
    [InlineData("\"Kind\":5", "\"Kind\":77")]
    [InlineData("\"Sha256\":\"[^\"]*\"", "\"Sha256\":\"abc\"")]
    [InlineData("\"FileName\":\"a\"", "\"FileName\":\"a\\u202e\"")]
    [InlineData("\"Attachment\":0", "\"Attachment\":1")]
    [InlineData("\"Attachment\":0", "\"Attachment\":-1")]
    [InlineData("\"Length\":4", "\"Length\":8")]
    [InlineData("\"Length\":4", "\"Length\":-1")]
    [InlineData("\"Start\":0", "\"Start\":9223372036854775807")]
    [InlineData("\"Start\":0", "\"Start\":-1")]
    [InlineData("\"Parts\":\\[", "\"Parts\":[null,")]
    [InlineData("\"Headers\":\\{.*?\\}", "\"Headers\":null")]
    [InlineData("\"Headers\":\\{.*?\\}", "\"Headers\":{}")]
    [InlineData("\"Subject\":\"\"", "\"Subject\":null")]
    [InlineData("\"All\":\\[\\]", "\"All\":[{}]")]
    [InlineData("\"Evidence\":\\[\\]", "\"Evidence\":[null]")]
    [InlineData("\"Evidence\":\\[\\],", "")]
    [InlineData("\"Text\":\"\"", "\"Text\":null")]
    [InlineData("\"Urls\":\\[\\]", "\"Urls\":[null]")]
    [InlineData("\"Links\":\\[\\]", "\"Links\":[{\"Url\":\"x\"}]")]
    [InlineData("^.*$", "null")]
    [InlineData("^.*$", "[[[[")]
    [InlineData("^.*$", "")]
    public void An_answer_that_cannot_be_is_void(string what, string otherwise)
    {
        var body = Regex.Replace(Body(), what, otherwise.Replace("\\u202e", "\u202e", StringComparison.Ordinal), RegexOptions.Singleline);
        Assert.NotEqual(Body(), body);
        Assert.Throws<InvalidDataException>(() => Read(body));
    }

    [Theory]
    [InlineData(PartKind.Body, "text/plain", "MZ", AnatomyFlags.None, true)]
    [InlineData(PartKind.Body, "text/html", "MZ", AnatomyFlags.None, true)]
    [InlineData(PartKind.Body, "application/pdf", "MZ", AnatomyFlags.None, false)]
    [InlineData(PartKind.Body, "text/plain", "Hello", AnatomyFlags.None, false)]
    [InlineData(PartKind.Body, "text/plain", "#!/bin/sh", AnatomyFlags.None, false)]
    [InlineData(PartKind.Attachment, "text/plain", null, AnatomyFlags.None, true)]
    [InlineData(PartKind.Entry, "text/plain", null, AnatomyFlags.None, true)]
    [InlineData(PartKind.Entry, "text/plain", null, AnatomyFlags.EncryptedArchive, false)]
    public void An_answer_that_hides_a_part_from_scanners_is_void(PartKind kind, string type, string? start, AnatomyFlags flags, bool isVoid)
    {
        var bytes = start switch { null => Message, "MZ" => Program(), _ => Encoding.ASCII.GetBytes(start) };
        var message = new MemoryBytes(bytes);
        var root = Anatomist.Root(message);
        root.Children.Add(new MessagePart { Path = "1", Kind = kind, DetectedType = type, Size = 7, Flags = flags, Content = start is null ? null : message });
        var body = AnatomyWriter.Write(new MessageAnatomy { Root = root, Headers = new(), Flags = default }, message).Body;

        Assert.Equal(isVoid, Record.Exception(() => Read(body, message)) is InvalidDataException);
    }

    [Fact]
    public void Equal_stretches_are_made_once_and_more_bytes_than_allowed_are_void()
    {
        var message = new MemoryBytes(new byte[600_000]);

        var parts = Read(Stretches(0, 0, 0), message).Root.Children;
        Assert.All(parts, part => Assert.Same(parts[0].Content, part.Content));
        Assert.Throws<InvalidDataException>(() => Read(Stretches(0, 1, 2), message));
        Assert.Throws<InvalidDataException>(() => Read(Stretches(new int[Limits.Parts]), message));

        string Stretches(params int[] starts)
        {
            var root = Anatomist.Root(message);
            foreach (var start in starts)
            {
                root.Children.Add(new MessagePart { Path = "1", Kind = PartKind.Reading, Content = new MemoryBytes(message.Memory!.Value.Slice(start, 500_000)) });
            }

            return AnatomyWriter.Write(new MessageAnatomy { Root = root, Headers = new(), Flags = default }, message).Body;
        }
    }

    [Fact]
    public void What_people_will_read_has_one_line_and_an_end()
    {
        var message = new MemoryBytes(Message);
        var root = Anatomist.Root(message);
        root.Children.Add(new MessagePart { Path = "1\n2", Kind = PartKind.Reading, Evidence = [new string('a', 10_000), "b\u001bc\u202e"] });
        var body = AnatomyWriter.Write(new MessageAnatomy { Root = root, Headers = new(), Flags = default, Troubles = ["d\re"] }, message).Body;

        var anatomy = Read(body, message);

        Assert.Equal(("1 2", "b c ", "d e"), (anatomy.Root.Children[0].Path, anatomy.Root.Children[0].Evidence[1], anatomy.Troubles[0]));
        Assert.Equal(2048, anatomy.Root.Children[0].Evidence[0].Length);
    }

    [Fact]
    public void Sizes_and_hashes_are_those_of_the_bytes_that_came()
    {
        using var anatomy = Read(Regex.Replace(Body(), "\"Size\":\\d+", "\"Size\":9"));
        Assert.Equal(7, anatomy.Root.Size);
        var part = Assert.Single(anatomy.Root.Children);
        Assert.Equal((4, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData("mess"u8))), (part.Size, part.Sha256));
    }

    /// <summary>Fails for a property that somebody adds to the anatomy and forgets on its way out of the cage.</summary>
    [Fact]
    public void Every_property_of_an_anatomy_travels()
    {
        var message = new MemoryBytes("message"u8.ToArray());
        var anatomy = Filled<MessageAnatomy>();
        var child = Filled<MessagePart>();
        child.Children.Add(Filled<MessagePart>());
        anatomy.Root.Children.Add(child);
        var sent = AnatomyWriter.Write(anatomy, message);
        using var answer = new CageOutcome.Answered(sent.Body, [.. sent.Attachments.Select(a => new CageAttachment(a, Filler.Hash))]);

        using var back = new AnatomyReader(message, answer, new AnatomyFiles(answer, Path.GetTempPath()), Limits, TestContext.Current.CancellationToken).Read(Filled<MessagePart>(withLists: false));

        Assert.Equal("", Difference(anatomy, back));
        Assert.All(Values(back).Concat(back.AllParts().SelectMany(Values)), value => Assert.False(IsDefault(value.Value), $"{value.Key} did not travel, or the test does not fill it"));
    }

    [Fact]
    public void A_tree_of_a_thousand_levels_travels()
    {
        var message = new MemoryBytes("message"u8.ToArray());
        var root = Anatomist.Root(message);
        var deepest = root;
        for (var i = 0; i < 1000; i++)
        {
            var next = new MessagePart { Path = $"{i}", Kind = PartKind.Entry };
            deepest.Children.Add(next);
            deepest = next;
        }

        using var anatomy = new MessageAnatomy { Root = root, Headers = new(), Flags = default };
        using var answer = new CageOutcome.Answered(AnatomyWriter.Write(anatomy, message).Body, []);
        using var back = new AnatomyReader(message, answer, new AnatomyFiles(answer, Path.GetTempPath()), Limits, TestContext.Current.CancellationToken).Read(Anatomist.Root(message));
        Assert.Equal("", Difference(anatomy, back));
    }

    private static CagedAnatomist Caged(Cages cages) => new(new AnatomyBudget(), cages.Pool, cages.Folder, 4, Cages.Limit, TimeProvider.System);

    /// <summary>An answer about the message "message" with one part: its first four bytes.</summary>
    private static string Body()
    {
        var message = new MemoryBytes(Message);
        var root = Anatomist.Root(message);
        root.Children.Add(new MessagePart { Path = "1", Kind = PartKind.Reading, FileName = "a", Sha256 = new string('a', 64), Content = new MemoryBytes(Message.AsMemory(0, 4)) });
        return AnatomyWriter.Write(new MessageAnatomy { Root = root, Headers = new(), Flags = default }, message).Body;
    }

    private static byte[] Program()
    {
        var bytes = new byte[512];
        "MZ"u8.CopyTo(bytes);
        bytes[0x3c] = 0x80;
        "PE\0\0"u8.CopyTo(bytes.AsSpan(0x80));
        return bytes;
    }

    private static MessageAnatomy Read(string body) => Read(body, new MemoryBytes(Message));

    private static MessageAnatomy Read(string body, MemoryBytes message)
    {
        var answer = new CageOutcome.Answered(body, []);
        return new AnatomyReader(message, answer, new AnatomyFiles(answer, Path.GetTempPath()), Limits, TestContext.Current.CancellationToken).Read(Anatomist.Root(message));
    }

    private static MemoryBytes Zip()
    {
        using var stream = new MemoryStream();
        using (var zip = new System.IO.Compression.ZipArchive(stream, System.IO.Compression.ZipArchiveMode.Create, leaveOpen: true))
        {
            using var entry = zip.CreateEntry("a.txt").Open();
            entry.Write("hello"u8);
        }

        return new MemoryBytes(WithAttachment(stream.ToArray(), "a.zip"));
    }

    private static byte[] WithAttachment(byte[] bytes, string name, string encoding = "base64") => Encoding.Latin1.GetBytes(
        $"From: a@example.org\r\nSubject: a subject\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhello\r\n--b\r\n"
        + $"Content-Type: application/octet-stream; name=\"{name}\"\r\nContent-Disposition: attachment\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
        + (encoding == "base64" ? Convert.ToBase64String(bytes, Base64FormattingOptions.InsertLineBreaks) : Encoding.Latin1.GetString(bytes)) + "\r\n--b--\r\n");

    private static string Difference(MessageAnatomy a, MessageAnatomy b)
    {
        var left = a.AllParts().ToList();
        var right = b.AllParts().ToList();
        if (left.Count != right.Count)
        {
            return $"{left.Count} parts, {right.Count} parts: {string.Join(" | ", b.Troubles)}";
        }

        var differences = Different("anatomy", a, b);
        for (var i = 0; i < left.Count; i++)
        {
            differences = differences.Concat(Different(left[i].Path, left[i], right[i]));
        }

        return string.Join("; ", differences);
    }

    private static IEnumerable<string> Different(string where, object a, object b) =>
        Values(a).Zip(Values(b)).Where(pair => !Equal(pair.First.Value, pair.Second.Value)).Select(pair => $"{where}.{pair.First.Key}: {pair.First.Value} / {pair.Second.Value}");

    private static bool Equal(object? a, object? b) => (a, b) switch
    {
        (IByteSource left, IByteSource right) => Bytes(left).SequenceEqual(Bytes(right)),
        (MessageHeaders left, MessageHeaders right) => !Different("", left, right).Any(),
        (string, _) => Equals(a, b),
        (IEnumerable left, IEnumerable right) => left.Cast<object>().SequenceEqual(right.Cast<object>()),
        _ => Equals(a, b),
    };

    private static byte[] Bytes(IByteSource source)
    {
        using var stream = source.OpenRead();
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        return memory.ToArray();
    }

    /// <summary>All public properties but the tree itself, which is compared part by part.</summary>
    private static IEnumerable<KeyValuePair<string, object?>> Values(object target) => target.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(property => property.Name is not ("Root" or "Children"))
        .Select(property => KeyValuePair.Create($"{target.GetType().Name}.{property.Name}", property.GetValue(target)));

    private static bool IsDefault(object? value) => value is null or "" or 0 or 0L or false || (value is Enum && Convert.ToInt64(value, null) == 0) || (value is ICollection { Count: 0 });

    private static T Filled<T>(bool withLists = true)
        where T : class => (T)new Filler(withLists).Fill(typeof(T));
}
