using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http.HttpResults;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Operations;
using SecuEdge.Appliance.Webhooks;

namespace SecuEdge.Appliance.Api;

/// <summary>Programs of a tenant that want to be told when something happens.</summary>
internal static class WebhooksApi
{
    private const string WhichTenant = "Node of the webhook; only needed when several have one of this name";

    public static void Map(RouteGroupBuilder api)
    {
        var webhooks = api.MapGroup("/webhooks").WithTags("Webhooks").Needs(Permission.Events);
        webhooks.MapGet("/", List).WithSummary("List webhooks");
        webhooks.MapPost("/", CreateAsync).WithSummary("Make a webhook; its secret is shown only now")
            .WithDescription(
                "Each event is sent as a CloudEvent by POST, with the headers webhook-id, webhook-timestamp and webhook-signature of Standard Webhooks: `v1,` and the HMAC-SHA256 of "
                + "`id.timestamp.body` with the secret. Any answer 2xx within the time limit counts; everything else is tried again, less and less often.");
        webhooks.MapGet("/{name}", Find).WithSummary("One webhook");
        webhooks.MapPut("/{name}", ChangeAsync).WithSummary("Change address, events or state");
        webhooks.MapDelete("/{name}", DeleteAsync).WithSummary("Delete a webhook and what waits for it");
        webhooks.MapGet("/{name}/deliveries", Deliveries).WithSummary("The latest calls, newest first");
        webhooks.MapPost("/{name}:test", TestAsync).WithSummary("Call it now with a test event and show the answer");
        webhooks.MapPost("/{name}:rotate-secret", RotateAsync).WithSummary("Give it a new secret, shown only now");
    }

    private static Results<Ok<Page<WebhookDetail>>, ProblemHttpResult> List(
        Caller caller,
        WebhookOperations operations,
        [Description("Only webhooks of this node")] string? tenant = null,
        int limit = 50,
        string? cursor = null)
    {
        var words = new QueryWords();
        words.Limit(limit);
        return words.IsWrong(out var problem)
            ? problem
            : TypedResults.Ok(Page.Of(operations.List(caller, tenant), h => h.Key, limit, cursor, h => WebhookDetail.Of(h, operations.Waiting(h))));
    }

    private static async Task<Results<Created<WebhookSecret>, ProblemHttpResult>> CreateAsync(
        Caller caller, NewWebhook request, WebhookOperations operations, CancellationToken cancellationToken)
    {
        var outcome = await operations.CreateAsync(caller, new WebhookDraft(request.Name, request.Tenant ?? "", request.Url, request.Events, request.Enabled), cancellationToken);
        return outcome.Problem is { } problem
            ? problem.ToProblem()
            : TypedResults.Created($"/api/v1/webhooks/{outcome.Value!.Name}?tenant={outcome.Value.Tenant}", WebhookSecret.Of(outcome.Value));
    }

    private static Results<Ok<WebhookDetail>, ProblemHttpResult> Find(
        string name, Caller caller, WebhookOperations operations, [Description(WhichTenant)] string? tenant = null) =>
        Answer(operations.Find(caller, name, tenant), operations);

    private static async Task<Results<Ok<WebhookDetail>, ProblemHttpResult>> ChangeAsync(
        string name, Caller caller, WebhookChange request, WebhookOperations operations, CancellationToken cancellationToken, [Description(WhichTenant)] string? tenant = null) =>
        Answer(await operations.ChangeAsync(caller, name, tenant, new WebhookDraft(name, "", request.Url, request.Events, request.Enabled), cancellationToken), operations);

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        string name, Caller caller, WebhookOperations operations, CancellationToken cancellationToken, [Description(WhichTenant)] string? tenant = null)
    {
        var outcome = await operations.DeleteAsync(caller, name, tenant, cancellationToken);
        return outcome.Problem is { } problem ? problem.ToProblem() : TypedResults.NoContent();
    }

    private static Results<Ok<Page<WebhookDelivery>>, ProblemHttpResult> Deliveries(
        string name, Caller caller, WebhookOperations operations, [Description(WhichTenant)] string? tenant = null, int limit = 50)
    {
        var words = new QueryWords();
        words.Limit(limit);
        if (words.IsWrong(out var wrong))
        {
            return wrong;
        }

        var outcome = operations.Deliveries(caller, name, tenant);
        return outcome.Problem is { } problem ? problem.ToProblem() : TypedResults.Ok(new Page<WebhookDelivery>([.. outcome.Value!.Take(limit)], null));
    }

    private static async Task<Results<Ok<WebhookDelivery>, ProblemHttpResult>> TestAsync(
        string name, Caller caller, WebhookOperations operations, CancellationToken cancellationToken, [Description(WhichTenant)] string? tenant = null)
    {
        var outcome = await operations.TestAsync(caller, name, tenant, cancellationToken);
        return outcome.Problem is { } problem ? problem.ToProblem() : TypedResults.Ok(outcome.Value!);
    }

    private static async Task<Results<Ok<WebhookSecret>, ProblemHttpResult>> RotateAsync(
        string name, Caller caller, WebhookOperations operations, CancellationToken cancellationToken, [Description(WhichTenant)] string? tenant = null)
    {
        var outcome = await operations.RotateAsync(caller, name, tenant, cancellationToken);
        return outcome.Problem is { } problem ? problem.ToProblem() : TypedResults.Ok(WebhookSecret.Of(outcome.Value!));
    }

    private static Results<Ok<WebhookDetail>, ProblemHttpResult> Answer(Outcome<Webhook> outcome, WebhookOperations operations) =>
        outcome.Problem is { } problem ? problem.ToProblem() : TypedResults.Ok(WebhookDetail.Of(outcome.Value!, operations.Waiting(outcome.Value!)));
}

