using System.Globalization;
using LiteDB;
using SecuEdge.Filter;

namespace SecuEdge.Store.Usage;

/// <summary>
/// The rows in the month's database. Both tables are found by their id alone, which begins with the tenant: traffic as
/// <c>tenant\nday\ndirection\nclass</c>, mailboxes as <c>tenant\naddress</c>. As what a mailbox counts stands in its row and is never asked of
/// the settings of today: a bill must say next year what it says now.
/// </summary>
internal static class UsageTable
{
    private const string Days = "usage";
    private const string Mailboxes = "mailboxes";
    private const string UnlistedField = "u";

    // Whether the domain was the tenant's when it was asked for. Rows of older versions lack it until they are settled.
    private const string OwnField = "o";

    // RFC 6761 §6.4: a name that nobody can ever own.
    private const string PseudonymDomain = ".invalid";
    private const char Separator = '\n';
    private const char BehindSeparator = '\v';
    private const char LowestCharacter = '\u0001';

    public static IReadOnlyList<string> Names { get; } = [Days, Mailboxes];

    public static string MailboxId(string tenant, string address) => $"{tenant.ToLowerInvariant()}{Separator}{address.ToLowerInvariant()}";

    public static void AddTo(LiteDatabase database, UsageDay day)
    {
        var rows = database.GetCollection(Days);
        var id = string.Join(Separator, day.Tenant, day.Day.ToString("yyyyMMdd", CultureInfo.InvariantCulture), day.Direction, day.Class);
        var row = rows.FindById(id) ?? new BsonDocument { ["_id"] = id };
        Add(row, "m", day.Messages);
        Add(row, "b", day.Bytes);
        Add(row, "d", day.Delivered);
        Add(row, "r", day.Deliveries);
        Add(row, "q", day.Quarantined);
        Add(row, "x", day.Blocked);
        rows.Upsert(row);
    }

    /// <summary>Counts an address in a domain of the tenant.</summary>
    /// <param name="isListed">Once it was, it is a mailbox of the month.</param>
    /// <param name="isOver">The month is: what stands in it stands.</param>
    public static void AddMailbox(LiteDatabase database, string id, bool isSender, bool isListed, bool isOver, DateOnly day)
    {
        var rows = database.GetCollection(Mailboxes);
        var row = rows.FindById(id);
        if (!isOver && row is not null && IsForeign(row))
        {
            // What it did as a stranger's address is not the tenant's.
            row = null;
        }

        var field = isSender ? "s" : "r";
        var becomesListed = !isOver && isListed && row is not null && Has(row, UnlistedField);
        if (row?[field].IsNull == false && !becomesListed)
        {
            return;
        }

        if (becomesListed)
        {
            row!.Remove(UnlistedField); // It is not null: it has the field.
        }

        row ??= isListed
            ? new BsonDocument { ["_id"] = id, ["f"] = day.DayNumber, [OwnField] = true }
            : new BsonDocument { ["_id"] = id, ["f"] = day.DayNumber, [OwnField] = true, [UnlistedField] = true };
        row[field] = true;
        rows.Upsert(row);
    }

    /// <summary>Notes in rows of older versions whether their domain is the tenant's. A person who was forgotten counts on as what he was: pseudonyms are in nobody's domain.</summary>
    /// <param name="after">Where the call before ended; empty at the beginning.</param>
    /// <returns>Where to go on; null at the end.</returns>
    public static string? Settle(LiteDatabase database, string after, int limit, Func<string, string, bool> isOwn)
    {
        var rows = database.GetCollection(Mailboxes);
        var page = rows.Query().Where(BsonExpression.Create("$._id > @0", after)).OrderBy("$._id").Limit(limit).ToList();
        foreach (var row in page.Where(r => !r[OwnField].IsBoolean))
        {
            var (tenant, address) = Split(row);
            var domain = address[(address.LastIndexOf('@') + 1)..];
            row[OwnField] = domain.EndsWith(PseudonymDomain, StringComparison.Ordinal) || isOwn(tenant, domain);
            rows.Update(row);
        }

        return page.Count < limit ? null : page[^1]["_id"].AsString;
    }

