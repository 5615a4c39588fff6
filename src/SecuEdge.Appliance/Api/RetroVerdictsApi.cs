using System.ComponentModel;
using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Convictions;
using SecuEdge.Appliance.Operations;

namespace SecuEdge.Appliance.Api;

/// <summary>Files that were delivered and are convicted now.</summary>
internal static class RetroVerdictsApi
{
    public static void Map(RouteGroupBuilder api) =>
        api.MapGet("/retro-verdicts", List).WithTags("Retro-verdicts").WithSummary("Delivered files that an engine convicted later, and who got them, newest first").Needs(Permission.MessagesRead);

    private static Results<Ok<Page<RetroVerdict>>, ProblemHttpResult> List(
        Caller caller,
        RetroVerdictOperations operations,
        [Description("Convicted at or after, RFC 3339")] DateTimeOffset? since = null,
        [Description("1-200")] int limit = 50,
        [Description("`next` of the page before")] string? cursor = null)
    {
        var words = new QueryWords();
        words.Limit(limit);
        if (words.IsWrong(out var problem))
        {
            return problem;
        }

        var before = cursor is null ? long.MaxValue : long.Parse(cursor, CultureInfo.InvariantCulture);
        List<RetroVerdict> found = [.. operations.List(caller).Where(v => v.Id < before && (since is null || v.At >= since)).Take(limit + 1)];
        var next = found.Count > limit ? found[limit - 1].Id.ToString(CultureInfo.InvariantCulture) : null;
        return TypedResults.Ok(new Page<RetroVerdict>([.. found.Take(limit)], next));
    }
}
