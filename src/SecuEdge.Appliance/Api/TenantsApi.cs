using System.ComponentModel;
using Microsoft.AspNetCore.Http.HttpResults;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Api.Languages;
using SecuEdge.Appliance.Operations;
using SecuEdge.Appliance.Settings;

namespace SecuEdge.Appliance.Api;

/// <summary>Resellers and customers.</summary>
internal static class TenantsApi
{
    public static void Map(RouteGroupBuilder api)
    {
        var tenants = api.MapGroup("/tenants").WithTags("Tenants");
        tenants.MapGet("/", List).Needs(Permission.TenantsRead).WithSummary("List the tenants you may see, by name");
        tenants.MapPost("/", CreateAsync).Needs(Permission.TenantsManage).Accepts<Tenant>("application/json").WithSummary("Create a tenant below a node you manage");
        tenants.MapGet("/{name}", Get).Needs(Permission.TenantsRead).Produces<Tenant>().WithSummary("One tenant as the site file has it; the ETag is for If-Match");
        tenants.MapPut("/{name}", PutAsync).Needs(Permission.TenantsManage).Accepts<Tenant>("application/json").Produces<Tenant>()
            .WithSummary("Replace a tenant, or create it; honours If-Match");
        tenants.MapPatch("/{name}", PatchAsync).Needs(Permission.TenantsManage).Accepts<Tenant>("application/merge-patch+json", "application/json").Produces<Tenant>()
            .WithSummary("Change some fields of a tenant (JSON merge patch); honours If-Match");
        tenants.MapDelete("/{name}", DeleteAsync).Needs(Permission.TenantsManage).Produces(StatusCodes.Status200OK, contentType: "application/zip")
            .WithSummary("Delete a tenant with all its data; the answer is its export, which is kept for some weeks (`deleted-tenants`)");
        tenants.MapGet("/{name}/export", ExportAsync).Needs(Permission.PrivacyManage).Produces(StatusCodes.Status200OK, contentType: "application/zip")
            .WithSummary("Everything kept of a tenant as a zip, with its quarantined mail as .eml for those who may read it");
        tenants.MapGet("/{name}/settings", Settings).Needs(Permission.TenantsRead).WithSummary("Every setting in force, where it comes from and who locks it");
        tenants.MapPost("/{name}:suspend", SuspendAsync).Needs(Permission.TenantsManage).Produces<Tenant>().WithSummary("Let the mail of a tenant, and of all below it, wait at the senders");
        tenants.MapPost("/{name}:resume", ResumeAsync).Needs(Permission.TenantsManage).Produces<Tenant>().WithSummary("End a suspension");
        api.MapPost("/tenants:trial", TrialAsync).Needs(Permission.TenantsManage).WithTags("Tenants")
            .WithSummary("Switch on an evaluation: tenant, domain, profile, token, and all that the customer must set");
    }

    private static Results<Ok<Page<TenantSummary>>, ProblemHttpResult> List(
        Caller caller,
        TenantOperations operations,
        [Description("Only those directly below this node")] string? parent = null,
        [Description("Part of name, display name or one of its domains")] string? text = null,
        [Description("active or suspended, as it was set for the node itself")] string? state = null,
        [Description("Only those whose trial ends before, RFC 3339; with a time to come, those that are over, too")] DateTimeOffset? trialEndsBefore = null,
        [Description("1-200")] int limit = 50,
        [Description("`next` of the page before")] string? cursor = null)
    {
        var words = new QueryWords();
        var wanted = new TenantQuery(parent, text, words.Read<TenantState>("state", state), trialEndsBefore, words.Limit(limit), cursor);
        if (words.IsWrong(out var problem))
        {
            return problem;
        }

        var (items, next) = operations.List(caller, wanted);
        return TypedResults.Ok(new Page<TenantSummary>(items, next));
    }

    private static Results<ContentHttpResult, ProblemHttpResult> Get(string name, Caller caller, HttpResponse response, TenantOperations operations) =>
        Answer(operations.Get(caller, name), response);

    private static async Task<Results<ContentHttpResult, ProblemHttpResult>> CreateAsync(
        HttpRequest request, HttpResponse response, Caller caller, TenantOperations operations, CancellationToken cancellationToken)
    {
        var outcome = await operations.CreateAsync(caller, await request.ReadTextAsync(cancellationToken), cancellationToken);
        if (outcome.Value is { } created)
        {
            response.Headers.Location = $"/api/v1/tenants/{created.Value.Name}";
        }

        return Answer(outcome, response, StatusCodes.Status201Created);
    }

    private static async Task<Results<ContentHttpResult, ProblemHttpResult>> PutAsync(
        string name, HttpRequest request, HttpResponse response, Caller caller, TenantOperations operations, CancellationToken cancellationToken) =>
        Answer(await operations.PutAsync(caller, name, await request.ReadTextAsync(cancellationToken), request.ExpectedRevision(), cancellationToken), response);

