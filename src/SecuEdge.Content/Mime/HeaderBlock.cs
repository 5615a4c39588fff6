using System.Buffers;
using System.Text;

namespace SecuEdge.Content.Mime;

/// <summary>
/// A header block seen as bytes, before any parser interprets it: its size against the budget, and everything that two parsers could
/// read differently. One pass, no allocation for ordinary mail but the Content-* fields.
/// </summary>
internal sealed class HeaderBlock
{
    /// <summary>Postfix cuts at 102,400 (header_size_limit); nothing honest comes near 64 KB in one field but lists of addresses.</summary>
    private const int MaxFieldBytes = 64 * 1024;

    /// <summary>Address parsing is quadratic in MimeKit; mail to more visible recipients than this is spam or an accident.</summary>
    private const int MaxAddresses = 1_000;

    /// <summary>One is right and a second one a trick; more say nothing new.</summary>
    private const int MaxDispositions = 4;

    /// <summary>RFC 5322 §2.2: printable US-ASCII without the colon.</summary>
    private static readonly SearchValues<byte> NameCharacters =
        SearchValues.Create([.. Enumerable.Range(33, 94).Where(code => code != ':').Select(code => (byte)code)]);

    private List<string>? _oddities;
    private int _contentTypes;
    private int _encodings;
    private int _dispositions;
    private int _fieldBytes;
    private int _addresses;

    /// <summary>Where the body begins: after the first empty line.</summary>
    public int Length { get; private set; }

    public int Fields { get; private set; }

    /// <summary>Where the first field begins; the parser wants nothing in front of it.</summary>
    public int FirstField { get; private set; } = -1;

    /// <summary>In words; empty when every parser reads the block the same way.</summary>
    public IReadOnlyList<string> Oddities => _oddities ?? [];

    /// <summary>The limit that the block breaks, in words.</summary>
    public string? TooMuch { get; private set; }

    public ContentField? ContentType { get; private set; }

    public ContentField? Disposition { get; private set; }

    /// <summary>The oddity is one of Content-Transfer-Encoding, so the bytes below may be decoded differently.</summary>
    public bool HasOddEncoding { get; private set; }

    /// <param name="bytes">From the start of the block; may go on into the body.</param>
    public static HeaderBlock Read(ReadOnlySpan<byte> bytes, AnatomyBudget budget)
    {
        var block = new HeaderBlock();
        block.ReadLines(bytes, budget);
        return block;
    }

    private void ReadLines(ReadOnlySpan<byte> bytes, AnatomyBudget budget)
    {
        var position = 0;
        var fieldStart = -1;
        while (position < bytes.Length)
        {
            var length = bytes[position..].IndexOf((byte)'\n');
            var next = length < 0 ? bytes.Length : position + length + 1;
            var line = bytes[position..(length < 0 ? bytes.Length : position + length)];
            line = line.EndsWith("\r"u8) ? line[..^1] : line;
            if (line.IsEmpty)
            {
                EndField(bytes, fieldStart, position);
                Length = next;
                return;
            }

            if (position >= budget.MaxHeaderBytes)
            {
                TooMuch = $"More than {budget.MaxHeaderBytes} bytes of header.";
                Length = position;
                return;
            }

            if (line[0] is (byte)' ' or (byte)'\t')
            {
                if (line.IndexOfAnyExcept(" \t"u8) < 0)
                {
                    Note("a header line of blanks only");
                }
            }
            else
            {
                EndField(bytes, fieldStart, position);
                fieldStart = StartField(line, position);
            }

            if (line.IndexOfAny((byte)0, (byte)'\r') >= 0)
            {
                Note("NUL or bare CR in the header");
            }

            position = next;
            if (TooMuch is not null || Fields > budget.MaxHeaders)
            {
                TooMuch ??= $"More than {budget.MaxHeaders} header fields.";
                Length = position;
                return;
            }
        }

        EndField(bytes, fieldStart, bytes.Length);
        Length = bytes.Length;
    }

    private int StartField(ReadOnlySpan<byte> line, int position)
    {
        _fieldBytes = 0;
        _addresses = 0;
        var colon = line.IndexOf((byte)':');
        var name = colon < 0 ? line : line[..colon];
        if (position == 0 && (line.StartsWith("From "u8) || line.StartsWith(">From "u8)))
        {
            // The envelope line of a mailbox file; MimeKit and everyone else skip it.
            return -1;
        }

        if (colon <= 0 || name.TrimEnd(" \t"u8).IndexOfAnyExcept(NameCharacters) >= 0)
        {
            Note("a header line that is no field");
            return -1;
        }

        if (name[^1] is (byte)' ' or (byte)'\t')
        {
            Note("blank before the colon of a field");
        }

        Fields++;
        FirstField = FirstField < 0 ? position : FirstField;
        return position;
    }

