using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Api.Description;
using SecuEdge.Appliance.Operations;
using SecuEdge.Appliance.Usage;
using SecuEdge.Store.Usage;

namespace SecuEdge.Appliance.Api;

/// <summary>What customers used: the numbers of a reseller's bill.</summary>
internal static class UsageApi
{
    public static void Map(RouteGroupBuilder api)
    {
        var usage = api.MapGroup("/usage").WithTags("Usage");
        usage.MapGet("/", ReportAsync).Needs(Permission.UsageRead).WithSummary("Mailboxes and traffic of each customer in a month, as JSON or CSV")
            .WithMetadata(new TextAnswer("text/csv", UsageCsv.Meaning, UsageCsv.Head));
        usage.MapGet("/{tenant}/mailboxes", MailboxesAsync).Needs(Permission.UsageRead).WithSummary("The addresses that counted in a month");
        usage.MapGet("/{tenant}/days", DaysAsync).Needs(Permission.UsageRead).WithSummary("Traffic of a month by day, direction and class");
    }

    private static async Task<Results<Ok<UsageReportList>, FileContentHttpResult, ProblemHttpResult>> ReportAsync(
        ClaimsPrincipal user,
        UsageOperations operations,
        CancellationToken cancellationToken,
        [Description("2026-11, or an earlier one; this month when absent")] string? month = null,
        [RegularExpression("json|csv")][Description("json or csv")] string format = "json")
    {
        if (format is not ("json" or "csv"))
        {
            return Problems.Invalid($"format: '{format}' is not one of json, csv");
        }

        var outcome = await operations.ReportAsync(user.ToCaller(), month, cancellationToken);
        return outcome.Problem is { } problem ? problem.ToProblem()
            : format == "csv" ? TypedResults.File(Encoding.UTF8.GetBytes(UsageCsv.Write(outcome.Value!)), "text/csv; charset=utf-8", "usage.csv")
            : TypedResults.Ok(new UsageReportList(outcome.Value!));
    }

    private static async Task<Results<Ok<Page<UsageMailbox>>, ProblemHttpResult>> MailboxesAsync(
        string tenant,
        ClaimsPrincipal user,
        UsageOperations operations,
        CancellationToken cancellationToken,
        [Description("2026-11, or an earlier one; this month when absent")] string? month = null,
        [Range(1, 200)][Description("1-200")] int limit = 50,
        [Description("`next` of the page before")] string? cursor = null)
    {
        var words = new QueryWords();
        limit = words.Limit(limit);
        if (words.IsWrong(out var wrong))
        {
            return wrong;
        }

        var outcome = await operations.MailboxesAsync(user.ToCaller(), tenant, month, cursor, limit, cancellationToken);
        if (outcome.Problem is { } problem)
        {
            return problem.ToProblem();
        }

        var mailboxes = outcome.Value!;
        var next = mailboxes.Count < limit ? null : mailboxes[^1].Address;
        return TypedResults.Ok(new Page<UsageMailbox>(mailboxes, next));
    }

    private static async Task<Results<Ok<UsageDayList>, ProblemHttpResult>> DaysAsync(
        string tenant,
        ClaimsPrincipal user,
        UsageOperations operations,
        CancellationToken cancellationToken,
        [Description("2026-11, or an earlier one; this month when absent")] string? month = null)
    {
        var outcome = await operations.DaysAsync(user.ToCaller(), tenant, month, cancellationToken);
        return outcome.Problem is { } problem ? problem.ToProblem() : TypedResults.Ok(new UsageDayList(outcome.Value!));
    }
}

/// <summary>The bill of a month.</summary>
/// <param name="Items">A line for each customer.</param>
public sealed record UsageReportList(IReadOnlyList<UsageReport> Items);

/// <summary>The traffic of a month.</summary>
/// <param name="Items">A line for each day, direction and class, oldest first.</param>
public sealed record UsageDayList(IReadOnlyList<UsageDay> Items);
