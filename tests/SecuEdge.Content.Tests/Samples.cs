using System.Text;
using SecuEdge.TestKit;

namespace SecuEdge.Content.Tests;

/// <summary>Messages built in code, and what tests ask of an anatomy.</summary>
internal static class Samples
{
    /// <summary>The EICAR test string. In two halves: whole, it would make scanners delete this file.</summary>
    public static readonly byte[] Eicar = Encoding.ASCII.GetBytes(@"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD" + "-ANTIVIRUS-TEST-FILE!$H+H*");

    public static readonly string EicarBase64 = Convert.ToBase64String(Eicar);

    public static string ScratchFolder { get; } = Directory.CreateTempSubdirectory("secuedge-content-").FullName;

    public static MessageAnatomy Examine(byte[] message, AnatomyBudget? budget = null) =>
        new Anatomist(budget ?? new AnatomyBudget(), ScratchFolder, TimeProvider.System).Examine(new MemoryBytes(message), TestContext.Current.CancellationToken);

    public static MessageAnatomy Examine(string message, AnatomyBudget? budget = null) => Examine(Latin1(message), budget);

    public static byte[] Latin1(string message) => Encoding.Latin1.GetBytes(message.ReplaceLineEndings("\r\n"));

    /// <summary>A message with one base64 attachment.</summary>
    public static byte[] WithAttachment(byte[] content, string name = "file.bin", string type = "application/octet-stream") => Latin1(
        $"""
        From: a@example.org
        To: b@example.net
        Subject: with an attachment
        Message-ID: <1@example.org>
        Date: Mon, 2 Mar 2026 10:00:00 +0000
        MIME-Version: 1.0
        Content-Type: multipart/mixed; boundary="BOUND"

        --BOUND
        Content-Type: text/plain; charset=us-ascii

        See attachment.
        --BOUND
        Content-Type: {type}; name="{name}"
        Content-Transfer-Encoding: base64
        Content-Disposition: attachment; filename="{name}"

        {Convert.ToBase64String(content, Base64FormattingOptions.InsertLineBreaks)}

        --BOUND--

        """);

    /// <summary>A message whose body part has these lines of header.</summary>
    public static byte[] WithBody(string header, string body) => Encoding.Latin1.GetBytes(
        $"From: a@example.org\r\nSubject: s\r\nMessage-ID: <2@example.org>\r\nMIME-Version: 1.0\r\n{header}\r\n\r\n{body}");

    /// <summary>A scanner would find the string: in the raw bytes or in a part by itself.</summary>
    public static bool ShowsEicar(byte[] message, MessageAnatomy anatomy) =>
        message.AsSpan().IndexOf(Eicar) >= 0 || anatomy.AllParts().Any(HasEicar);

    public static bool HasEicar(MessagePart part)
    {
        if (part.Content is null)
        {
            return false;
        }

        using var stream = part.Content.OpenRead();
        var bytes = new byte[Math.Min(part.Content.Length, 4 * 1024 * 1024)];
        stream.ReadExactly(bytes);
        return bytes.AsSpan().IndexOf(Eicar) >= 0;
    }

    /// <summary>A leaf, not a container around it that stores it as it is.</summary>
    public static bool HasEicarByItself(MessagePart part) => part.Size == Eicar.Length && HasEicar(part);

    public static string Describe(MessageAnatomy anatomy) =>
        string.Join('\n', anatomy.AllParts().Take(40).Select(part => $"  [{part.Path}] {part.Kind} {part.DeclaredType} -> {part.DetectedType} {part.Size} '{part.FileName}' {part.Flags} {(part.Content is null ? "" : "content")}"))
        + "\n  " + string.Join(" | ", anatomy.Troubles);

    public static string Require(string folder)
    {
        var path = TestData.Find(folder);
        if (path is null)
        {
            Assert.Skip($"No sample folder {folder}: set SECUEDGE_TEST_DATA.");
        }

        return path!;
    }
}