    /// <param name="tenants">Null = all.</param>
    public static MonthlyUsage Read(LiteDatabase database, int month, IReadOnlyCollection<string>? tenants)
    {
        var days = Rows(database, Days, tenants).Select(ToDay).OfType<UsageDay>().Where(d => d != Nothing(d)).ToList();
        var counts = new List<MailboxCount>();
        foreach (var row in Rows(database, Mailboxes, tenants))
        {
            var tenant = Split(row).Tenant;
            if (counts.Count == 0 || counts[^1].Tenant != tenant)
            {
                counts.Add(new MailboxCount(tenant, 0, 0, 0));
            }

            var count = counts[^1];
            counts[^1] = StandingOf(row) switch
            {
                MailboxStanding.Used => count with { Used = count.Used + 1, Received = count.Received + (Has(row, "r") ? 1 : 0), Sent = count.Sent + (Has(row, "s") ? 1 : 0) },
                MailboxStanding.Unlisted => count with { Unlisted = count.Unlisted + 1 },
                MailboxStanding.Former => count with { Former = count.Former + 1 },
                var other => throw new InvalidOperationException($"there is no standing {other}"),
            };
        }

        return new MonthlyUsage { Month = month, Days = days, Mailboxes = counts };
    }

    public static List<UsedMailbox> MailboxesOf(LiteDatabase database, int month, string tenant, string? after, int limit)
    {
        var from = MailboxId(tenant, after is null ? "" : after + LowestCharacter);
        return Range(database, Mailboxes, from, tenant).Limit(limit).ToList().ConvertAll(row => ToMailbox(row, month));
    }

    public static UsedMailbox? Find(LiteDatabase database, int month, string tenant, string address) =>
        database.GetCollection(Mailboxes).FindById(MailboxId(tenant, address)) is { } row ? ToMailbox(row, month) : null;

    public static bool Rename(LiteDatabase database, string tenant, string from, string to)
    {
        var rows = database.GetCollection(Mailboxes);
        if (to == from || rows.FindById(MailboxId(tenant, from)) is not { } row)
        {
            return false;
        }

        rows.Delete(row["_id"]);
        row["_id"] = MailboxId(tenant, to);
        rows.Upsert(row);
        return true;
    }

    private static IEnumerable<BsonDocument> Rows(LiteDatabase database, string table, IReadOnlyCollection<string>? tenants) => tenants is null
        ? database.GetCollection(table).Query().OrderBy("$._id").ToEnumerable()
        : tenants.SelectMany(t => Range(database, table, MailboxId(t, ""), t).ToEnumerable());

    /// <summary>Rows of a tenant in their order. One range: of two conditions the database looks up one and reads all that the other leaves out.</summary>
    private static ILiteQueryable<BsonDocument> Range(LiteDatabase database, string table, string from, string tenant) =>
        database.GetCollection(table).Query()
            .Where(BsonExpression.Create("$._id BETWEEN @0 AND @1", from, $"{tenant.ToLowerInvariant()}{BehindSeparator}")).OrderBy("$._id");

    private static void Add(BsonDocument row, string field, long number)
    {
        if (number != 0)
        {
            row[field] = Number(row, field) + number;
        }
    }

    private static UsageDay? ToDay(BsonDocument row) =>
        row["_id"].AsString.Split(Separator) is [var tenant, var day, var direction, var @class]
        && DateOnly.TryParseExact(day, "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var parsed)
        && Enum.TryParse<Direction>(direction, out var way)
        && Enum.TryParse<MessageClass>(@class, out var kind)
            ? new UsageDay
            {
                Tenant = tenant,
                Day = parsed,
                Direction = way,
                Class = kind,
                Messages = Number(row, "m"),
                Bytes = Number(row, "b"),
                Delivered = Number(row, "d"),
                Deliveries = Number(row, "r"),
                Quarantined = Number(row, "q"),
                Blocked = Number(row, "x"),
            }
            : null;

    /// <summary>The same row without any number: all its messages changed their class.</summary>
    private static UsageDay Nothing(UsageDay day) => new() { Tenant = day.Tenant, Day = day.Day, Direction = day.Direction, Class = day.Class };

    private static UsedMailbox ToMailbox(BsonDocument row, int month) =>
        new(month, Split(row).Address, Has(row, "r"), Has(row, "s"), DateOnly.FromDayNumber(row["f"].AsInt32)) { Standing = StandingOf(row) };

    private static MailboxStanding StandingOf(BsonDocument row) =>
        IsForeign(row) ? MailboxStanding.Former : Has(row, UnlistedField) ? MailboxStanding.Unlisted : MailboxStanding.Used;

    private static bool IsForeign(BsonDocument row) => row[OwnField].IsBoolean && !row[OwnField].AsBoolean;

    private static (string Tenant, string Address) Split(BsonDocument row)
    {
        var id = row["_id"].AsString;
        var at = id.IndexOf(Separator, StringComparison.Ordinal);
        return (id[..at], id[(at + 1)..]);
    }

    private static bool Has(BsonDocument row, string field) => row[field].IsBoolean && row[field].AsBoolean;

    private static long Number(BsonDocument row, string field) => row[field].IsNumber ? row[field].AsInt64 : 0;
}
