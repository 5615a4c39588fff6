using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;
using SecuEdge.Appliance.Operations;

namespace SecuEdge.Appliance.Api;

/// <summary>
/// Optimistic concurrency (RFC 9110 §13.1.1): the ETag of what is set is the number of the revision that last changed it, and whoever sends it back
/// as If-Match changes only what he read.
/// </summary>
internal static class EntityTags
{
    /// <summary>No revision has it, so the operation answers that the object is stale.</summary>
    public const int Foreign = -1;

    public static void SetEntityTag(this HttpResponse response, int revision) =>
        response.Headers.ETag = string.Create(CultureInfo.InvariantCulture, $"\"{revision}\"");

    /// <summary>The answer with its ETag, or the problem.</summary>
    public static Results<Ok<T>, ProblemHttpResult> Tagged<T>(this HttpResponse response, Outcome<T> outcome, Func<T, int> revisionOf)
    {
        if (outcome.Value is not { } value)
        {
            return outcome.Problem!.ToProblem();
        }

        response.SetEntityTag(revisionOf(value));
        return TypedResults.Ok(value);
    }

    /// <inheritdoc cref="Tagged{T}(HttpResponse, Outcome{T}, Func{T, int})"/>
    public static Results<Ok<T>, ProblemHttpResult> Tagged<T>(this HttpResponse response, Outcome<Versioned<T>> outcome)
        where T : class
    {
        if (outcome.Value is not { } versioned)
        {
            return outcome.Problem!.ToProblem();
        }

        response.SetEntityTag(versioned.Revision);
        return TypedResults.Ok(versioned.Value);
    }

    /// <summary>The revision that must be in force; null when the caller does not mind (no header, or <c>*</c>).</summary>
    public static int? ExpectedRevision(this HttpRequest request)
    {
        var header = request.Headers.IfMatch;
        if (header.Count == 0)
        {
            return null;
        }

        // If-Match compares strongly, yet a proxy that compresses makes our tags weak: the number still says what was read.
        if (!EntityTagHeaderValue.TryParseList([.. header.OfType<string>()], out var tags) || tags.Count != 1)
        {
            return Foreign;
        }

        return tags[0].Tag == "*" ? null
            : int.TryParse(tags[0].Tag.AsSpan().Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var revision) ? revision
            : Foreign;
    }
}