    private void EndField(ReadOnlySpan<byte> bytes, int start, int end)
    {
        if (start < 0)
        {
            return;
        }

        var field = bytes[start..end];
        _fieldBytes = field.Length;
        if (_fieldBytes > MaxFieldBytes)
        {
            TooMuch ??= $"A header field of more than {MaxFieldBytes} bytes.";
            return;
        }

        if (_fieldBytes > MaxAddresses && IsAddressField(field) && (_addresses = field.Count((byte)',')) > MaxAddresses)
        {
            TooMuch ??= $"More than {MaxAddresses} addresses in a field.";
            return;
        }

        if ((field[0] | 0x20) == 'c' && field.Length > 8 && Ascii.EqualsIgnoreCase(field[..8], "content-"u8))
        {
            ReadContentField(field);
        }
    }

    private static bool IsAddressField(ReadOnlySpan<byte> field)
    {
        var name = field[..Math.Max(0, field.IndexOf((byte)':'))].TrimEnd(" \t"u8);
        return Ascii.EqualsIgnoreCase(name, "to"u8) || Ascii.EqualsIgnoreCase(name, "cc"u8) || Ascii.EqualsIgnoreCase(name, "bcc"u8)
            || Ascii.EqualsIgnoreCase(name, "from"u8) || Ascii.EqualsIgnoreCase(name, "reply-to"u8) || Ascii.EqualsIgnoreCase(name, "sender"u8)
            || (name.Length > 7 && Ascii.EqualsIgnoreCase(name[..7], "resent-"u8));
    }

    private void ReadContentField(ReadOnlySpan<byte> field)
    {
        var colon = field.IndexOf((byte)':');
        var name = field[8..colon].TrimEnd(" \t"u8);
        var value = field[(colon + 1)..];
        if (Ascii.EqualsIgnoreCase(name, "type"u8))
        {
            if (++_contentTypes > 1)
            {
                Note("several Content-Type fields");
                return;
            }

            ContentType = ContentField.Parse(value);
            CheckType(ContentType);
        }
        else if (Ascii.EqualsIgnoreCase(name, "transfer-encoding"u8))
        {
            if (++_encodings > 1)
            {
                HasOddEncoding = true;
                Note("several Content-Transfer-Encoding fields");
            }
            else if (!IsUsualEncoding(value))
            {
                HasOddEncoding = true;
                Note("malformed or folded Content-Transfer-Encoding");
            }
        }
        else if (Ascii.EqualsIgnoreCase(name, "disposition"u8))
        {
            if (++_dispositions > MaxDispositions)
            {
                return;
            }

            var disposition = ContentField.Parse(value);
            if (Disposition is not null)
            {
                Note("several Content-Disposition fields");
            }

            Disposition = Disposition?.With(disposition) ?? disposition;
        }
    }

    /// <summary>RFC 2045 §6.1, on one line. An empty one counts as absent everywhere.</summary>
    private static bool IsUsualEncoding(ReadOnlySpan<byte> value)
    {
        value = value.TrimEnd(" \t\r\n"u8).TrimStart(" \t"u8);
        return value.IsEmpty || Ascii.EqualsIgnoreCase(value, "7bit"u8) || Ascii.EqualsIgnoreCase(value, "8bit"u8)
            || Ascii.EqualsIgnoreCase(value, "base64"u8) || Ascii.EqualsIgnoreCase(value, "quoted-printable"u8) || Ascii.EqualsIgnoreCase(value, "binary"u8);
    }

    private void CheckType(ContentField type)
    {
        var slash = type.Value.IndexOf('/', StringComparison.Ordinal);
        var isMultipart = type.Value.StartsWith("multipart", StringComparison.Ordinal);
        if (slash <= 0 || slash == type.Value.Length - 1 || type.Value.AsSpan().ContainsAny(" \t\"=,"))
        {
            Note("malformed Content-Type");
        }
        else if (isMultipart && !type.IsWellFormed)
        {
            Note("malformed parameters of Content-Type");
        }

        if (isMultipart)
        {
            CheckBoundary(type);
        }
    }

    /// <summary>RFC 2046 §5.1.1: 1 to 70 characters of a small set, not ending in a blank.</summary>
    private void CheckBoundary(ContentField type)
    {
        var boundaries = type.Parameters.Where(parameter => parameter.Key is "boundary" || parameter.Key.StartsWith("boundary*", StringComparison.Ordinal)).ToList();
        if (boundaries.Count != 1 || boundaries[0].Key != "boundary")
        {
            Note(boundaries.Count == 0 ? "multipart without boundary" : "several or encoded boundaries");
            return;
        }

        var boundary = boundaries[0].Value;
        if (boundary.Length is 0 or > 70 || boundary.EndsWith(' ') || boundary.AsSpan().IndexOfAnyExcept(BoundaryCharacters) >= 0)
        {
            Note("a boundary that RFC 2046 does not allow");
        }
    }

    // Beyond RFC 2046: characters that big mailers use in quoted boundaries and that every parser takes literally.
    private static readonly SearchValues<char> BoundaryCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'()+_,-./:=?{}[]@#$%&*!|~^<>");

    private void Note(string oddity)
    {
        _oddities ??= [];
        if (!_oddities.Contains(oddity))
        {
            _oddities.Add(oddity);
        }
    }
}
