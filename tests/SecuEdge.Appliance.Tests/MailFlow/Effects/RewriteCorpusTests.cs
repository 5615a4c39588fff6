using System.Formats.Tar;
using System.IO.Compression;
using SecuEdge.Appliance.MailFlow.Effects.Rewriting;
using SecuEdge.Content;
using SecuEdge.Filter.Policy.Rules;
using SecuEdge.TestKit;

namespace SecuEdge.Appliance.Tests.MailFlow.Effects;

/// <summary>Real mail and other projects' torture tests, changed; everything that was not to change is compared.</summary>
public sealed class RewriteCorpusTests(ITestOutputHelper output)
{
    private const int FromArchive = 800;

    [Fact]
    public void A_tag_changes_the_subject_and_no_other_byte()
    {
        var (all, troubled) = (0, 0);
        foreach (var (name, bytes) in Messages())
        {
            all++;
            var rewritten = Rewrite.Run(bytes, Rewrite.Subject("[EXT]"), Rewrite.Header("X-Tagged", "yes"));
            if (rewritten.Trouble is not null)
            {
                troubled++;
                continue;
            }

            var changed = Rewrite.Bytes(rewritten);
            Assert.True(WithoutTags(changed).AsSpan().SequenceEqual(WithoutTags(bytes)), name);
        }

        output.WriteLine($"{all} messages, {troubled} in trouble");
        Assert.True(troubled * 50 < all, $"{troubled} of {all}");
    }

    [Fact]
    public void A_banner_leaves_every_other_part_as_it_was()
    {
        var (all, troubled, alone, added) = (0, 0, 0, 0);
        foreach (var (name, bytes) in Messages())
        {
            all++;
            var rewritten = Rewrite.Run(bytes, Rewrite.Banner("Bannière de la société – do not trust", all % 2 == 0 ? BannerPlace.Top : BannerPlace.Bottom));
            if (rewritten.Trouble is not null)
            {
                troubled++;
                continue;
            }

            var changed = Rewrite.Bytes(rewritten);
            if (rewritten.TraceHeaders.Length == 0)
            {
                alone++;
                Assert.Equal(bytes, changed);
                continue;
            }

            added++;
            using var after = Rewrite.Examine(changed);
            using var before = Rewrite.Examine(bytes);
            Assert.True(Files(before).SequenceEqual(Files(after)), name);
            Assert.True(IsShown(after) || before.Flags.HasFlag(AnatomyFlags.Unparseable), name);
            Assert.Equal(before.Headers.Subject, after.Headers.Subject);
        }

        output.WriteLine($"{all} messages: {added} with banner, {alone} signed or encrypted, {troubled} in trouble");
        Assert.True(troubled * 50 < all, $"{troubled} of {all}");
    }

    [Fact]
    public void A_removal_takes_exactly_the_part_away()
    {
        var (all, removed, troubled) = (0, 0, 0);
        foreach (var (name, bytes) in Messages())
        {
            using var before = Rewrite.Examine(bytes);
            var parts = before.AllParts().Where(p => p.Kind == PartKind.Attachment && IsPlaced(p.Path) && !IsInFile(before, p) && !IsKept(before, p)).ToList();
            all++;
            if (parts.Count == 0)
            {
                continue;
            }

            var gone = parts[removed % parts.Count];
            var rewritten = Rewrite.Run(bytes, Rewrite.Removal(gone.Path));
            if (rewritten.Trouble is not null)
            {
                troubled++;
                output.WriteLine($"{name}: {rewritten.Trouble}");
                continue;
            }

            removed++;
            using var after = Rewrite.Examine(Rewrite.Bytes(rewritten));
            var expected = before.AllParts().Where(p => IsPlaced(p.Path) && p.Children.Count == 0 && p.Kind is PartKind.Attachment or PartKind.Body && p.Path != gone.Path && !p.Path.StartsWith(gone.Path + ".", StringComparison.Ordinal)).Select(p => $"{p.Path} {p.Sha256}");
            var left = after.AllParts().Where(p => IsPlaced(p.Path)).Select(p => $"{p.Path} {p.Sha256}").ToHashSet();
            Assert.All(expected, e => Assert.True(left.Contains(e), $"{name}: {e} is gone with {gone.Path}"));
            Assert.True(after.AllParts().Any(p => p.Path == gone.Path && p.Sha256 != gone.Sha256 && p.DeclaredType == "text/plain"), $"{name}: no note at {gone.Path}");
        }

        output.WriteLine($"{all} messages: {removed} files removed, {troubled} in trouble");
        Assert.True(removed > 0 && troubled * 20 < removed, $"{troubled} of {removed}");
    }

