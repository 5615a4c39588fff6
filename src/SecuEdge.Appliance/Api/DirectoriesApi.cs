using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http.HttpResults;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Api.Languages;
using SecuEdge.Appliance.Directories;
using SecuEdge.Appliance.Operations;
using SecuEdge.Appliance.Settings;

namespace SecuEdge.Appliance.Api;

/// <summary>Directories (LDAP) that say who is there and in which groups.</summary>
internal static class DirectoriesApi
{
    private const string WhichTenant = "Node of the directory; only needed when several have one of this name";

    public static void Map(RouteGroupBuilder api)
    {
        var directories = api.MapGroup("/directories").WithTags("Directories");
        directories.MapGet("/", List).Needs(Permission.TenantsRead).WithSummary("List directories");
        directories.MapPost("/", CreateAsync).Needs(Permission.TenantsManage).WithSummary("Add a directory to a tenant; it is read within seconds")
            .WithDescription(
                "Rules of the node and those below name its groups as `directory/group` in the conditions sender and recipient; domains take their recipients from it with `directory`. "
                + "What was read stays in force while the directory cannot be read, and when a reading lost more than half of it.");
        directories.MapGet("/{name}", Get).Needs(Permission.TenantsRead).WithSummary("One directory, and how its reading goes");
        directories.MapPut("/{name}", PutAsync).Needs(Permission.TenantsManage).WithSummary("Change a directory; honours If-Match");
        directories.MapDelete("/{name}", DeleteAsync).Needs(Permission.TenantsManage).WithSummary("Delete a directory and what was read of it; not while rules or domains name it");
        directories.MapPost("/{name}:test", TestAsync).Needs(Permission.TenantsManage).WithSummary("Read it now and show what is there or what is wrong; takes nothing over");
        directories.MapPost("/{name}:sync", SyncAsync).Needs(Permission.TenantsManage).WithSummary("Read it now and take it over");
        directories.MapGet("/{name}/groups", Groups).Needs(Permission.TenantsRead).WithSummary("Groups that were read, with the number of members");
    }

    private static Results<Ok<Page<DirectoryDetail>>, ProblemHttpResult> List(
        HttpContext context,
        Caller caller,
        DirectoryOperations operations,
        [Description("Only directories of this node")] string? tenant = null,
        [Description("1-200")] int limit = 50,
        [Description("`next` of the page before")] string? cursor = null)
    {
        var words = new QueryWords();
        words.Limit(limit);
        var language = Language.Of(context);
        return words.IsWrong(out var problem)
            ? problem
            : TypedResults.Ok(Page.Of(operations.List(caller, tenant), d => d.Key.ToString(), limit, cursor, d => In(language, operations.Show(d))));
    }

    private static async Task<Results<Created<DirectoryDetail>, ProblemHttpResult>> CreateAsync(
        NewDirectory body, HttpResponse response, Caller caller, DirectoryOperations operations, CancellationToken cancellationToken)
    {
        var outcome = await operations.CreateAsync(caller, body.Tenant, body.Settings, body.Password, cancellationToken);
        if (outcome.Value is not { } created)
        {
            return outcome.Problem!.ToProblem();
        }

        response.SetEntityTag(created.Revision);
        return TypedResults.Created($"/api/v1/directories/{created.Name}?tenant={created.Tenant}", In(Language.Of(response.HttpContext), created));
    }

    private static Results<Ok<DirectoryDetail>, ProblemHttpResult> Get(
        string name, Caller caller, HttpResponse response, DirectoryOperations operations, [Description(WhichTenant)] string? tenant = null) =>
        Answer(operations.Get(caller, name, tenant), response);

