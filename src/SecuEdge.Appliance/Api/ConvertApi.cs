using System.ComponentModel;
using Microsoft.AspNetCore.Http.HttpResults;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Api.Requests;
using SecuEdge.Appliance.Import;
using SecuEdge.Appliance.Operations;

namespace SecuEdge.Appliance.Api;

/// <summary>Settings of other products, read and not applied.</summary>
internal static class ConvertApi
{
    public static void Map(RouteGroupBuilder api) =>
        api.MapPost("/config:convert", ConvertAsync)
            .WithTags("System")
            .WithSummary("Read settings of another product: a site file to plan and apply, and what to look at")
            .Accepts<byte[]>("application/octet-stream")
            .TakesLargeBody()
            .NeedsAtRoot(Permission.SystemManage);

    private static async Task<Results<Ok<Conversion>, ProblemHttpResult>> ConvertAsync(
        HttpRequest request,
        TimeProvider timeProvider,
        [Description("`proxmox` (the .tgz of pmgbackup, or its Proxmox_ruledb.sql) or `mailcleaner` (a mysqldump of mc_config)")] string from,
        [Description("Name of the tenant that gets what is found")] string tenant = "imported",
        [Description("Mail server of domains for which the source names none, host:port")] string? nextHop = null,
        CancellationToken cancellationToken = default)
    {
        // The readers seek, and a dump of settings is small: the server's limit on bodies bounds it.
        using var file = new MemoryStream();
        await request.Body.CopyToAsync(file, cancellationToken);
        file.Position = 0;
        try
        {
            return TypedResults.Ok(Sources.Read(from, file, new ConversionOptions { Tenant = tenant, NextHop = nextHop }, timeProvider));
        }
        catch (ConversionException e)
        {
            return new OperationProblem(OperationFailure.Invalid, e.Message).ToProblem();
        }
    }
}
