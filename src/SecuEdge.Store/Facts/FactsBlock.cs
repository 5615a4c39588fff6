using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using SecuEdge.Filter.Policy.Rules;
using SecuEdge.Store.Files;

namespace SecuEdge.Store.Facts;

/// <summary>
/// Some facts of one tenant: a header that says whose and from when, so that others pass it over, and compressed JSON lines. Header and
/// content have a checksum each.
/// </summary>
/// <param name="Length">Of the content in the file.</param>
/// <param name="Count">How many facts; 0 in blocks of versions that did not say.</param>
internal sealed record FactsBlock(string Tenant, DateTimeOffset Oldest, DateTimeOffset Newest, int Length, uint ContentSum, int Count)
{
    public const int HeaderSize = 104;

    /// <summary>Records of one block; at some kilobytes each, what is unpacked at once stays below a few megabytes.</summary>
    public const int MaxRecords = 500;

    private const int TenantAt = 33;
    private const int MaxTenantBytes = HeaderSize - TenantAt - sizeof(uint);

    /// <summary>A record is bounded, so a block is; a damaged one must not ask for gigabytes.</summary>
    private const int MaxContentBytes = 64 << 20;

    // "SEF1": what reading looks for behind damage.
    public static ReadOnlySpan<byte> Magic => "SEF1"u8;

    public static byte[] Encode(string tenant, IReadOnlyList<PolicyFacts> facts)
    {
        using var file = new MemoryStream();
        file.Write(new byte[HeaderSize]);
        using (var json = new PooledBuffer(16 * 1024))
        using (var compressed = new BrotliStream(file, CompressionLevel.Optimal, leaveOpen: true))
        {
            foreach (var one in facts)
            {
                json.Clear();
                StoreJson.Write(json, one, StoreJson.Default.PolicyFacts);
                json.Append("\n"u8);
                compressed.Write(json.Written.Span);
            }
        }

        var bytes = file.ToArray();
        var content = bytes.AsSpan(HeaderSize);
        var header = bytes.AsSpan(0, HeaderSize);
        Magic.CopyTo(header);
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], content.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], Checksum.Of(content));
        BinaryPrimitives.WriteInt32LittleEndian(header[12..], facts.Count);
        BinaryPrimitives.WriteInt64LittleEndian(header[16..], facts.Min(f => f.At.UtcTicks));
        BinaryPrimitives.WriteInt64LittleEndian(header[24..], facts.Max(f => f.At.UtcTicks));
        header[TenantAt - 1] = (byte)NameOf(tenant, header[TenantAt..^sizeof(uint)]);
        RecordFile.Seal(header);
        return bytes;
    }

    /// <summary>Null when it is damaged.</summary>
    public static FactsBlock? ReadHeader(ReadOnlySpan<byte> header)
    {
        if (header.Length < HeaderSize || !header.StartsWith(Magic)
            || BinaryPrimitives.ReadUInt32LittleEndian(header[(HeaderSize - sizeof(uint))..]) != Checksum.Of(header[..(HeaderSize - sizeof(uint))]))
        {
            return null;
        }

        var length = BinaryPrimitives.ReadInt32LittleEndian(header[4..]);
        return length is < 0 or > MaxContentBytes
            ? null
            : new FactsBlock(
                Encoding.UTF8.GetString(header.Slice(TenantAt, header[TenantAt - 1])),
                new DateTimeOffset(BinaryPrimitives.ReadInt64LittleEndian(header[16..]), TimeSpan.Zero),
                new DateTimeOffset(BinaryPrimitives.ReadInt64LittleEndian(header[24..]), TimeSpan.Zero),
                length,
                BinaryPrimitives.ReadUInt32LittleEndian(header[8..]),
                Math.Max(0, BinaryPrimitives.ReadInt32LittleEndian(header[12..])));
    }

    /// <summary>What is in it; nothing when it is damaged.</summary>
    public List<PolicyFacts> Decode(byte[] content)
    {
        if (content.Length != Length || Checksum.Of(content) != ContentSum)
        {
            return [];
        }

        List<PolicyFacts> facts = [];
        using var compressed = new BrotliStream(new MemoryStream(content), CompressionMode.Decompress);
        using var json = new MemoryStream();
        compressed.CopyTo(json);
        var left = json.GetBuffer().AsSpan(0, (int)json.Length);
        for (int end; (end = left.IndexOf((byte)'\n')) >= 0; left = left[(end + 1)..])
        {
            facts.Add(StoreJson.ReadFacts(left[..end]));
        }

        return facts;
    }

    /// <summary>The name as headers have it: whoever looks for a tenant compares this.</summary>
    public static string ShortName(string tenant)
    {
        Span<byte> bytes = stackalloc byte[MaxTenantBytes];
        return Encoding.UTF8.GetString(bytes[..NameOf(tenant, bytes)]);
    }

    private static int NameOf(string tenant, Span<byte> bytes)
    {
        Encoding.UTF8.GetEncoder().Convert(tenant.ToLowerInvariant(), bytes, flush: false, out _, out var length, out _);
        return length;
    }
}
