using System.Text;

namespace SecuEdge.Content.Documents.Pdf;

// A value is null, a bool, a double, a PdfName, PdfText, PdfReference, List<object?>, PdfDictionary or PdfStream (ISO 32000-1 §7.3).

/// <summary>A name with its #xx already read (§7.3.5).</summary>
internal sealed record PdfName(string Value);

/// <summary>A string; its bytes are replaced once when the file is decrypted.</summary>
internal sealed class PdfText(byte[] bytes)
{
    public byte[] Bytes { get; set; } = bytes;

    /// <summary>Text strings are UTF-16, UTF-8 or close to Latin-1 (§7.9.2.2).</summary>
    public override string ToString() => Decode(Bytes);

    public static string Decode(ReadOnlySpan<byte> bytes) => bytes switch
    {
        [0xfe, 0xff, ..] => Encoding.BigEndianUnicode.GetString(bytes[2..]),
        [0xff, 0xfe, ..] => Encoding.Unicode.GetString(bytes[2..]),
        [0xef, 0xbb, 0xbf, ..] => Encoding.UTF8.GetString(bytes[3..]),
        _ => Encoding.Latin1.GetString(bytes),
    };
}

/// <summary>Points to an indirect object.</summary>
internal sealed record PdfReference(int Number, int Generation);

/// <summary>A word that is no value: <c>endobj</c>, <c>stream</c>, an operator of a page.</summary>
internal sealed record PdfKeyword(string Word);

/// <summary>Keeps every entry, also repeated ones, since readers do not agree which of them counts.</summary>
internal sealed class PdfDictionary
{
    public List<KeyValuePair<string, object?>> Entries { get; } = [];

    public object? this[string key]
    {
        get
        {
            for (var i = Entries.Count - 1; i >= 0; i--)
            {
                if (Entries[i].Key == key)
                {
                    return Entries[i].Value;
                }
            }

            return null;
        }
    }

    public bool Has(string key) => Entries.Exists(entry => entry.Key == key);

    public bool IsName(string key, string value) => this[key] is PdfName name && name.Value == value;
}

/// <summary>A stream as it stands in the file: encoded, perhaps encrypted.</summary>
/// <param name="Start">Where it begins in the file, or -1 when its bytes are elsewhere.</param>
internal sealed record PdfStream(PdfDictionary Dictionary, ReadOnlyMemory<byte> Raw, long Start, int Number, int Generation);
