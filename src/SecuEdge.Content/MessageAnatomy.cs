namespace SecuEdge.Content;

/// <summary>
/// A message taken apart: facts only, no opinion. It is the same for every check, so it is made once. Disposing it deletes the scratch
/// files of its parts.
/// </summary>
public sealed class MessageAnatomy : IDisposable
{
    private readonly IDisposable? _scratch;

    public MessageAnatomy(IDisposable? scratch = null) => _scratch = scratch;

    /// <summary>The whole message; its children are its body.</summary>
    public required MessagePart Root { get; init; }

    public required MessageHeaders Headers { get; init; }

    /// <summary>What is true of the message as a whole; each part has its own flags too.</summary>
    public required AnatomyFlags Flags { get; init; }

    /// <summary>Why decomposition stopped early, in words (which budget, which parser error); empty when it did not.</summary>
    public IReadOnlyList<string> Troubles { get; init; } = [];

    /// <summary>
    /// Visible text of the plain and HTML bodies, decoded: at most <see cref="AnatomyBudget.MaxTextChars"/> of each and four times that of all,
    /// so that the first body cannot use up the room of the others. What had no room is told by <see cref="AnatomyFlags.TextCut"/>.
    /// </summary>
    public string Text { get; init; } = "";

    /// <summary>http, https, ftp and mailto URLs found in text and HTML, in order, without repeats.</summary>
    public IReadOnlyList<string> Urls { get; init; } = [];

    /// <summary>
    /// Text of the bodies that most mail programs do not show (display:none, white on white, comments for one program, descriptions of
    /// pictures), bounded like <see cref="Text"/>. Where it is in doubt, text is here and there.
    /// </summary>
    public string HiddenText { get; init; } = "";

    /// <summary>All text of the bodies in its order, hidden or not: some program shows it so. Empty where nothing is hidden.</summary>
    public string WholeText { get; init; } = "";

    /// <summary>Where the message and everything in it leads, with what a reader sees there; in order, without repeats.</summary>
    public IReadOnlyList<Link> Links { get; init; } = [];

    /// <summary>Every part, root first, depth first.</summary>
    public IEnumerable<MessagePart> AllParts() => Root.SelfAndDescendants();

    public void Dispose() => _scratch?.Dispose();
}

/// <summary>The header fields that checks and the message log ask for, decoded (RFC 2047) and bounded.</summary>
public sealed record MessageHeaders
{
    public string Subject { get; init; } = "";

    /// <summary>First mailbox of header From, as <c>Name &lt;address&gt;</c>.</summary>
    public string From { get; init; } = "";

    /// <summary>Address only, lower-case domain; empty when missing or unparseable.</summary>
    public string FromAddress { get; init; } = "";

    public string To { get; init; } = "";

    public string MessageId { get; init; } = "";

    public string Date { get; init; } = "";

    /// <summary>Number of Received fields (loop detection, RFC 5321 §6.3).</summary>
    public int ReceivedCount { get; init; }

    /// <summary>Auto-Submitted other than <c>no</c>, or a delivery report: never answered with a bounce or notice (RFC 3834).</summary>
    public bool IsAutomatic { get; init; }

    /// <summary>All fields in order, name and decoded value, within the header budget.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> All { get; init; } = [];
}

/// <summary>One link.</summary>
/// <param name="Label">What the reader sees; empty for a bare URL.</param>
/// <param name="Part"><see cref="MessagePart.Path"/> of where it stands.</param>
public sealed record Link(string Url, string Label, string Part);

/// <summary>What a part is within the tree.</summary>
public enum PartKind
{
    /// <summary>The message itself, or a message inside (message/rfc822, .eml).</summary>
    Message,

    /// <summary>A multipart/* node.</summary>
    Multipart,

    /// <summary>A MIME leaf without a file name: a body.</summary>
    Body,

    /// <summary>A MIME leaf with a file name or Content-Disposition attachment.</summary>
    Attachment,

    /// <summary>A file inside an archive or document.</summary>
    Entry,

    /// <summary>Another plausible decoding of bytes that parsers may read differently; scanned like any part.</summary>
    Reading,
}

/// <summary>Facts about one part or about the whole message. Flags describe; whether they matter is policy.</summary>
[Flags]
public enum AnatomyFlags
{
    None = 0,

    /// <summary>Could not be parsed as a message at all.</summary>
    Unparseable = 1 << 0,

    /// <summary>Two parsers could read it differently: duplicate or malformed headers, encodings or boundaries.</summary>
    Ambiguous = 1 << 1,

    /// <summary>A depth, count, byte or time budget ended; something was not looked at.</summary>
    OverBudget = 1 << 2,

