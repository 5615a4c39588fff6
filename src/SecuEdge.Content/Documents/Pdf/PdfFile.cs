using System.Text;

namespace SecuEdge.Content.Documents.Pdf;

/// <summary>One indirect object as found, also one that a later revision replaces: what was there once may still be opened.</summary>
internal sealed record PdfObject(int Number, int Generation, object? Value, bool IsPacked);

/// <summary>
/// All objects of a file, found by looking for <c>N G obj</c> everywhere and not by its cross-reference table, which may lie: 1. objects
/// and trailers in the order of the file; 2. the lock, if the empty or a given password opens it; 3. objects packed into streams (§7.5.7).
/// </summary>
internal sealed class PdfFile
{
    /// <summary>A thousand pages have some 20,000.</summary>
    private const int MaxObjects = 300_000;

    /// <summary>Packed objects of a large honest file are a few megabytes.</summary>
    private const int MaxPackedBytes = 64 * 1024 * 1024;

    private readonly ReadOnlyMemory<byte> _bytes;
    private readonly BudgetMeter _meter;
    private readonly Dictionary<int, object?> _latest = [];
    private PdfLock? _lock;
    private long _work;
    private int _noEndFrom = int.MaxValue;

    public PdfFile(ReadOnlyMemory<byte> bytes, BudgetMeter meter, IEnumerable<string> passwords)
    {
        _bytes = bytes;
        _meter = meter;
        Scan();
        Unlock(passwords);
        Unpack();
    }

    public List<PdfObject> Objects { get; } = [];

    public List<PdfDictionary> Trailers { get; } = [];

    public bool IsLocked { get; private set; }

    /// <summary>More objects or bytes than are looked at.</summary>
    public bool IsCut { get; private set; }

    /// <summary>Follows references, a few times only: they may go in circles.</summary>
    public object? Resolve(object? value)
    {
        for (var i = 0; i < 20 && value is PdfReference reference; i++)
        {
            value = _latest.GetValueOrDefault(reference.Number);
        }

        return value is PdfReference ? null : value;
    }

    /// <summary>The bytes of a stream, decrypted and unpacked; empty when it is locked or a picture.</summary>
    public ReadOnlyMemory<byte> Decode(PdfStream stream, int maxBytes) =>
        TryDecode(stream, stream.Raw, maxBytes, out var decoded) && _meter.TryTakeBytes(decoded.Length) ? decoded : default;

    /// <param name="raw">The bytes of the stream, which may have been read anew.</param>
    public bool TryDecode(PdfStream stream, ReadOnlyMemory<byte> raw, int maxBytes, out ReadOnlyMemory<byte> decoded)
    {
        decoded = default;
        if (IsLocked && !stream.Dictionary.IsName("Type", "XRef") && stream.Number > 0)
        {
            return false;
        }

        var filters = FiltersOf(stream.Dictionary);
        var isPlain = stream.Dictionary.IsName("Type", "XRef") || stream.Number == 0 || filters.Exists(filter => filter.Name == "Crypt" && filter.Parameters?["Name"] is not PdfName { Value: not "Identity" });
        raw = _lock is null || isPlain ? raw : _lock.DecryptStream(raw, stream.Number, stream.Generation, stream.Dictionary.IsName("Type", "EmbeddedFile"));
        return PdfFilters.Decode(raw, filters, maxBytes, out decoded);
    }

    private List<(string Name, PdfDictionary? Parameters)> FiltersOf(PdfDictionary dictionary)
    {
        var filters = Resolve(dictionary["Filter"] ?? dictionary["F"]);
        var parameters = Resolve(dictionary["DecodeParms"] ?? dictionary["DP"]);
        return filters switch
        {
            PdfName name => [(name.Value, (parameters is List<object?> { Count: > 0 } list ? Resolve(list[0]) : parameters) as PdfDictionary)],
            List<object?> names => [.. names.Take(100).Select((name, i) => ((Resolve(name) as PdfName)?.Value ?? "",
                (parameters is List<object?> all && i < all.Count ? Resolve(all[i]) : parameters) as PdfDictionary))],
            _ => [],
        };
    }

