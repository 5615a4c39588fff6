using LiteDB;
using SecuEdge.Store.Files;
using SecuEdge.Store.LiteDb;
using SecuEdge.Store.Usage;

namespace SecuEdge.Store.MessageLog;

/// <summary>
/// Stories in a month's database, each with two marks that are not part of it: what the usage counted of it, and that it is pseudonymised.
/// A story with that mark that is written again in clear words is put on a list, to be pseudonymised again.
/// </summary>
internal static class StoryTable
{
    private const string Records = "records";
    private const string Again = "again";
    private const string UsageField = "u";
    private const string PseudonymField = "p";

    /// <summary>
    /// Makes every table of a month, before anybody reads. Seen with LiteDB 5.0.20: whoever reads a table while it is being made may get "page
    /// type must be collection page", and the engine closes, under the writer too.
    /// </summary>
    public static void Prepare(LiteDatabase database)
    {
        RecordTable.Prepare(database);
        foreach (var name in UsageTable.Names.Append(Again).Where(n => !database.CollectionExists(n)))
        {
            database.GetCollection(name).Insert(new BsonDocument { ["_id"] = "" });
            database.GetCollection(name).Delete("");
        }
    }

    /// <summary>Writes and counts; the tally is of the same transaction.</summary>
    public static void Put(LiteDatabase database, IEnumerable<MessageRecord> records, UsageTally tally)
    {
        using var json = new PooledBuffer(8 << 10);
        var collection = database.GetCollection(Records);
        foreach (var record in records)
        {
            var known = collection.FindById(record.Reference);
            json.Clear();
            StoreJson.Write(json, record);
            var order = RecordTable.Order(record.ReceivedAt, record.Reference);
            var row = new BsonDocument
            {
                ["_id"] = record.Reference,
                ["o"] = order,
                ["k"] = MessageFilter.KeysOf(record, order),
                ["b"] = RecordTable.Compress(json.Written.Span),
                [UsageField] = tally.Add(record, new UsageMarks(known?[UsageField].IsNumber == true ? known[UsageField].AsInt64 : 0)).Value,
            };
            if (record.IsPseudonymised)
            {
                row[PseudonymField] = true;
            }
            else if (known?[PseudonymField].IsBoolean == true)
            {
                database.GetCollection(Again).Upsert(new BsonDocument { ["_id"] = record.Reference });
            }

            collection.Upsert(row);
        }

        tally.Write();
    }

    public static MessageRecord? Find(LiteDatabase database, string reference) =>
        RecordTable.Find(database, reference) is { } body ? Decode(body) : null;

    /// <summary>Oldest first; rows of one order are never parted.</summary>
    public static List<(long Order, MessageRecord Record)> Oldest(LiteDatabase database, string tenant, long from, long before, int limit)
    {
        if (before <= from)
        {
            return [];
        }

        var keys = BsonExpression.Create("$.k[*]");
        var range = BsonExpression.Create(
            "$.k[*] ANY BETWEEN @0 AND @1", RecordTable.Key(RecordKey.Tenant, tenant, from), RecordTable.Key(RecordKey.Tenant, tenant, before - 1));
        var found = new List<(long Order, MessageRecord Record)>(limit);
        foreach (var document in database.GetCollection(Records).Query().Where(range).OrderBy(keys).ToEnumerable())
        {
            var order = document["o"].AsInt64;
            if (found.Count >= limit && order != found[^1].Order)
            {
                break;
            }

            found.Add((order, Decode(document["b"].AsBinary)));
        }

        return found;
    }

    /// <summary>Pseudonymised stories that were written again in clear words.</summary>
    public static List<string> ToDoAgain(LiteDatabase database, int limit) =>
        database.GetCollection(Again).Query().Limit(limit).ToEnumerable().Select(d => d["_id"].AsString).ToList();

    public static void DoneAgain(LiteDatabase database, string reference) => database.GetCollection(Again).Delete(reference);

    private static MessageRecord Decode(byte[] body) => StoreJson.ReadRecord(RecordTable.Decompress(body));
}
