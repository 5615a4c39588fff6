using System.ComponentModel;
using System.Net;
using Microsoft.AspNetCore.Http.HttpResults;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Api.Languages;
using SecuEdge.Appliance.Api.Requests;
using SecuEdge.Appliance.Operations;
using SecuEdge.Appliance.Settings;
using SecuEdge.Content;
using SecuEdge.Filter;

namespace SecuEdge.Appliance.Api;

/// <summary>The appliance itself: status, score table, site file, and judging a message without delivering it.</summary>
internal static class SystemApi
{
    public static void Map(RouteGroupBuilder api)
    {
        var system = api.MapGroup("/system").WithTags("System");
        system.MapGet("/status", (SystemOperations operations) => TypedResults.Ok(operations.Status())).WithSummary("State of the appliance").NeedsAtRoot(Permission.SystemRead);
        system.MapGet("/findings", Findings).WithSummary("Score table: everything a check can find").Needs(Permission.PolicyRead);

        var site = api.MapGroup("/site").WithTags("Site");
        site.MapGet("/", Export).WithSummary("The site file in force").Produces<Site>().NeedsAtRoot(Permission.SystemManage);
        site.MapGet("/schema", () => TypedResults.Content(SiteJson.Schema().ToJsonString(), "application/schema+json")).WithSummary("JSON Schema of the site file").Needs(Permission.TenantsRead);
        site.MapPut("/", ImportAsync).WithSummary("Replace the site; the same file twice changes nothing").Accepts<Site>("application/json").TakesLargeBody().NeedsAtRoot(Permission.SystemManage);

        api.MapPost("/analyze", AnalyzeAsync).WithTags("Analyze").WithSummary("Judge a message without delivering it")
            .Accepts<byte[]>("message/rfc822", "application/octet-stream").TakesLargeBody().Needs(Permission.Analyze);
    }

    private static ContentHttpResult Export(SiteOperations operations) => TypedResults.Content(operations.Export(), "application/json");

    private static async Task<Results<Ok<SiteImport>, ProblemHttpResult>> ImportAsync(
        HttpRequest request,
        Caller caller,
        SiteOperations operations,
        CancellationToken cancellationToken,
        [Description("Only say what would change")] bool plan = false,
        [Description("Kept with the revision")] string comment = "")
    {
        using var reader = new StreamReader(request.Body);
        var outcome = await operations.ImportAsync(caller, await reader.ReadToEndAsync(cancellationToken), comment, plan, cancellationToken);
        return outcome.Problem is { } problem ? problem.ToProblem() : TypedResults.Ok(outcome.Value!);
    }

    private static Ok<FindingList> Findings(HttpContext context, SystemOperations operations)
    {
        var say = Said.In(context);
        return TypedResults.Ok(new FindingList([.. operations.Findings.Select(f => f with { Text = say(f.Text) })]));
    }

    private static async Task<Results<Ok<Analysis>, ProblemHttpResult>> AnalyzeAsync(
        HttpRequest request,
        Caller caller,
        AnalyzeOperations operations,
        CancellationToken cancellationToken,
        [Description("Name echoed as `file`; a file that is no message is judged as an attachment of this name")] string file = "",
        [Description("Whose policy; the default policy when absent, which only the provider may ask")] string? tenant = null,
        [Description("inbound or outbound")] string direction = "inbound",
        [Description("For whom: mailboxes and domains may have rules of their own")] string? recipient = null,
        [Description("Envelope sender; outbound, the one whose policy decides")] string? sender = null,
        [Description("Address of the client it would have come from")] string? client = null)
    {
        var words = new QueryWords();
        var way = words.Read<Direction>("direction", direction);
        if (words.IsWrong(out var wrong))
        {
            return wrong;
        }

        IPAddress? address = null;
        if (client is not null && !IPAddress.TryParse(client, out address))
        {
            return Problems.Invalid("client: is an IP address, such as 192.0.2.1");
        }

        if (operations.Refusal(caller, tenant) is { } refusal)
        {
            return refusal.ToProblem();
        }

        // Kestrel's body limit is set to the largest message that SMTP accepts.
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, cancellationToken);
        if (body.Length == 0)
        {
            return Problems.Invalid("body: is empty; send the message as it came, with Content-Type: message/rfc822");
        }

        var question = new AnalysisQuestion { Tenant = tenant, Direction = way!.Value, Recipient = recipient, Sender = sender, Client = address };
        var outcome = await operations.AnalyzeAsync(caller, file, new MemoryBytes(body.GetBuffer().AsMemory(0, (int)body.Length)), question, cancellationToken);
        if (outcome.Value is not { } analysis)
        {
            return outcome.Problem!.ToProblem();
        }

        return TypedResults.Ok(analysis.In(Said.LanguageOf(request.HttpContext)));
    }
}

/// <summary>What can be found in mail.</summary>
/// <param name="Items">Every finding that a check of this appliance can make.</param>
public sealed record FindingList(IReadOnlyList<FindingDefinition> Items);