    /// <summary>In a message that only its content tells: it goes with the file that it is in.</summary>
    private static bool IsInFile(MessageAnatomy anatomy, MessagePart part) => anatomy.AllParts().Any(p =>
        p.Path.Length > 0 && part.Path.StartsWith(p.Path + ".", StringComparison.Ordinal) && p.Kind != PartKind.Multipart && p.DeclaredType != "message/rfc822");

    /// <summary>Without it nothing would be left to read, or to trust.</summary>
    private static bool IsKept(MessageAnatomy anatomy, MessagePart part) => part.Path == "1" || part.DeclaredType.EndsWith("/pkcs7-mime", StringComparison.Ordinal)
        || part.DeclaredType.EndsWith("/x-pkcs7-mime", StringComparison.Ordinal)
        || anatomy.AllParts().Any(p => p.Children.Contains(part) && (p.DeclaredType == "multipart/encrypted" || (p.DeclaredType == "multipart/signed" && p.Children.IndexOf(part) > 0)));

    private static bool IsPlaced(string path) => path.Length > 0 && path.AsSpan().IndexOfAny('/', '~') < 0;

    /// <summary>Decoded bytes of what is no body, in any order and place: a message that is wrapped moves its parts.</summary>
    private static List<string> Files(MessageAnatomy anatomy) =>
        [.. anatomy.AllParts().Where(p => p.Kind == PartKind.Attachment && IsPlaced(p.Path) && !(p.Path == "1" && p.DeclaredType is "text/plain" or "text/html" or "")).Select(p => p.Sha256).Order(StringComparer.Ordinal)];

    private static bool IsShown(MessageAnatomy anatomy) =>
        $"{anatomy.Text}{anatomy.HiddenText}".Contains("do not trust", StringComparison.Ordinal)
        || anatomy.AllParts().Any(p => p.Content is { } content && Read(content).AsSpan().IndexOf("do not trust"u8) >= 0);

    private static byte[] Read(IByteSource source)
    {
        using var stream = source.OpenRead();
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }

    /// <summary>The message without subjects and our field: by lines, independent of the editor under test.</summary>
    private static byte[] WithoutTags(byte[] message)
    {
        var kept = new List<byte>(message.Length);
        var isSkipped = false;
        var isHeader = true;
        for (var at = 0; at < message.Length;)
        {
            var end = Array.IndexOf(message, (byte)'\n', at);
            var next = end < 0 ? message.Length : end + 1;
            var line = message.AsSpan(at, next - at);
            if (line.TrimEnd("\r\n"u8).IsEmpty)
            {
                isHeader = false;
            }

            if (isHeader && line[0] is not ((byte)' ' or (byte)'\t'))
            {
                isSkipped = StartsWith(line, "subject") || StartsWith(line, "x-tagged");
            }

            if (!isHeader || !isSkipped)
            {
                kept.AddRange(line);
            }

            at = next;
        }

        // A message without an empty line gets one.
        return isHeader ? [.. kept, .. "\r\n"u8] : [.. kept];

        static bool StartsWith(ReadOnlySpan<byte> line, string name) =>
            HeaderEditor.NameOf(line).Equals(name, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Samples are kept with the line ends of their collectors.</summary>
    private static byte[] AsOnTheWire(byte[] message)
    {
        var wire = new List<byte>(message.Length + 1000);
        for (var i = 0; i < message.Length; i++)
        {
            if (message[i] == '\n' && (i == 0 || message[i - 1] != '\r'))
            {
                wire.Add((byte)'\r');
            }

            wire.Add(message[i]);
        }

        return [.. wire];
    }

    private static IEnumerable<(string Name, byte[] Bytes)> Messages()
    {
        if (TestData.Find("mail-dev.tar.gz") is not { } archive || TestData.Find("mime") is not { } mime || TestData.Find("eicar-mime") is not { } eicar)
        {
            Assert.Skip("No mail-dev.tar.gz, mime and eicar-mime: set SECUEDGE_TEST_DATA.");
            yield break;
        }

        foreach (var file in Directory.EnumerateFiles(mime, "*", SearchOption.AllDirectories).Concat(Directory.EnumerateFiles(eicar, "*.eml")).Order(StringComparer.Ordinal))
        {
            if (new FileInfo(file).Length is > 0 and < 1_000_000 && Path.GetExtension(file) is ".eml" or ".msg" or ".txt" or "")
            {
                yield return (file, AsOnTheWire(File.ReadAllBytes(file)));
            }
        }

        using var tar = new TarReader(new GZipStream(File.OpenRead(archive), CompressionMode.Decompress));
        for (var i = 0; i < FromArchive && tar.GetNextEntry() is { } entry;)
        {
            if (entry.DataStream is not null && !entry.Name.EndsWith(".tsv", StringComparison.Ordinal))
            {
                i++;
                using var bytes = new MemoryStream();
                entry.DataStream.CopyTo(bytes);
                yield return (entry.Name, bytes.ToArray());
            }
        }
    }
}