/// <summary>A webhook to be made.</summary>
public sealed record NewWebhook
{
    public static NewWebhook Example { get; } = new() { Name = "helpdesk", Tenant = "acme", Url = new Uri("https://helpdesk.example.com/hooks/mail"), Events = ["message.quarantined", "message.retro-convicted"] };

    /// <summary>Letters, digits, dots and dashes, unique within its tenant.</summary>
    [Required]
    [MaxLength(63)]
    public required string Name { get; init; }

    /// <summary>Whose events: this node's and those below it; absent = the only node where the caller may.</summary>
    public string? Tenant { get; init; }

    /// <summary>Where to call: https, an address of the Internet.</summary>
    public required Uri Url { get; init; }

    /// <summary>Names of events (GET /api/v1/events/names lists them), or patterns such as <c>message.*</c>.</summary>
    [MinLength(1)]
    [MaxLength(50)]
    public required IReadOnlyList<string> Events { get; init; }

    /// <summary>Whether it is called.</summary>
    public bool Enabled { get; init; } = true;
}

/// <summary>A webhook as it shall be; name, tenant and secret stay.</summary>
public sealed record WebhookChange
{
    public static WebhookChange Example { get; } = new() { Url = new Uri("https://helpdesk.example.com/hooks/mail"), Events = ["message.*"] };

    /// <summary>Where to call: https, an address of the Internet.</summary>
    public required Uri Url { get; init; }

    /// <summary>Names of events (GET /api/v1/events/names lists them), or patterns such as <c>message.*</c>.</summary>
    [MinLength(1)]
    [MaxLength(50)]
    public required IReadOnlyList<string> Events { get; init; }

    /// <summary>Whether it is called; switching on again forgets that it failed.</summary>
    public bool Enabled { get; init; } = true;
}

/// <summary>A webhook and how it does.</summary>
public sealed record WebhookDetail
{
    /// <summary>Unique within its tenant.</summary>
    public required string Name { get; init; }

    /// <summary>Whose events it hears: this node's and those below it.</summary>
    public required string Tenant { get; init; }

    /// <summary>Where it is called.</summary>
    public required Uri Url { get; init; }

    /// <summary>Names of events, or patterns.</summary>
    public required IReadOnlyList<string> Events { get; init; }

    /// <summary>Whether it is called.</summary>
    public required bool Enabled { get; init; }

    /// <summary>Why the appliance switched it off; empty when a person did, or it is on.</summary>
    public required string DisabledReason { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Since when no call succeeded; absent when the last one did.</summary>
    public DateTimeOffset? FailingSince { get; init; }

    /// <summary>Events that wait to be told.</summary>
    public required int Waiting { get; init; }

    /// <summary>Events that were dropped because too many waited.</summary>
    public required long Dropped { get; init; }

    internal static WebhookDetail Of(Webhook hook, int waiting) => new()
    {
        Name = hook.Name,
        Tenant = hook.Tenant,
        Url = hook.Url,
        Events = hook.Events,
        Enabled = hook.Enabled,
        DisabledReason = hook.DisabledReason,
        CreatedAt = hook.CreatedAt,
        FailingSince = hook.FailingSince,
        Waiting = waiting,
        Dropped = hook.Dropped,
    };
}

/// <summary>A webhook with its secret, which is shown this once.</summary>
public sealed record WebhookSecret
{
    /// <summary>Unique within its tenant.</summary>
    public required string Name { get; init; }

    /// <summary>Whose events it hears.</summary>
    public required string Tenant { get; init; }

    /// <summary>Key of the signatures, as Standard Webhooks writes it: <c>whsec_</c> and base64.</summary>
    public required string Secret { get; init; }

    internal static WebhookSecret Of(Webhook hook) => new() { Name = hook.Name, Tenant = hook.Tenant, Secret = hook.Secret };
}
