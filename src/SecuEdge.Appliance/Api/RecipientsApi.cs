using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http.HttpResults;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Api.Languages;
using SecuEdge.Appliance.Api.Requests;
using SecuEdge.Appliance.Operations;
using SecuEdge.Appliance.Settings;

namespace SecuEdge.Appliance.Api;

/// <summary>The mailboxes of a domain that exist.</summary>
internal static class RecipientsApi
{
    public static void Map(RouteGroupBuilder api)
    {
        var recipients = api.MapGroup("/domains/{name}/recipients").WithTags("Recipients");
        recipients.MapGet("/", List).Needs(Permission.TenantsRead).WithSummary("List the mailboxes of a domain; * takes every local part");
        recipients.MapPost("/", ChangeAsync).TakesLargeBody().Needs(Permission.TenantsManage).WithSummary("Add and remove mailboxes; each is answered by itself");
        recipients.MapPut("/", ReplaceAsync).TakesLargeBody().Needs(Permission.TenantsManage).WithSummary("Replace the whole list; nothing changes when one address is wrong; honours If-Match");
        recipients.MapDelete("/{address}", RemoveAsync).Needs(Permission.TenantsManage).WithSummary("Remove one mailbox");
    }

    private static Results<Ok<Page<string>>, ProblemHttpResult> List(
        string name,
        Caller caller,
        HttpResponse response,
        RecipientOperations operations,
        [Description("1-200")] int limit = 50,
        [Description("`next` of the page before")] string? cursor = null)
    {
        var words = new QueryWords();
        words.Limit(limit);
        if (words.IsWrong(out var problem))
        {
            return problem;
        }

        var outcome = operations.List(caller, name, limit, cursor);
        if (outcome.Value is not { } page)
        {
            return outcome.Problem!.ToProblem();
        }

        response.SetEntityTag(page.Revision);
        return TypedResults.Ok(new Page<string>(page.Items, page.Next));
    }

    private static async Task<Results<Ok<RecipientChanges>, ProblemHttpResult>> ChangeAsync(
        string name, RecipientList body, HttpRequest request, Caller caller, RecipientOperations operations, CancellationToken cancellationToken) =>
        Answer(await operations.ChangeAsync(caller, name, body.Add ?? [], body.Remove ?? [], replace: false, request.ExpectedRevision(), cancellationToken), request);

    private static async Task<Results<Ok<RecipientChanges>, ProblemHttpResult>> ReplaceAsync(
        string name, RecipientReplacement body, HttpRequest request, Caller caller, RecipientOperations operations, CancellationToken cancellationToken) =>
        Answer(await operations.ChangeAsync(caller, name, body.Recipients, [], replace: true, request.ExpectedRevision(), cancellationToken), request);

    private static async Task<Results<NoContent, ProblemHttpResult>> RemoveAsync(
        string name, string address, HttpRequest request, Caller caller, RecipientOperations operations, CancellationToken cancellationToken)
    {
        var outcome = await operations.ChangeAsync(caller, name, [], [address], replace: false, request.ExpectedRevision(), cancellationToken);
        return outcome.Value is not { } changes ? outcome.Problem!.ToProblem()
            : changes.Results[0].Result == RecipientOutcome.Removed ? TypedResults.NoContent()
            : new OperationProblem(OperationFailure.NotFound, $"there is no recipient '{address}' in '{name}'; list what there is with GET /api/v1/domains/{name}/recipients").ToProblem();
    }

    private static Results<Ok<RecipientChanges>, ProblemHttpResult> Answer(Outcome<RecipientChanges> outcome, HttpRequest request)
    {
        var language = Language.Of(request.HttpContext);
        return outcome.Value is not { } changes
            ? outcome.Problem!.ToProblem()
            : TypedResults.Ok(changes with { Results = [.. changes.Results.Select(r => r.Detail is { } detail ? r with { Detail = language.Detail(detail) } : r)] });
    }
}

/// <summary>Mailboxes that come and go.</summary>
public sealed record RecipientList
{
    /// <summary>Local parts, addresses of the domain, or <c>*</c>.</summary>
    [MaxLength(100_000)]
    public IReadOnlyList<string>? Add { get; init; }

    /// <summary>Local parts, addresses of the domain, or <c>*</c>.</summary>
    [MaxLength(100_000)]
    public IReadOnlyList<string>? Remove { get; init; }
}

/// <summary>All mailboxes of a domain.</summary>
public sealed record RecipientReplacement
{
    /// <summary>Local parts, addresses of the domain, or <c>*</c>.</summary>
    [Required, MaxLength(TenantValidation.MaxRecipients)]
    public required IReadOnlyList<string> Recipients { get; init; }
}
