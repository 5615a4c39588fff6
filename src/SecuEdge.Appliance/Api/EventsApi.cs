using System.ComponentModel;
using Microsoft.AspNetCore.Http.HttpResults;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Events;
using SecuEdge.Appliance.Operations;

namespace SecuEdge.Appliance.Api;

/// <summary>What happens, as it happens.</summary>
internal static class EventsApi
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/events/names", Names).WithTags("Events").Needs(Permission.Events).WithSummary("Every event there is, and when it comes");
        api.MapGet("/events", ListenAsync).WithTags("Events").Needs(Permission.Events)
            .WithSummary("Live events, as server-sent events")
            .WithDescription(
                "Each event has an `id`, its name as `event` and a CloudEvent as `data`. Ids are opaque and in no order. A comment comes every 15 seconds. A listener that comes back with `Last-Event-ID` gets what "
                + "happened since, as far as it is remembered; an event `lost` says that some are not, and to the provider how many. The stream ends with an event `end` when the token is no longer good. `GET /events/names` lists the names.")
            .Produces<CloudEvent>(StatusCodes.Status200OK, "text/event-stream");
    }

    private static Ok<EventNameList> Names() => TypedResults.Ok(new EventNameList(EventNames.All));

    private static async Task<IResult> ListenAsync(
        HttpContext context,
        Caller caller,
        EventStreams streams,
        CancellationToken cancellationToken,
        [Description("Names or patterns, several with commas: message.quarantined, message.*; absent = all")] string? name = null,
        [Description("Only this node and what is below it; absent = all that the caller may see")] string? tenant = null,
        [Description("As the header Last-Event-ID, for clients that cannot send one")] string? after = null)
    {
        string[] patterns = name?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];
        if (patterns.Select(EventNames.Refusal).FirstOrDefault(r => r is not null) is { } wrong)
        {
            return Problems.Invalid([new FieldError("name", wrong)]);
        }

        if (after is null && context.Request.Headers["Last-Event-ID"].ToString() is { Length: > 0 } last)
        {
            after = last;
        }

        var outcome = await streams.RunAsync(context, caller, new EventFilter(patterns, tenant), after, cancellationToken);
        return outcome is { } problem ? problem : TypedResults.Empty;
    }
}

/// <summary>Events by name, those of mail first.</summary>
public sealed record EventNameList(IReadOnlyList<EventName> Items);
