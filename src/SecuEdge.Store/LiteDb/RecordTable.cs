using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using LiteDB;
using SecuEdge.Store.Files;

namespace SecuEdge.Store.LiteDb;

/// <summary>What records are found by. The numbers are on disk: never reused.</summary>
internal enum RecordKey : byte
{
    All = 0,
    Tenant = 1,
    Sender = 2,
    Recipient = 3,
    Class = 4,
    Action = 5,
    State = 6,

    /// <summary>An address of the envelope within one tenant: whoever may see only that tenant must not wait for the mail of the others.</summary>
    TenantAddress = 7,
    Queue = 8,
}

/// <summary>One value of one key: what records are found by.</summary>
internal readonly record struct RecordRange(RecordKey Kind, string Value)
{
    /// <summary>No tenant has a line break in its name.</summary>
    public static RecordRange TenantAddress(string tenant, string address) => new(RecordKey.TenantAddress, tenant + "\n" + address);
}

/// <summary>
/// Records in the order of their time, found newest first by any of their keys. There is one index, over an array of short binary keys:
/// <c>kind, hash of the value, order</c>; a page is one range scan from its cursor on, whatever the filter and however long the list. A hash
/// may collide, so readers compare the record itself.
/// </summary>
internal static class RecordTable
{
    private const string Collection = "records";
    private const string IndexName = "keys";
    private const int KeyBytes = 13;
    private const int HashBits = 12;

    private static readonly BsonExpression Keys = BsonExpression.Create("$.k[*]");
    private static readonly DateTimeOffset Epoch = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public readonly record struct Row(string Id, long Order, byte[] Body);

    /// <summary>Makes the index and reads both ends of it, so that a broken file shows at open.</summary>
    public static void Prepare(LiteDatabase database)
    {
        var records = database.GetCollection(Collection);
        records.EnsureIndex(IndexName, Keys, unique: false);
        Page(database, new RecordRange(RecordKey.All, ""), long.MinValue, long.MaxValue, 3);
        records.Query().OrderBy(Keys).Limit(3).ToList();
        records.FindOne(Query.All());
    }

    /// <summary>A number that sorts by time, to the microsecond, with some bits of the reference behind, so that equal times rarely make equal numbers.</summary>
    public static long Order(DateTimeOffset at, string reference) =>
        First(at) | (Checksum.Of(Encoding.UTF8.GetBytes(reference)) & ((1 << HashBits) - 1));

    /// <summary>The least order of that time.</summary>
    public static long First(DateTimeOffset at) => Math.Max(0, (at - Epoch).Ticks / TimeSpan.TicksPerMicrosecond) << HashBits;

    /// <summary>The beginning of the second of that order: tells nothing about the record that has it.</summary>
    public static long FirstOfSecond(long order) => ((order >> HashBits) / 1_000_000 * 1_000_000) << HashBits;

    public static BsonValue Key(RecordKey kind, string value, long order) => Key(new RecordRange(kind, value), order);

    public static BsonValue Key(RecordRange range, long order)
    {
        var key = new byte[KeyBytes];
        var value = range.Value;
        key[0] = (byte)range.Kind;
        if (value.Length > 0)
        {
            BinaryPrimitives.WriteUInt32BigEndian(key.AsSpan(1), Checksum.Of(Encoding.UTF8.GetBytes(value.ToUpperInvariant())));
        }

        BinaryPrimitives.WriteInt64BigEndian(key.AsSpan(5), Math.Max(0, order));
        return key;
    }

    public static void Put(LiteDatabase database, string id, long order, BsonArray keys, byte[] body) =>
        database.GetCollection(Collection).Upsert(new BsonDocument { ["_id"] = id, ["o"] = order, ["k"] = keys, ["b"] = body });

    public static bool Delete(LiteDatabase database, string id) => database.GetCollection(Collection).Delete(id);

    public static byte[]? Find(LiteDatabase database, string id) => database.GetCollection(Collection).FindById(id)?["b"].AsBinary;

    /// <summary>
    /// Newest first: orders from <paramref name="from"/> up to but without <paramref name="before"/>. Rows of one order are never parted, so
    /// the last order is always a cursor; a page may be longer than its limit by those.
    /// </summary>
    public static List<Row> Page(LiteDatabase database, RecordRange of, long from, long before, int limit)
    {
        if (before <= Math.Max(0, from))
        {
            return [];
        }

        var range = BsonExpression.Create("$.k[*] ANY BETWEEN @0 AND @1", Key(of, from), Key(of, before - 1));
        var rows = new List<Row>(limit);
        foreach (var document in database.GetCollection(Collection).Query().Where(range).OrderByDescending(Keys).ToEnumerable())
        {
            var row = ToRow(document);
            if (rows.Count >= limit && row.Order != rows[^1].Order)
            {
                break;
            }

            rows.Add(row);
        }

        return rows;
    }

    public static List<string> Ids(LiteDatabase database) =>
        database.GetCollection(Collection).Query().Select("$._id").ToEnumerable().Select(d => d["_id"].AsString).ToList();

    /// <summary>Copies everything over what is there: how records of a stand-in come home.</summary>
    public static int CopyAll(LiteDatabase from, LiteDatabase to)
    {
        var count = 0;
        foreach (var document in from.GetCollection(Collection).FindAll())
        {
            to.GetCollection(Collection).Upsert(document);
            count++;
        }

        return count;
    }

    /// <summary>Fast Brotli: records are half repeated words, and the file of a month halves.</summary>
    public static byte[] Compress(ReadOnlySpan<byte> json)
    {
        var target = new byte[BrotliEncoder.GetMaxCompressedLength(json.Length)];
        return BrotliEncoder.TryCompress(json, target, out var written, quality: 1, window: 16)
            ? target[..written]
            : throw new InvalidOperationException("The maximum length was not enough.");
    }

    public static byte[] Decompress(byte[] body)
    {
        using var source = new MemoryStream(body);
        using var brotli = new BrotliStream(source, CompressionMode.Decompress);
        using var target = new MemoryStream(4 << 10);
        brotli.CopyTo(target);
        return target.ToArray();
    }

    private static Row ToRow(BsonDocument document) => new(document["_id"].AsString, document["o"].AsInt64, document["b"].AsBinary);
}