    /// <summary>Expands beyond the allowed ratio or total size: a decompression bomb.</summary>
    Bomb = 1 << 3,

    /// <summary>A container that could not be read to its end.</summary>
    Broken = 1 << 4,

    /// <summary>A password-protected archive, entry or document.</summary>
    EncryptedArchive = 1 << 5,

    /// <summary>S/MIME enveloped-data.</summary>
    EncryptedSmime = 1 << 6,

    /// <summary>PGP/MIME encrypted or an inline PGP message.</summary>
    EncryptedPgp = 1 << 7,

    /// <summary>Multipart/signed or opaque S/MIME signature.</summary>
    SignedMessage = 1 << 8,

    /// <summary>Detected type contradicts the declared type or the extension.</summary>
    TypeMismatch = 1 << 9,

    /// <summary>A name that hides what the file is: right-to-left override, double extension, padding, control characters, path.</summary>
    DeceptiveName = 1 << 10,

    /// <summary>A program by content: PE, ELF, Mach-O, script, shortcut, installer.</summary>
    Executable = 1 << 11,

    /// <summary>An archive inside an archive beyond the depth budget is <see cref="OverBudget"/>; this one only says nested.</summary>
    NestedArchive = 1 << 12,

    /// <summary>A known container format that this version cannot open.</summary>
    UnknownContainer = 1 << 13,

    /// <summary>Macros, scripts, external templates, launch actions: active content in a document.</summary>
    ActiveContent = 1 << 14,

    /// <summary>Bytes above 127 or a body marked 8bit.</summary>
    EightBit = 1 << 15,

    /// <summary>A locked archive that a known password opened; its content was examined. What stayed locked is <see cref="EncryptedArchive"/>.</summary>
    Unlocked = 1 << 16,

    /// <summary>A piece of something, or a reference to it: the content arrives elsewhere, so nobody here can look at it.</summary>
    Partial = 1 << 17,

    /// <summary>Taking the message apart crashed or did not end: nothing is known of what is inside.</summary>
    Failed = 1 << 18,

    /// <summary>Its text is longer than what is kept, so words not found may stand in the rest.</summary>
    TextCut = 1 << 19,
}

/// <summary>One node of the tree.</summary>
public sealed class MessagePart
{
    /// <summary>Stable address within the message: MIME position, then entries: <c>1.2</c>, <c>1.2/report.zip/a.exe</c>.</summary>
    public required string Path { get; init; }

    public required PartKind Kind { get; init; }

    /// <summary>Lower-case media type as declared, without parameters; empty when nothing declares one.</summary>
    public string DeclaredType { get; init; } = "";

    /// <summary>Media type by content; <c>application/octet-stream</c> when nothing matched.</summary>
    public string DetectedType { get; init; } = "application/octet-stream";

    /// <summary>File name fit to show: decoded (RFC 2047/2231), without path, control and direction characters, bounded; null without one.</summary>
    public string? FileName { get; init; }

    /// <summary>Other names that its header gives it (filename, filename*, name, name*), fit to show: each is the one that some mail program takes.</summary>
    public IReadOnlyList<string> OtherNames { get; init; } = [];

    /// <summary>The decoded name before sanitising.</summary>
    public string? RawFileName { get; init; }

    /// <summary>Decoded size, bytes; for containers what it holds is not counted.</summary>
    public long Size { get; init; }

    /// <summary>Lower-case hex of the decoded bytes; empty for nodes without bytes of their own.</summary>
    public string Sha256 { get; init; } = "";

    public AnatomyFlags Flags { get; set; }

    /// <summary>What it does when opened; <see cref="AnatomyFlags.ActiveContent"/> is set with any of it.</summary>
    public ActiveContent Active { get; set; }

    /// <summary>Short pieces that show why, bounded in number and length: a macro's name, a target, a command. Hostile text.</summary>
    public IList<string> Evidence { get; init; } = [];

    /// <summary>Text of a document (office, PDF, RTF …), bounded; empty for bodies, whose text is in <see cref="MessageAnatomy.Text"/>.</summary>
    public string Text { get; set; } = "";

    /// <summary>The decoded bytes for scanners; null for multiparts and for parts that the whole-message scan sees as they are.</summary>
    public IByteSource? Content { get; init; }

    public IList<MessagePart> Children { get; } = [];

    public IEnumerable<MessagePart> SelfAndDescendants()
    {
        // Iterative: the depth of hostile mail is bounded, but need not be bounded by our stack.
        var pending = new Stack<MessagePart>();
        pending.Push(this);
        while (pending.TryPop(out var part))
        {
            yield return part;
            for (var i = part.Children.Count - 1; i >= 0; i--)
            {
                pending.Push(part.Children[i]);
            }
        }
    }
}
