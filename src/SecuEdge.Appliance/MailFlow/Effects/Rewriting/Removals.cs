using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using MimeKit;
using SecuEdge.Content;

namespace SecuEdge.Appliance.MailFlow.Effects.Rewriting;

/// <param name="Files">Paths as in <see cref="MessagePart.Path"/>.</param>
/// <param name="Text">Of the rule; empty = ours.</param>
internal sealed record Removal(string Rule, string Text, IReadOnlyList<string> Files);

/// <summary>
/// Takes files out of a message and puts a note in the place of the first. A file inside an archive goes with the archive: what is opened
/// and packed again is no longer what the sender made. Messages inside are changed inside. Where the whole message would go, or what it is
/// signed or encrypted with, nothing is changed: nobody else keeps what was in it.
/// </summary>
internal static class Removals
{
    // Messages in messages in messages: the anatomy ends earlier.
    private const int MaxLevels = 20;
    private const int MaxEncodedMessage = 16 << 20;

    /// <exception cref="RewriteException">A file is not where its path says.</exception>
    public static IByteSource Remove(IByteSource source, IReadOnlyList<Removal> removals, NoteWords words, CancellationToken cancellationToken) =>
        Remove(source, [.. removals.SelectMany(r => r.Files.Select(f => new Target(Position(f), f, r)))], words, 0, cancellationToken);

    private static IByteSource Remove(IByteSource source, List<Target> targets, NoteWords words, int level, CancellationToken cancellationToken)
    {
        if (targets.Count == 0)
        {
            return source;
        }

        return level < MaxLevels
            ? new EditedBytes(source, Edits(source, targets, words, level, cancellationToken))
            : throw new RewriteException("messages are nested too deeply in it");
    }

    private static List<Edit> Edits(IByteSource source, List<Target> targets, NoteWords words, int level, CancellationToken cancellationToken)
    {
        var root = MimeMap.Read(source, cancellationToken);
        var nodes = root.SelfAndDescendants().ToDictionary(n => n.Path, StringComparer.Ordinal);
        var here = new Dictionary<MimeNode, List<Target>>();
        var inside = new Dictionary<MimeNode, List<Target>>();
        foreach (var target in targets)
        {
            var node = Nearest(nodes, target);
            var isInside = node.Path != target.Position && node.Type is "message/rfc822" or "message/global";
            var of = isInside ? inside : here;
            (of.TryGetValue(node, out var list) ? list : of[node] = []).Add(isInside ? target with { Position = target.Position[(node.Path.Length + 1)..] } : target);
        }

        // What stands in a part that goes, goes with it.
        foreach (var node in here.Keys.Concat(inside.Keys).Where(n => Ancestors(n).Any(here.ContainsKey)).ToList())
        {
            here.Remove(node);
            inside.Remove(node);
        }

        List<Edit> edits = [.. inside.Where(i => !here.ContainsKey(i.Key)).Select(i => Inside(i.Key, i.Value, source, words, level, cancellationToken))];
        List<MimeNode> gone = [.. here.Keys.OrderBy(n => n.Begin)];
        if (gone.Select(n => WhyKept(n, level)).FirstOrDefault(why => why is not null) is { } kept)
        {
            throw new RewriteException(kept);
        }

        if (gone.Count == 0)
        {
            return edits;
        }

        List<RemovedFile> files = [.. gone.Select(n => Describe(n, here[n], source))];
        for (var i = 0; i < gone.Count; i++)
        {
            var isEmptied = gone[i].Parent is not { } parent || parent.Children.TrueForAll(here.ContainsKey);
            edits.Add(i == 0 || isEmptied
                ? Replace(gone[i], source, words.Write(i == 0 ? files : [files[i]]))
                : Cut(gone[i], source));
        }

        return edits;
    }

    private static string? WhyKept(MimeNode node, int level) =>
        node.Type is "application/pkcs7-mime" or "application/x-pkcs7-mime" || Ancestors(node).Any(a => a.Type == "multipart/encrypted") || node.Type == "multipart/encrypted"
            ? "its encrypted or signed content would go"
        : node.Parent is { Type: "multipart/signed" } signed && signed.Children.IndexOf(node) > 0 ? "its signature would go"
        : node.Parent is null && level == 0 ? "the whole message would go"
        : null;

    /// <summary>The part itself, or the part that contains what has no MIME position of its own.</summary>
    private static MimeNode Nearest(Dictionary<string, MimeNode> nodes, Target target)
    {
        for (var path = target.Position; path.Length > 0; path = path[..Math.Max(0, path.LastIndexOf('.'))])
        {
            if (nodes.TryGetValue(path, out var node) && (path == target.Position || !node.IsMultipart))
            {
                return node;
            }
        }

        throw new RewriteException($"the file at {target.Path} is not there");
    }

    private static IEnumerable<MimeNode> Ancestors(MimeNode node)
    {
        for (var at = node.Parent; at is not null; at = at.Parent)
        {
            yield return at;
        }
    }

    private static Edit Inside(MimeNode node, List<Target> targets, IByteSource source, NoteWords words, int level, CancellationToken cancellationToken)
    {
        if (node.End - node.HeadersEnd > MaxEncodedMessage)
        {
            throw new RewriteException("a message inside it is too large to be changed");
        }

        using var decoded = new MemoryStream();
        using (var stream = MimeMap.OpenDecoded(node, source))
        {
            stream.CopyTo(decoded);
        }

        var changed = Remove(new MemoryBytes(decoded.ToArray()), targets, words, level + 1, cancellationToken);
        var bytes = MimeMap.Read(changed, 0, changed.Length);
        // RFC 2046 §5.2.1 allows no other encoding of a message; some programs use one, and it stays what they said.
        var isEncoded = node.Encoding is ContentEncoding.Base64 or ContentEncoding.QuotedPrintable;
        return new Edit(node.HeadersEnd, node.End - node.HeadersEnd, isEncoded ? TextEncodings.Encode(bytes, node.Encoding, hadEightBit: true).Content : bytes);
    }

