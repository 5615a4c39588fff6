using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http.HttpResults;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Operations;
using SecuEdge.Appliance.Settings.Notices;

namespace SecuEdge.Appliance.Api;

/// <summary>Templates of notices as they are in force, and a look at one before anybody gets it.</summary>
internal static class NoticesApi
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/policies/{tenant}/notice-templates", InForce).WithTags("Rules").Needs(Permission.PolicyRead)
            .WithSummary("Every notice template in force at a tenant, inherited and built-in ones too, and where it is written");
        var tenant = api.MapGroup("/tenants/{tenant}").WithTags("Rules");
        tenant.MapPost("/notice-templates:preview", PreviewAsync).Needs(Permission.PolicyRead)
            .WithSummary("How a notice would look, with a sample or about a message that came; nothing is sent");
        tenant.MapPost("/notice-templates:test", TestAsync).Needs(Permission.PolicyWrite)
            .WithSummary("Send a notice to a mailbox of the tenant for a look");
    }

    private static Results<Ok<NoticesInForce>, ProblemHttpResult> InForce(string tenant, Caller caller, NoticeOperations operations)
    {
        var outcome = operations.InForce(caller, tenant);
        return outcome.Problem is { } problem
            ? problem.ToProblem()
            : TypedResults.Ok(new NoticesInForce([.. outcome.Value!.Select(n => new NoticeInForce(n.Template.Name, n.Node, n.Template.Locked, [.. n.Template.Texts.Select(t => t.Language)]))]));
    }

    private static async Task<Results<Ok<NoticePreview>, ProblemHttpResult>> PreviewAsync(
        string tenant, NoticePreviewRequest request, Caller caller, NoticeOperations operations, CancellationToken cancellationToken)
    {
        var outcome = await operations.PreviewAsync(caller, tenant, new NoticeLook(request.Name, request.Template, request.Language, request.Reference), cancellationToken);
        return outcome.Problem is { } problem ? problem.ToProblem() : TypedResults.Ok(outcome.Value!);
    }

    private static async Task<Results<Ok<NoticeTest>, ProblemHttpResult>> TestAsync(
        string tenant, NoticeTestRequest request, Caller caller, NoticeOperations operations, CancellationToken cancellationToken)
    {
        var outcome = await operations.TestAsync(caller, tenant, new NoticeLook(request.Name, request.Template, request.Language, request.Reference), request.To, cancellationToken);
        return outcome.Problem is { } problem ? problem.ToProblem() : TypedResults.Ok(outcome.Value!);
    }
}

/// <summary>The templates of a tenant, by name.</summary>
public sealed record NoticesInForce(IReadOnlyList<NoticeInForce> Items);

/// <summary>One template in force.</summary>
/// <param name="Name">As rules name it.</param>
/// <param name="From">The node where it is written, or <c>default</c> for one that is built in.</param>
/// <param name="Locked">Whether nobody further down the tree can replace it.</param>
/// <param name="Languages">That it is written in.</param>
public sealed record NoticeInForce(string Name, string From, bool Locked, IReadOnlyList<string> Languages);

/// <summary>Which notice to look at: <c>name</c> or <c>template</c>.</summary>
public sealed record NoticePreviewRequest
{
    public static NoticePreviewRequest Example { get; } = new() { Name = "blocked", Language = "fr" };

    /// <summary>Of a template in force.</summary>
    [MaxLength(63)]
    public string? Name { get; init; }

    /// <summary>One that is not stored.</summary>
    public NoticeTemplate? Template { get; init; }

    /// <summary>As <c>fr</c>; null = the tenant's.</summary>
    [MaxLength(12)]
    public string? Language { get; init; }

    /// <summary>A message that came, which the notice is about; null = a sample.</summary>
    [MaxLength(100)]
    public string? Reference { get; init; }
}

/// <summary>Which notice to send to whom: <c>name</c> or <c>template</c>.</summary>
public sealed record NoticeTestRequest
{
    public static NoticeTestRequest Example { get; } = new() { Name = "blocked", To = "eva@acme.example" };

    /// <summary>Of a template in force.</summary>
    [MaxLength(63)]
    public string? Name { get; init; }

    /// <summary>One that is not stored.</summary>
    public NoticeTemplate? Template { get; init; }

    /// <summary>As <c>fr</c>; null = the tenant's.</summary>
    [MaxLength(12)]
    public string? Language { get; init; }

    /// <summary>A message that came, which the notice is about; null = a sample.</summary>
    [MaxLength(100)]
    public string? Reference { get; init; }

    /// <summary>A mailbox of one of the tenant's own domains.</summary>
    [Required, MaxLength(320)]
    public required string To { get; init; }
}
