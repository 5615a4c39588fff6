using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http.HttpResults;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Api.Languages;
using SecuEdge.Appliance.Api.Requests;
using SecuEdge.Appliance.Operations;
using SecuEdge.Appliance.Settings;

namespace SecuEdge.Appliance.Api;

/// <summary>Mail domains and whose they are.</summary>
internal static class DomainsApi
{
    public static void Map(RouteGroupBuilder api)
    {
        var domains = api.MapGroup("/domains").WithTags("Domains");
        domains.MapGet("/", List).Needs(Permission.TenantsRead).WithSummary("List the domains you may see, by name");
        domains.MapPost("/", CreateAsync).Needs(Permission.TenantsManage).WithSummary("Add a domain to a tenant; it waits for its DNS record unless you manage the node above");
        domains.MapGet("/{name}", Get).Needs(Permission.TenantsRead).WithSummary("One domain, with the DNS record it waits for");
        domains.MapPut("/{name}", PutAsync).Needs(Permission.TenantsManage).Accepts<DomainChange>("application/json").WithSummary("Change where mail of a domain goes and what it sets; honours If-Match");
        domains.MapDelete("/{name}", DeleteAsync).Needs(Permission.TenantsManage).WithSummary("Take a domain away; no mail is taken for it any more");
        domains.MapPost("/{name}:verify", VerifyAsync).Needs(Permission.TenantsManage).WithSummary("Look up the DNS record now, or vouch for the domain");
    }

    private static Results<Ok<Page<DomainDetail>>, ProblemHttpResult> List(
        Caller caller,
        DomainOperations operations,
        [Description("Only those of this tenant")] string? tenant = null,
        [Description("1-200")] int limit = 50,
        [Description("`next` of the page before")] string? cursor = null)
    {
        var words = new QueryWords();
        words.Limit(limit);
        if (words.IsWrong(out var problem))
        {
            return problem;
        }

        var (items, next) = operations.List(caller, tenant, limit, cursor);
        return TypedResults.Ok(new Page<DomainDetail>(items, next));
    }

    private static Results<Ok<DomainDetail>, ProblemHttpResult> Get(string name, Caller caller, HttpResponse response, DomainOperations operations) =>
        Answer(operations.Get(caller, name), response);

    private static async Task<Results<Created<DomainDetail>, ProblemHttpResult>> CreateAsync(
        NewDomain body, HttpResponse response, Caller caller, DomainOperations operations, CancellationToken cancellationToken)
    {
        var domain = new Domain { Name = body.Name, NextHops = body.NextHops, Recipients = body.Recipients ?? ["*"], Ownership = body.Ownership };
        var outcome = await operations.CreateAsync(caller, body.Tenant, domain, cancellationToken);
        if (outcome.Value is not { } created)
        {
            return outcome.Problem!.ToProblem();
        }

        response.SetEntityTag(created.Revision);
        return TypedResults.Created($"/api/v1/domains/{created.Name}", created);
    }

    private static async Task<Results<Ok<DomainDetail>, ProblemHttpResult>> PutAsync(
        string name, HttpRequest request, HttpResponse response, Caller caller, DomainOperations operations, CancellationToken cancellationToken)
    {
        // Settings nest; the rules of the site file find a null anywhere in them.
        var (body, errors) = SiteJson.Parse<DomainChange>(await request.ReadTextAsync(cancellationToken));
        if (body is null)
        {
            return SiteEditor.Invalid(errors).ToProblem();
        }

        var wrong = BodyCheck.Errors(body, SiteJson.Options, Language.Of(request.HttpContext));
        return wrong.Count > 0 ? Problems.Invalid(wrong) : Answer(
            await operations.PutAsync(
                caller,
                name,
                d => d with { NextHops = body.NextHops, Policy = body.Policy ?? d.Policy, Mailboxes = body.Mailboxes ?? d.Mailboxes },
                request.ExpectedRevision(),
                cancellationToken),
            response);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        string name, HttpRequest request, Caller caller, DomainOperations operations, CancellationToken cancellationToken) =>
        await operations.DeleteAsync(caller, name, request.ExpectedRevision(), cancellationToken) is { } problem ? problem.ToProblem() : TypedResults.NoContent();

    private static async Task<Results<Ok<DomainDetail>, ProblemHttpResult>> VerifyAsync(
        string name,
        HttpResponse response,
        Caller caller,
        DomainOperations operations,
        CancellationToken cancellationToken,
        [Description("Take my word for it; for whoever manages the node above the tenant")] bool vouch = false) =>
        Answer(await operations.VerifyAsync(caller, name, vouch, cancellationToken), response);

    private static Results<Ok<DomainDetail>, ProblemHttpResult> Answer(Outcome<DomainDetail> outcome, HttpResponse response) => response.Tagged(outcome, d => d.Revision);
}

/// <summary>A domain to add.</summary>
public sealed record NewDomain
{
    /// <summary>Whose it is to be.</summary>
    [Required]
    public required string Tenant { get; init; }

    /// <summary>The mail domain.</summary>
    [Required]
    public required string Name { get; init; }

    /// <summary>The customer's mail servers as <c>host:port</c>, tried in order.</summary>
    [Required, MinLength(1)]
    public required IReadOnlyList<string> NextHops { get; init; }

    /// <summary>Mailboxes that exist; any when absent.</summary>
    public IReadOnlyList<string>? Recipients { get; init; }

    /// <summary>Only counts for whoever manages the node above; others get <c>pending</c>.</summary>
    public DomainOwnership Ownership { get; init; } = DomainOwnership.Vouched;
}

/// <summary>What a domain is to be.</summary>
public sealed record DomainChange
{
    /// <summary>The customer's mail servers as <c>host:port</c>, tried in order.</summary>
    [Required, MinLength(1)]
    public required IReadOnlyList<string> NextHops { get; init; }

    /// <summary>What the domain sets besides its tenant; kept when absent.</summary>
    public PolicySettings? Policy { get; init; }

    /// <summary>Mailboxes with settings of their own; kept when absent.</summary>
    public IReadOnlyList<Mailbox>? Mailboxes { get; init; }
}