    private static Edit Replace(MimeNode node, IByteSource source, byte[] note)
    {
        const string name = "removed-attachments.txt";
        var content = TextEncodings.QuotedPrintable(note);
        if (node.Parent is not null)
        {
            var fields = $"Content-Type: text/plain; charset=utf-8; name=\"{name}\"\r\nContent-Disposition: attachment; filename=\"{name}\"\r\n"
                + "Content-Transfer-Encoding: quoted-printable\r\n\r\n";
            return new Edit(node.Begin, node.End - node.Begin, [.. Encoding.ASCII.GetBytes(fields), .. content]);
        }

        var header = new HeaderEditor(MimeMap.HeaderOf(node, source));
        header.TakeContentFields();
        if (!header.Has("MIME-Version"))
        {
            header.Append("MIME-Version: 1.0");
        }

        header.Append("Content-Type: text/plain; charset=utf-8");
        header.Append("Content-Transfer-Encoding: quoted-printable");
        var block = header.ToArray();
        return new Edit(node.Begin, source.Length - node.Begin, [.. block, .. block.AsSpan().EndsWith("\n\r\n"u8) ? ""u8 : "\r\n"u8, .. content]);
    }

    /// <summary>With the delimiter in front of it.</summary>
    private static Edit Cut(MimeNode node, IByteSource source)
    {
        var from = Math.Max(node.Parent!.HeadersEnd, node.Begin - 1024);
        var before = MimeMap.Read(source, from, node.Begin).AsSpan();
        var line = before.TrimEnd("\r\n"u8).LastIndexOf((byte)'\n') + 1;
        if (!before[line..].StartsWith("--"u8))
        {
            throw new RewriteException($"the delimiter before part {node.Path} is not where it should be");
        }

        var after = MimeMap.Read(source, node.End, Math.Min(source.Length, node.End + 2)).AsSpan();
        var end = node.End + (after.StartsWith("\r\n"u8) ? 2 : after.StartsWith("\n"u8) ? 1 : 0);
        return new Edit(from + line, end - from - line, []);
    }

    private static RemovedFile Describe(MimeNode node, List<Target> targets, IByteSource source)
    {
        using var stream = MimeMap.OpenDecoded(node, source);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[64 * 1024];
        long size = 0;
        for (int count; (count = stream.Read(buffer)) > 0; size += count)
        {
            hash.AppendData(buffer, 0, count);
        }

        List<string> inner = [.. targets.Select(t => t.Path).Where(p => p.Contains('/', StringComparison.Ordinal)).Select(p => p[(p.LastIndexOf('/') + 1)..]).Distinct().Take(10)];
        return new RemovedFile(
            node.FileName ?? "", inner, size, node.Type, Convert.ToHexStringLower(hash.GetHashAndReset()),
            [.. targets.Select(t => t.Removal.Rule).Distinct()], [.. targets.Select(t => t.Removal.Text).Where(t => t.Length > 0).Distinct()]);
    }

    /// <summary><c>1.2/a.zip/b.exe</c> and other readings <c>1.2~1</c> stand in part <c>1.2</c>.</summary>
    private static string Position(string path) =>
        path.IndexOfAny(['/', '~']) is var end and >= 0 ? path[..end] : path;

    /// <param name="Position">MIME position in the message looked at.</param>
    /// <param name="Path">As the rule gave it.</param>
    private sealed record Target(string Position, string Path, Removal Removal);
}

/// <param name="Inner">Files in it that made the rule hold.</param>
internal sealed record RemovedFile(
    string Name, IReadOnlyList<string> Inner, long SizeBytes, string Type, string Sha256, IReadOnlyList<string> Rules, IReadOnlyList<string> Texts);

/// <summary>Writes the note that stands in the place of removed files, in the language of the tenant.</summary>
internal sealed class NoteWords(bool isFrench, string reference)
{
    /// <summary>UTF-8, CRLF.</summary>
    public byte[] Write(IReadOnlyList<RemovedFile> files)
    {
        var texts = files.SelectMany(f => f.Texts).Distinct().ToList();
        var note = new StringBuilder();
        foreach (var text in texts.Count > 0 ? texts : [Say("Attachments were removed from this message by the rules of your organisation.", "Des pièces jointes ont été retirées de ce message selon les règles de votre organisation.")])
        {
            note.Append(text.ReplaceLineEndings("\r\n")).Append("\r\n\r\n");
        }

        foreach (var file in files)
        {
            Line(Say("Name", "Nom"), file.Name.Length > 0 ? Plain.Line(file.Name, 200) : Say("(none)", "(aucun)"));
            if (file.Inner.Count > 0)
            {
                Line(Say("Contains", "Contient"), string.Join(", ", file.Inner.Select(i => Plain.Line(i, 100))));
            }

            Line(Say("Size", "Taille"), file.SizeBytes.ToString(CultureInfo.InvariantCulture) + Say(" bytes", " octets"));
            Line("Type", Plain.Line(file.Type, 100));
            Line("SHA-256", file.Sha256);
            Line(Say("Rule", "Règle"), string.Join(", ", file.Rules.Select(r => Plain.Line(r, 100))));
            note.Append("\r\n");
        }

        Line(Say("Reference", "Référence"), reference);
        return Encoding.UTF8.GetBytes(note.ToString());

        void Line(string name, string value) => note.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
    }

    private string Say(string english, string french) => isFrench ? french : english;
}
