using System.ComponentModel;
using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Operations;
using SecuEdge.Store.Refusals;

namespace SecuEdge.Appliance.Api;

/// <summary>Recipients that were refused before there was a message.</summary>
internal static class RefusalsApi
{
    public static void Map(RouteGroupBuilder api) =>
        api.MapGet("/refusals", SearchAsync).WithTags("Messages")
            .WithSummary("Recipients that were refused before there was a message, counted by the hour, newest first")
            .Needs(Permission.MessagesRead);

    private static async Task<Results<Ok<Page<RefusalDetail>>, ProblemHttpResult>> SearchAsync(
        Caller caller,
        RefusalOperations operations,
        CancellationToken cancellationToken,
        [Description("Only this tenant")] string? tenant = null,
        [Description("Envelope sender: an address, or a domain for all of it")] string? sender = null,
        [Description("Envelope recipient: an address, or a domain for all of it")] string? recipient = null,
        [Description("Address of the client")] string? client = null,
        [Description("What the reply said in brackets")] string? reference = null,
        [Description("unknownMailbox, mailboxesNotKnown, suspended, pending, relay or settings")] string? reason = null,
        [Description("With an attempt at or after, RFC 3339")] DateTimeOffset? since = null,
        [Description("With an attempt before, RFC 3339")] DateTimeOffset? until = null,
        [Description("1-200")] int limit = 50,
        [Description("`next` of the page before")] string? cursor = null)
    {
        var words = new QueryWords();
        var query = new RefusalQuery
        {
            Tenant = tenant,
            Sender = sender,
            Recipient = recipient,
            Client = client,
            Reference = reference,
            Reason = words.Read<RefusalReason>("reason", reason),
            Since = since,
            Until = until,
            Limit = words.Limit(limit),
        };
        if (words.IsWrong(out var problem))
        {
            return problem;
        }

        if (cursor is not null)
        {
            query = query with { Before = long.Parse(cursor, CultureInfo.InvariantCulture) };
        }

        var page = await operations.SearchAsync(caller, query, cancellationToken);
        return TypedResults.Ok(new Page<RefusalDetail>([.. page.Items.Select(RefusalDetail.Of)], page.Next?.ToString(CultureInfo.InvariantCulture)));
    }
}

/// <summary>The refused attempts of one client from one sender to one recipient within an hour.</summary>
public sealed record RefusalDetail
{
    /// <summary>Whom it concerns: whose domain or mail server it is. `provider` for strangers who tried to relay, and for domains that nobody has proven yet.</summary>
    public required string Tenant { get; init; }

    /// <summary>The first attempt.</summary>
    public required DateTimeOffset First { get; init; }

    /// <summary>The latest attempt.</summary>
    public required DateTimeOffset Last { get; init; }

    /// <summary>How often it was tried.</summary>
    public required long Count { get; init; }

    /// <summary>Address of the client; null when the attempts of several are counted together.</summary>
    public string? Client { get; init; }

    /// <summary>Envelope sender, empty for bounces; null when attempts are counted together.</summary>
    public string? Sender { get; init; }

    /// <summary>Envelope recipient; null when attempts are counted together.</summary>
    public string? Recipient { get; init; }

    /// <summary>Why.</summary>
    public required RefusalReason Reason { get; init; }

    /// <summary>The latest reply; its reference comes after it in brackets.</summary>
    public required string Reply { get; init; }

    /// <summary>References of the latest attempts, newest last; at most five.</summary>
    public required IReadOnlyList<string> References { get; init; }

    /// <summary>
    /// Only the number is kept: so many different addresses were tried, or the domain waits for its proof, and until then its mail may be another's.
    /// </summary>
    public required bool IsSum { get; init; }

    /// <summary>What the document shows.</summary>
    public static RefusalDetail Example { get; } = new()
    {
        Tenant = "bakery",
        First = new DateTimeOffset(2026, 11, 23, 7, 41, 3, TimeSpan.Zero),
        Last = new DateTimeOffset(2026, 11, 23, 7, 58, 20, TimeSpan.Zero),
        Count = 2,
        Client = "198.51.100.7",
        Sender = "sales@supplier.example",
        Recipient = "paul@bakery.example",
        Reason = RefusalReason.UnknownMailbox,
        Reply = "550 5.1.1 No such mailbox here",
        References = ["73WF-S1S2", "73WG-B841"],
        IsSum = false,
    };

    /// <summary>As the API shows a row.</summary>
    public static RefusalDetail Of(Refusal row) => new()
    {
        Tenant = row.Tenant,
        First = row.First,
        Last = row.Last,
        Count = row.Count,
        Client = row.Client.Length == 0 ? null : row.Client,
        Sender = row.IsSum ? null : row.Sender,
        Recipient = row.IsSum ? null : row.Recipient,
        Reason = row.Reason,
        Reply = row.Reply,
        References = row.References,
        IsSum = row.IsSum,
    };
}