    private void Scan()
    {
        var position = 0;
        while (position < _bytes.Length && _meter.HasTime())
        {
            var span = _bytes.Span[position..];
            var found = span.IndexOf("obj"u8);
            ScanTrailers(position, found < 0 ? _bytes.Length : position + found);
            if (found < 0)
            {
                return;
            }

            var at = position + found;
            position = at + 3;
            if (TryReadHead(at, out var number, out var generation))
            {
                if (Objects.Count >= MaxObjects)
                {
                    IsCut = true;
                    return;
                }

                position = ReadObject(position, number, generation);
            }
        }
    }

    private void ScanTrailers(int start, int end)
    {
        while (start < end && _bytes.Span[start..end].IndexOf("trailer"u8) is >= 0 and var found && Trailers.Count < 10_000 && _work < 8L * _bytes.Length)
        {
            start += found + 7;
            var lexer = new PdfLexer(_bytes, start);
            if (lexer.Read() is PdfDictionary trailer)
            {
                Trailers.Add(trailer);
                Objects.Add(new PdfObject(0, 0, trailer, IsPacked: true));
            }

            _work += lexer.Position - start;
        }
    }

    /// <summary>Reads backwards from the keyword: generation, number. Numbers that make no sense make an object still.</summary>
    private bool TryReadHead(int at, out int number, out int generation)
    {
        var span = _bytes.Span;
        number = generation = 0;
        if (at >= 3 && span[(at - 3)..at].SequenceEqual("end"u8))
        {
            return false;
        }

        var position = at - 1;
        generation = NumberBefore(span, ref position);
        number = NumberBefore(span, ref position);

        // Some readers take an object without any number (trailer first); others want both.
        return number >= 0 || generation >= 0 || (at > 0 && span[at - 1] is 0 or 10 or 13 or 32);
    }

    private static int NumberBefore(ReadOnlySpan<byte> span, ref int position)
    {
        while (position >= 0 && span[position] is 0 or 9 or 10 or 12 or 13 or 32)
        {
            position--;
        }

        var end = position;
        while (position >= 0 && end - position < 10 && span[position] is >= (byte)'0' and <= (byte)'9')
        {
            position--;
        }

        return int.TryParse(span[(position + 1)..(end + 1)], out var number) ? number : -1;
    }

    /// <summary>Where to look for the next object. The value just read may hide one, unless reading things twice becomes the attack.</summary>
    private int ReadObject(int start, int number, int generation)
    {
        var lexer = new PdfLexer(_bytes, start);
        var value = lexer.Read();
        _work += lexer.Position - start;
        var end = start;
        if (value is PdfDictionary dictionary)
        {
            lexer.SkipBlanks();
            if (_bytes.Span[Math.Min(lexer.Position, _bytes.Length)..].StartsWith("stream"u8))
            {
                var stream = ReadStream(dictionary, lexer.Position + 6, number, generation);
                value = stream;
                end = (int)stream.Start + stream.Raw.Length;
            }
        }

        Objects.Add(new PdfObject(number, generation, value, IsPacked: false));
        _latest[number] = value;
        if (value is PdfStream { Dictionary: var header } && header.IsName("Type", "XRef"))
        {
            Trailers.Add(header);
        }

        return end > start ? end : _work > 4L * _bytes.Length ? Math.Max(start, lexer.Position) : start;
    }

