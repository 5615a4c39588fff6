using System.Globalization;
using System.Text;

namespace SecuEdge.Filter.Scanners.HashLists;

/// <summary>
/// Reads lists as people and feeds write them, a line at a time. The kind of hash shows in its length.
/// <code>
/// 44d88612fea8a8f36de82e1278abb02f
/// 275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f;Test file;2030-12-31
/// 275a021b…fd0f  eicar.com                                (as sha256sum writes it)
/// "2026-01-31 10:00:00", "275a021b…fd0f", "44d8…b02f", …   (a CSV export; its header may name the columns, in a comment, too)
/// </code>
/// A row with both hashes of one file counts once, by its SHA-256.
/// </summary>
internal sealed class HashListText(ushort defaultExpiry, ushort today)
{
    private const int MaxLineChars = 8192;
    private const int MaxCommentChars = 100;
    private const int MaxErrors = 20;

    private static readonly string[] CommentColumns = ["signature", "malware", "family", "comment", "name", "description"];
    private static readonly string[] ExpiryColumns = ["expires", "expiry", "expires_at", "valid_until"];

    private readonly List<string> _errors = [];
    private int _commentColumn = -1;
    private int _expiryColumn = -1;
    private long _line;
    private long _wrong;

    /// <summary>The first wrong lines, each with its number.</summary>
    public IReadOnlyList<string> Errors => _wrong > _errors.Count ? [.. _errors, $"and {_wrong - _errors.Count} more lines"] : _errors;

    public bool HasErrors => _wrong > 0;

    public async IAsyncEnumerable<HashListEntry> ReadAsync(
        Stream text, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(text, Encoding.UTF8, detectEncodingFromByteOrderMarks: true, 64 * 1024, leaveOpen: true);
        var line = new StringBuilder();
        var buffer = new char[32 * 1024];
        int read;
        while ((read = await reader.ReadAsync(buffer, cancellationToken)) > 0)
        {
            var rest = buffer.AsMemory(0, read);
            int end;
            while ((end = rest.Span.IndexOf('\n')) >= 0)
            {
                line.Append(rest.Span[..Math.Min(end, MaxLineChars)]);
                if (Parse(line.ToString()) is { } entry)
                {
                    yield return entry;
                }

                line.Clear();
                rest = rest[(end + 1)..];
            }

            // A file without line breaks must not fill the memory; its one line is wrong anyway.
            if (line.Length <= MaxLineChars)
            {
                line.Append(rest);
            }
        }

        if (line.Length > 0 && Parse(line.ToString()) is { } last)
        {
            yield return last;
        }
    }

    private HashListEntry? Parse(string raw)
    {
        _line++;
        var line = raw.Trim();
        if (line.Length == 0)
        {
            return null;
        }

        if (line.Length > MaxLineChars)
        {
            return Wrong("is too long");
        }

        if (line[0] == '#')
        {
            ReadHeader(line.TrimStart('#', ' '));
            return null;
        }

        return line.Contains(',', StringComparison.Ordinal) || line[0] == '"' ? ParseRow(line) : ParsePlain(line);
    }

    // "hash;comment;expiry", or the hash and a file name as sha256sum writes them.
    private HashListEntry? ParsePlain(string line)
    {
        var semicolon = line.IndexOf(';', StringComparison.Ordinal);
        if (semicolon < 0)
        {
            var blank = line.AsSpan().IndexOfAny(' ', '\t');
            return blank < 0 ? Entry(line, "", "") : Entry(line[..blank], line[blank..].TrimStart(' ', '\t', '*'), "");
        }

        var fields = line.Split(';', StringSplitOptions.TrimEntries);
        return fields.Length > 3 ? Wrong("has more than hash, comment and expiry") : Entry(fields[0], fields[1], fields.Length > 2 ? fields[2] : "");
    }

    private HashListEntry? ParseRow(string line)
    {
        var fields = Fields(line);
        var hash = fields.Find(field => IsHash(field, 64)) ?? fields.Find(field => IsHash(field, 32));
        if (hash is null)
        {
            return _line == 1 && ReadHeader(line) ? null : Wrong("has neither a SHA-256 nor an MD5");
        }

        return Entry(hash, FieldAt(fields, _commentColumn), FieldAt(fields, _expiryColumn));
    }

    private bool ReadHeader(string line)
    {
        var names = Fields(line).ConvertAll(name => name.ToLowerInvariant());
        if (!names.Exists(name => name.Contains("sha256", StringComparison.Ordinal) || name.Contains("md5", StringComparison.Ordinal)))
        {
            return false;
        }

        _commentColumn = CommentColumns.Select(name => names.IndexOf(name)).FirstOrDefault(index => index >= 0, -1);
        _expiryColumn = ExpiryColumns.Select(name => names.IndexOf(name)).FirstOrDefault(index => index >= 0, -1);
        return true;
    }

    private HashListEntry? Entry(string hash, string comment, string expiry)
    {
        if (!IsHash(hash, 64) && !IsHash(hash, 32))
        {
            return Wrong("does not begin with a SHA-256 (64 hexadecimal digits) or an MD5 (32)");
        }

        var day = defaultExpiry;
        if (expiry.Length > 0 && !TryReadExpiry(expiry, out day))
        {
            return Wrong("has an expiry that is neither a date (2030-12-31) nor a number of days (30d)");
        }

        return new HashListEntry(Convert.FromHexString(hash), day, Clean(comment));
    }

    private bool TryReadExpiry(string text, out ushort day)
    {
        if (text.EndsWith('d') && int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var days))
        {
            day = (ushort)Math.Min(ushort.MaxValue, today + days);
            return true;
        }

        var isTime = DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time);
        day = isTime ? HashListDays.Of(time) : (ushort)0;
        return isTime;
    }

    private HashListEntry? Wrong(string why)
    {
        _wrong++;
        if (_errors.Count < MaxErrors)
        {
            _errors.Add(string.Create(CultureInfo.InvariantCulture, $"line {_line} {why}"));
        }

        return null;
    }

    // RFC 4180, and with blanks after the commas, as feeds write them.
    private static List<string> Fields(string line)
    {
        List<string> fields = [];
        var field = new StringBuilder();
        var isQuoted = false;
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] == '"' && isQuoted && i + 1 < line.Length && line[i + 1] == '"')
            {
                field.Append('"');
                i++;
            }
            else if (line[i] == '"')
            {
                isQuoted = !isQuoted;
            }
            else if (line[i] == ',' && !isQuoted)
            {
                fields.Add(field.ToString().Trim());
                field.Clear();
            }
            else
            {
                field.Append(line[i]);
            }
        }

        fields.Add(field.ToString().Trim());
        return fields;
    }

    private static string FieldAt(List<string> fields, int index) =>
        index < 0 || index >= fields.Count || fields[index] is "n/a" or "null" or "None" ? "" : fields[index];

    private static bool IsHash(string text, int length) => text.Length == length && text.All(char.IsAsciiHexDigit);

    private static string Clean(string comment)
    {
        var clean = string.Concat(comment.Where(character => !char.IsControl(character))).Trim().Trim('"');
        return clean.Length <= MaxCommentChars ? clean : clean[..MaxCommentChars];
    }
}
