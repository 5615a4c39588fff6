using System.ComponentModel;
using Microsoft.AspNetCore.Http.HttpResults;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Api.Languages;
using SecuEdge.Appliance.Operations;
using SecuEdge.Cage.Examination;
using SecuEdge.Filter;
using SecuEdge.Store.Quarantine;

namespace SecuEdge.Appliance.Api;

/// <summary>Which of the quarantined messages a list shows.</summary>
public enum QuarantineShown
{
    /// <summary>Those still kept for somebody.</summary>
    Waiting,

    /// <summary>Those let out to all for whom they were kept.</summary>
    Released,

    /// <summary>Both.</summary>
    All,
}

internal static class QuarantineShownFilter
{
    public static QuarantineState? Filter(this QuarantineShown shown) => shown switch
    {
        QuarantineShown.Waiting => QuarantineState.Waiting,
        QuarantineShown.Released => QuarantineState.Released,
        QuarantineShown.All => null,
        _ => throw new ArgumentOutOfRangeException(nameof(shown), shown, null),
    };
}

/// <summary>Quarantined mail. Reading never acts: release, forward and delete are POST and DELETE.</summary>
internal static class QuarantineApi
{
    private const int PreviewChars = 64 * 1024;
    private const string ReasonText = "Why you look; kept in the audit log. Required where the tenant asks for it";

    public static void Map(RouteGroupBuilder api)
    {
        var quarantine = api.MapGroup("/quarantine").WithTags("Quarantine");
        quarantine.MapGet("/", ListAsync).WithSummary("List quarantined messages, newest first").Needs(Permission.QuarantineRead);
        quarantine.MapGet("/{reference}", PreviewAsync).WithSummary("Read one message safely: everything as plain text").Needs(Permission.ContentRead);
        quarantine.MapGet("/{reference}/raw", RawAsync).WithSummary("Download the message as received")
            .Produces(StatusCodes.Status200OK, contentType: "message/rfc822").Needs(Permission.ContentRead);
        quarantine.MapPost("/{reference}:release", ReleaseAsync).WithSummary("Deliver to its recipients").Needs(Permission.QuarantineRelease);
        quarantine.MapPost("/{reference}:forward", ForwardAsync).WithSummary("Send a copy to another address; needs quarantineRelease, too").Needs(Permission.ContentRead);
        quarantine.MapDelete("/{reference}", DeleteAsync).WithSummary("Delete for good").Needs(Permission.QuarantineDelete);
    }

    private static async Task<Results<Ok<Page<QuarantineItem>>, ProblemHttpResult>> ListAsync(
        Caller caller,
        HttpContext context,
        QuarantineOperations operations,
        CancellationToken cancellationToken,
        string? tenant = null,
        DateTimeOffset? since = null,
        DateTimeOffset? until = null,
        [Description("bulk, suspicious, encrypted, policy, spam, phishing or infected")] string? @class = null,
        [Description("Envelope sender: an address, or @example.com for everybody there")] string? sender = null,
        [Description("Envelope recipient, whole address")] string? recipient = null,
        [Description("Name that a rule gave it, such as policy or legal")] string? queue = null,
        [Description("waiting (for somebody), released (to all it was kept for) or all")] string state = "waiting",
        [Description("Part of subject, header From, Message-ID, sender or recipient; or a reference")] string? text = null,
        [Description("1-200")] int limit = 50,
        [Description("`next` of the page before")] string? cursor = null)
    {
        var words = new QueryWords();
        var query = new QuarantineQuery
        {
            Tenant = tenant,
            Since = since,
            Until = until,
            Class = words.Read<MessageClass>("class", @class),
            Sender = sender,
            Recipient = recipient,
            Queue = queue,
            State = words.Read<QuarantineShown>("state", state)?.Filter(),
            Text = text,
            Limit = words.Limit(limit),
            Cursor = cursor,
        };
        if (words.IsWrong(out var problem))
        {
            return problem;
        }

        var page = await operations.ListAsync(caller, query, cancellationToken);
        var language = Said.LanguageOf(context);
        return TypedResults.Ok(new Page<QuarantineItem>([.. page.Items.Select(i => QuarantineItem.Of(i).In(language))], page.Next));
    }

    private static async Task<Results<Ok<QuarantinePreview>, ProblemHttpResult>> PreviewAsync(
        string reference,
        Caller caller,
        HttpContext context,
        QuarantineOperations operations,
        CagedAnatomist anatomist,
        CancellationToken cancellationToken,
        [Description(ReasonText)] string? reason = null)
    {
        var outcome = await operations.ReadAsync(caller, reference, reason, cancellationToken);
        if (outcome.Problem is { } problem)
        {
            return problem.ToProblem();
        }

        var (entry, bytes) = outcome.Value!;
        using var anatomy = await anatomist.ExamineAsync(bytes, [], cancellationToken);
        return TypedResults.Ok(new QuarantinePreview
        {
            Item = QuarantineItem.Of(entry),
            Reasons = [.. entry.Message.Reasons.Select(r => ReasonDetail.Of(r, mayReadContent: true))],
            Findings = [.. entry.Message.Findings.Select(f => new FindingDetail(f.Code, f.Score, f.Class, f.Text, f.Detail, f.Group))],
            Headers = [.. anatomy.Headers.All.Select(h => new HeaderLine(h.Key, h.Value))],
            Text = anatomy.Text.Length > PreviewChars ? anatomy.Text[..PreviewChars] : anatomy.Text,
            Anatomy = AnalysisPart.Of(anatomy.Root, depth: 0),
        }.In(Said.LanguageOf(context)));
    }

    private static async Task<Results<FileStreamHttpResult, ProblemHttpResult>> RawAsync(
        string reference,
        Caller caller,
        QuarantineOperations operations,
        CancellationToken cancellationToken,
        [Description(ReasonText)] string? reason = null)
    {
        var outcome = await operations.ReadAsync(caller, reference, reason, cancellationToken);
        return outcome.Problem is { } problem
            ? problem.ToProblem()
            : TypedResults.Stream(outcome.Value!.Bytes.OpenRead(), "message/rfc822", $"{reference}.eml");
    }

    private static async Task<Results<Ok<MessageDetail>, ProblemHttpResult>> ReleaseAsync(
        string reference, Caller caller, HttpContext context, QuarantineOperations operations, CancellationToken cancellationToken, ReleaseRequest? request = null)
    {
        var outcome = await operations.ReleaseAsync(caller, reference, request?.Recipients, cancellationToken);
        return outcome.Problem is { } problem ? problem.ToProblem() : TypedResults.Ok(MessageDetail.Of(outcome.Value!).In(Said.LanguageOf(context)));
    }

    private static async Task<Results<Ok<MessageDetail>, ProblemHttpResult>> ForwardAsync(
        string reference, ForwardRequest request, Caller caller, HttpContext context, QuarantineOperations operations, CancellationToken cancellationToken)
    {
        var outcome = await operations.ForwardAsync(caller, reference, request.To, request.Reason, cancellationToken);
        return outcome.Problem is { } problem ? problem.ToProblem() : TypedResults.Ok(MessageDetail.Of(outcome.Value!).In(Said.LanguageOf(context)));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        string reference, Caller caller, QuarantineOperations operations, CancellationToken cancellationToken)
    {
        var outcome = await operations.DeleteAsync(caller, reference, cancellationToken);
        return outcome.Problem is { } problem ? problem.ToProblem() : TypedResults.NoContent();
    }
}