    private static async Task<Results<Ok<DirectoryDetail>, ProblemHttpResult>> PutAsync(
        string name,
        DirectoryChange body,
        HttpRequest request,
        HttpResponse response,
        Caller caller,
        DirectoryOperations operations,
        CancellationToken cancellationToken,
        [Description(WhichTenant)] string? tenant = null) =>
        Answer(await operations.PutAsync(caller, name, tenant, body.Settings, body.Password, request.ExpectedRevision(), cancellationToken), response);

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        string name, HttpRequest request, Caller caller, DirectoryOperations operations, CancellationToken cancellationToken, [Description(WhichTenant)] string? tenant = null) =>
        await operations.DeleteAsync(caller, name, tenant, request.ExpectedRevision(), cancellationToken) is { } problem ? problem.ToProblem() : TypedResults.NoContent();

    private static async Task<Results<Ok<DirectoryTrial>, ProblemHttpResult>> TestAsync(
        string name, HttpContext context, Caller caller, DirectoryOperations operations, CancellationToken cancellationToken, [Description(WhichTenant)] string? tenant = null)
    {
        var outcome = await operations.TestAsync(caller, name, tenant, cancellationToken);
        var language = Language.Of(context);
        return outcome.Value is not { } trial
            ? outcome.Problem!.ToProblem()
            : TypedResults.Ok(trial with { Trouble = language.Detail(trial.Trouble), Warnings = [.. trial.Warnings.Select(language.Detail)] });
    }

    private static async Task<Results<Ok<DirectoryDetail>, ProblemHttpResult>> SyncAsync(
        string name,
        HttpResponse response,
        Caller caller,
        DirectoryOperations operations,
        CancellationToken cancellationToken,
        [Description(WhichTenant)] string? tenant = null,
        [Description("Take it over even if more than half of it is gone, or if a first reading found no address: it is really so")] bool acceptLoss = false) =>
        Answer(await operations.SyncAsync(caller, name, tenant, acceptLoss, cancellationToken), response);

    private static Results<Ok<Page<DirectoryGroup>>, ProblemHttpResult> Groups(
        string name,
        Caller caller,
        DirectoryOperations operations,
        [Description(WhichTenant)] string? tenant = null,
        [Description("1-200")] int limit = 50,
        [Description("`next` of the page before")] string? cursor = null)
    {
        var words = new QueryWords();
        words.Limit(limit);
        if (words.IsWrong(out var wrong))
        {
            return wrong;
        }

        var outcome = operations.Groups(caller, name, tenant);
        return outcome.Problem is { } problem ? problem.ToProblem() : TypedResults.Ok(Page.Of(outcome.Value!, g => g.Name, limit, cursor, g => g));
    }

    private static Results<Ok<DirectoryDetail>, ProblemHttpResult> Answer(Outcome<DirectoryDetail> outcome, HttpResponse response) =>
        response.Tagged(outcome.Value is { } found ? In(Language.Of(response.HttpContext), found) : outcome, d => d.Revision);

    private static DirectoryDetail In(Language language, DirectoryDetail detail) => detail with
    {
        Warnings = [.. detail.Warnings.Select(language.Detail)],
        Status = detail.Status with { Trouble = language.Detail(detail.Status.Trouble) },
    };
}

/// <summary>A directory to add.</summary>
public sealed record NewDirectory
{
    public static NewDirectory Example { get; } = new() { Tenant = "acme", Settings = DirectoryChange.ExampleSettings, Password = "correct horse battery staple" };

    /// <summary>Whose it is to be.</summary>
    [Required]
    public required string Tenant { get; init; }

    /// <summary>Where it is and what is read of it.</summary>
    public required TenantDirectory Settings { get; init; }

    /// <summary>Password of the account; never shown again, and in no export.</summary>
    [MaxLength(500)]
    public string? Password { get; init; }
}

/// <summary>What a directory is to be.</summary>
public sealed record DirectoryChange
{
    public static DirectoryChange Example { get; } = new() { Settings = ExampleSettings };

    internal static TenantDirectory ExampleSettings => new()
    {
        Name = "office",
        Kind = DirectoryKind.ActiveDirectory,
        Addresses = ["dc1.corp.example:636", "dc2.corp.example:636"],
        BindName = "mailreader@corp.example",
        Base = "dc=corp,dc=example",
    };

    /// <summary>Where it is and what is read of it.</summary>
    public required TenantDirectory Settings { get; init; }

    /// <summary>Password of the account; the one there is when absent, unless addresses, tls, caCertificate or bindName change.</summary>
    [MaxLength(500)]
    public string? Password { get; init; }
}
