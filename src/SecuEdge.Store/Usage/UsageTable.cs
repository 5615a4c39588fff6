using System.Globalization;
using LiteDB;
using SecuEdge.Filter;

namespace SecuEdge.Store.Usage;

/// <summary>
/// The rows in the month's database. Both tables are found by their id alone, which begins with the tenant: traffic as
/// <c>tenant\nday\ndirection\nclass</c>, mailboxes as <c>tenant\naddress</c>.
/// </summary>
internal static class UsageTable
{
    private const string Days = "usage";
    private const string Mailboxes = "mailboxes";
    private const string UnlistedField = "u";

    // RFC 6761 §6.4: a name that nobody can ever own.
    private const string PseudonymDomain = ".invalid";
    private const char Separator = '\n';
    private const char BehindSeparator = '\v';

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

    /// <param name="isListed">Once it was, it is a mailbox of the month.</param>
    public static void AddMailbox(LiteDatabase database, string id, bool isSender, bool isListed, DateOnly day)
    {
        var rows = database.GetCollection(Mailboxes);
        var row = rows.FindById(id);
        var field = isSender ? "s" : "r";
        if (row?[field].IsNull == false && !(isListed && Has(row, UnlistedField)))
        {
            return;
        }

        if (isListed)
        {
            row?.Remove(UnlistedField);
        }

        row ??= isListed ? new BsonDocument { ["_id"] = id, ["f"] = day.DayNumber } : new BsonDocument { ["_id"] = id, ["f"] = day.DayNumber, [UnlistedField] = true };
        row[field] = true;
        rows.Upsert(row);
    }

    /// <param name="isOwn">Whether a domain is the tenant's now.</param>
    public static MonthlyUsage Read(LiteDatabase database, int month, Func<string, string, bool> isOwn)
    {
        var days = database.GetCollection(Days).Query().ToEnumerable().Select(ToDay).OfType<UsageDay>().Where(d => d != Nothing(d)).ToList();
        var counts = new List<MailboxCount>();
        foreach (var row in database.GetCollection(Mailboxes).Query().OrderBy("$._id").ToEnumerable())
        {
            var tenant = Split(row).Tenant;
            if (counts.Count == 0 || counts[^1].Tenant != tenant)
            {
                counts.Add(new MailboxCount(tenant, 0, 0, 0));
            }

            var count = counts[^1];
            counts[^1] = StandingOf(row, isOwn) switch
            {
                MailboxStanding.Used => count with { Used = count.Used + 1, Received = count.Received + (Has(row, "r") ? 1 : 0), Sent = count.Sent + (Has(row, "s") ? 1 : 0) },
                MailboxStanding.Unlisted => count with { Unlisted = count.Unlisted + 1 },
                MailboxStanding.Former => count with { Former = count.Former + 1 },
                var other => throw new InvalidOperationException($"there is no standing {other}"),
            };
        }

        return new MonthlyUsage { Month = month, Days = days, Mailboxes = counts };
    }

    public static List<UsedMailbox> MailboxesOf(LiteDatabase database, int month, string tenant, string? after, int limit, Func<string, string, bool> isOwn)
    {
        var prefix = tenant.ToLowerInvariant();
        var from = after is null ? $"{prefix}{Separator}" : MailboxId(tenant, after);
        return database.GetCollection(Mailboxes).Query()
            .Where(BsonExpression.Create("$._id > @0 AND $._id < @1", from, $"{prefix}{BehindSeparator}"))
            .OrderBy("$._id").Limit(limit).ToList()
            .ConvertAll(row => ToMailbox(row, month, isOwn));
    }

    public static UsedMailbox? Find(LiteDatabase database, int month, string tenant, string address, Func<string, string, bool> isOwn) =>
        database.GetCollection(Mailboxes).FindById(MailboxId(tenant, address)) is { } row ? ToMailbox(row, month, isOwn) : null;

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

    private static UsedMailbox ToMailbox(BsonDocument row, int month, Func<string, string, bool> isOwn) =>
        new(month, Split(row).Address, Has(row, "r"), Has(row, "s"), DateOnly.FromDayNumber(row["f"].AsInt32)) { Standing = StandingOf(row, isOwn) };

    /// <summary>A person who was forgotten counts on as what he was: pseudonyms are in nobody's domain.</summary>
    private static MailboxStanding StandingOf(BsonDocument row, Func<string, string, bool> isOwn)
    {
        var (tenant, address) = Split(row);
        var domain = address[(address.LastIndexOf('@') + 1)..];
        return !domain.EndsWith(PseudonymDomain, StringComparison.Ordinal) && !isOwn(tenant, domain) ? MailboxStanding.Former
            : Has(row, UnlistedField) ? MailboxStanding.Unlisted
            : MailboxStanding.Used;
    }

    private static (string Tenant, string Address) Split(BsonDocument row)
    {
        var id = row["_id"].AsString;
        var at = id.IndexOf(Separator, StringComparison.Ordinal);
        return (id[..at], id[(at + 1)..]);
    }

    private static bool Has(BsonDocument row, string field) => row[field].IsBoolean && row[field].AsBoolean;

    private static long Number(BsonDocument row, string field) => row[field].IsNumber ? row[field].AsInt64 : 0;
}
