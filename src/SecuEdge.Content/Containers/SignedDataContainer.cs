using System.Formats.Asn1;
using System.IO.Compression;
using System.Security.Cryptography.Pkcs;

namespace SecuEdge.Content.Containers;

/// <summary>An opaque S/MIME signature: the message is inside the signature (RFC 8551 §3.5.2). Whether it is valid is not asked here.</summary>
internal sealed class SignedDataContainer : IContainer
{
    /// <summary>The decoder of the framework wants it all at once.</summary>
    private const int MaxBytes = 32 * 1024 * 1024;

    private const string SignedData = "1.2.840.113549.1.7.2";

    /// <summary>RFC 3274. Hardly anybody writes it, yet Outlook opens it.</summary>
    private const string CompressedData = "1.2.840.113549.1.9.16.1.9";

    private static readonly HashSet<string> EnvelopedData =
        ["1.2.840.113549.1.7.3", "1.2.840.113549.1.9.16.1.23", "1.2.840.113549.1.7.6"];

    public IReadOnlyList<string> MediaTypes => [Files.FileTypes.Pkcs7];

    public void Open(IByteSource bytes, ContainerVisit visit)
    {
        if (visit.IsIncidental)
        {
            return;
        }

        byte[]? content = null;
        byte[]? packed = null;
        var isComplete = bytes.TryLookAtAll(MaxBytes, all =>
        {
            var type = new AsnReader(all, AsnEncodingRules.BER).ReadSequence().ReadObjectIdentifier();
            if (EnvelopedData.Contains(type))
            {
                visit.Flag(AnatomyFlags.EncryptedSmime);
            }
            else if (type == CompressedData)
            {
                packed = CompressedBytes(all);
            }
            else if (type == SignedData)
            {
                var signed = new SignedCms();
                signed.Decode(all.Span);
                content = signed.ContentInfo.Content;
            }
        });

        if (!isComplete)
        {
            visit.Flag(AnatomyFlags.OverBudget);
        }
        else if (content is { Length: > 0 })
        {
            visit.Flag(AnatomyFlags.SignedMessage);
            visit.Add(new EntryDraft { DeclaredSize = content.Length }, () => new MemoryStream(content, writable: false));
        }
        else if (packed is not null)
        {
            visit.Add(new EntryDraft(), () => new ZLibStream(new MemoryStream(packed, writable: false), CompressionMode.Decompress));
        }
    }

    /// <summary>RFC 3274 §1.1: version, algorithm (there is only zlib), then the content as an octet string, which BER may cut into pieces.</summary>
    private static byte[] CompressedBytes(ReadOnlyMemory<byte> message)
    {
        var explicitly = new Asn1Tag(TagClass.ContextSpecific, 0);
        var outer = new AsnReader(message, AsnEncodingRules.BER).ReadSequence();
        outer.ReadObjectIdentifier();
        var compressed = outer.ReadSequence(explicitly).ReadSequence();
        compressed.ReadInteger();
        compressed.ReadSequence();
        var content = compressed.ReadSequence();
        content.ReadObjectIdentifier();
        return content.ReadSequence(explicitly).ReadOctetString();
    }
}