    private static async Task<Results<ContentHttpResult, ProblemHttpResult>> PatchAsync(
        string name, HttpRequest request, HttpResponse response, Caller caller, TenantOperations operations, CancellationToken cancellationToken) =>
        Answer(await operations.PatchAsync(caller, name, await request.ReadTextAsync(cancellationToken), request.ExpectedRevision(), cancellationToken), response);

    private static async Task<Results<FileStreamHttpResult, ProblemHttpResult>> DeleteAsync(
        string name,
        HttpRequest request,
        HttpResponse response,
        Caller caller,
        TenantDeletion deletion,
        CancellationToken cancellationToken,
        [Description("The name once more: everything will be erased")] string? confirm = null,
        [Description("With the bytes of quarantined mail; they need contentRead, and are left out without it. manifest.json in the zip says which it is")] bool content = true,
        [Description("Why, for the audit log; needed for the mail where the tenant asks for a reason")] string? reason = null)
    {
        var outcome = await deletion.DeleteAsync(caller, name, confirm, new ExportWish(content, reason), request.ExpectedRevision(), cancellationToken);
        if (outcome.Problem is { } problem)
        {
            return problem.ToProblem();
        }

        // Where it can be fetched again, should this answer not arrive.
        response.Headers.ContentLocation = $"/api/v1/deleted-tenants/{outcome.Value.Kept.Id}/export";
        return TypedResults.Stream(outcome.Value.Export, "application/zip", $"{name}.zip");
    }

    private static async Task<Results<FileStreamHttpResult, ProblemHttpResult>> ExportAsync(
        string name,
        Caller caller,
        TenantDeletion deletion,
        CancellationToken cancellationToken,
        [Description("With the bytes of quarantined mail; they need contentRead, and are left out without it. manifest.json in the zip says which it is")] bool content = true,
        [Description("Why, for the audit log; needed for the mail where the tenant asks for a reason")] string? reason = null)
    {
        var outcome = await deletion.ExportAsync(caller, name, new ExportWish(content, reason), cancellationToken);
        return outcome.Problem is { } problem ? problem.ToProblem() : TypedResults.Stream(outcome.Value!, "application/zip", $"{name}.zip");
    }

    private static Results<Ok<EffectiveSettingList>, ProblemHttpResult> Settings(
        string name,
        Caller caller,
        TenantOperations operations,
        [Description("At this domain of the tenant")] string? domain = null,
        [Description("At this mailbox of the domain")] string? mailbox = null)
    {
        var outcome = operations.Settings(caller, name, domain, mailbox);
        return outcome.Problem is { } problem ? problem.ToProblem() : TypedResults.Ok(new EffectiveSettingList(outcome.Value!));
    }

    private static async Task<Results<ContentHttpResult, ProblemHttpResult>> SuspendAsync(
        string name, HttpResponse response, Caller caller, TenantOperations operations, CancellationToken cancellationToken) =>
        Answer(await operations.SetStateAsync(caller, name, TenantState.Suspended, cancellationToken), response);

    private static async Task<Results<ContentHttpResult, ProblemHttpResult>> ResumeAsync(
        string name, HttpResponse response, Caller caller, TenantOperations operations, CancellationToken cancellationToken) =>
        Answer(await operations.SetStateAsync(caller, name, TenantState.Active, cancellationToken), response);

    private static async Task<Results<Created<TrialStarted>, ProblemHttpResult>> TrialAsync(
        TrialRequest request, HttpContext context, Caller caller, TrialOperations operations, CancellationToken cancellationToken)
    {
        var outcome = await operations.StartAsync(caller, request, cancellationToken);
        if (outcome.Value is not { } started)
        {
            return outcome.Problem!.ToProblem();
        }

        var say = Said.In(context);
        var customers = Language.All.FirstOrDefault(l => l.Tag == request.Language);
        return TypedResults.Created(
            $"/api/v1/tenants/{started.Tenant}",
            started with { Afterwards = customers is null ? say(started.Afterwards) : customers.Detail(started.Afterwards), Warnings = [.. started.Warnings.Select(say)] });
    }

    /// <summary>A tenant as the site file writes it, so that what is read can be sent back.</summary>
    private static Results<ContentHttpResult, ProblemHttpResult> Answer(Outcome<Versioned<Tenant>> outcome, HttpResponse response, int status = StatusCodes.Status200OK)
    {
        if (outcome.Value is not { } tenant)
        {
            return outcome.Problem!.ToProblem();
        }

        response.SetEntityTag(tenant.Revision);
        return TypedResults.Text(SiteJson.Write(tenant.Value), "application/json", statusCode: status);
    }
}

/// <summary>Every setting in force at a node.</summary>
public sealed record EffectiveSettingList(IReadOnlyList<EffectiveSetting> Items);