    /// <summary>§7.3.8: the declared length is believed if the end stands there; otherwise the end is looked for.</summary>
    private PdfStream ReadStream(PdfDictionary dictionary, int start, int number, int generation)
    {
        var span = _bytes.Span;
        start += start + 1 < span.Length && span[start] == '\r' && span[start + 1] == '\n' ? 2 : start < span.Length && span[start] is 10 or 13 ? 1 : 0;
        start = Math.Min(start, span.Length);
        var declared = dictionary["Length"] is PdfReference ? Resolve(dictionary["Length"]) : dictionary["Length"];
        if (declared is double length && length > 0 && length <= span.Length - start && IsEndAt(start + (int)length))
        {
            return new PdfStream(dictionary, _bytes.Slice(start, (int)length), start, number, generation);
        }

        var end = start >= _noEndFrom ? -1 : span[start..].IndexOf("endstream"u8);
        if (end < 0)
        {
            _noEndFrom = Math.Min(_noEndFrom, start);
            end = span[start..].IndexOf("endobj"u8) is >= 0 and var other ? other : span.Length - start;
        }

        end -= end > 1 && span[start + end - 1] == '\n' && span[start + end - 2] == '\r' ? 2 : end > 0 && span[start + end - 1] is 10 or 13 ? 1 : 0;
        return new PdfStream(dictionary, _bytes.Slice(start, end), start, number, generation);
    }

    private bool IsEndAt(int position)
    {
        var rest = _bytes.Span[position..Math.Min(_bytes.Length, position + 16)].TrimStart("\r\n \0\t"u8);
        return rest.StartsWith("endstream"u8);
    }

    private void Unlock(IEnumerable<string> passwords)
    {
        if (Trailers.Select(trailer => Resolve(trailer["Encrypt"])).FirstOrDefault(value => value is PdfDictionary) is not PdfDictionary encrypt)
        {
            IsLocked = Trailers.Exists(trailer => trailer["Encrypt"] is not null);
            return;
        }

        var id = Trailers.Select(trailer => Resolve(trailer["ID"]) as List<object?>).FirstOrDefault(list => list is { Count: > 0 }) is { } ids && ids[0] is PdfText first ? first.Bytes : [];
        _lock = PdfLock.TryOpen(encrypt, id, Resolve, passwords);
        IsLocked = _lock is null;
        if (_lock is null)
        {
            return;
        }

        foreach (var entry in Objects)
        {
            if (!entry.IsPacked && !ReferenceEquals(entry.Value, encrypt) && _meter.HasTime())
            {
                foreach (var value in PdfWalk.Values(entry.Value))
                {
                    if (value is PdfText text)
                    {
                        text.Bytes = _lock.DecryptText(text.Bytes, entry.Number, entry.Generation);
                    }
                }
            }
        }
    }

    private void Unpack()
    {
        long total = 0;
        foreach (var container in Objects.ToArray())
        {
            if (container.Value is not PdfStream stream || !stream.Dictionary.IsName("Type", "ObjStm"))
            {
                continue;
            }

            var bytes = total < MaxPackedBytes && _meter.HasTime() ? Decode(stream, (int)(MaxPackedBytes - total)) : default;
            total += bytes.Length;
            IsCut |= total >= MaxPackedBytes;
            Unpack(stream, bytes, isReplaced: !ReferenceEquals(_latest.GetValueOrDefault(container.Number), stream));
        }
    }

    private void Unpack(PdfStream stream, ReadOnlyMemory<byte> bytes, bool isReplaced)
    {
        var first = Resolve(stream.Dictionary["First"]) is double offset ? (int)Math.Clamp(offset, 0, bytes.Length) : 0;
        var index = new PdfLexer(bytes);
        while (index.Position < first && index.Read() is double number && index.Read() is double at)
        {
            if (Objects.Count >= MaxObjects)
            {
                IsCut = true;
                return;
            }

            var lexer = new PdfLexer(bytes, (int)Math.Clamp(first + at, 0, bytes.Length));
            var value = lexer.Read();

            // Positions that all point to the same long value would be read again and again.
            _work += lexer.Position - (int)Math.Clamp(first + at, 0, bytes.Length);
            if (_work > (8L * _bytes.Length) + (4L * MaxPackedBytes))
            {
                IsCut = true;
                return;
            }

            Objects.Add(new PdfObject((int)number, 0, value, IsPacked: true));
            if (!isReplaced || !_latest.ContainsKey((int)number))
            {
                _latest[(int)number] = value;
            }
        }
    }
}
