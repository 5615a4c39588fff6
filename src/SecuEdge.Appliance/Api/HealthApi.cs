using Microsoft.AspNetCore.Http.HttpResults;
using SecuEdge.Appliance.Operations;
using SecuEdge.Appliance.Telemetry;

namespace SecuEdge.Appliance.Api;

/// <summary>Probes and metrics of the management listener: no secrets, no addresses.</summary>
internal static class HealthApi
{
    /// <summary>Prometheus text format.</summary>
    private const string ExpositionType = "text/plain; version=0.0.4; charset=utf-8";

    public static void Map(IEndpointRouteBuilder routes)
    {
        var management = routes.MapGroup("").ExcludeFromDescription().WithMetadata(new ManagementEndpoint());
        management.MapGet("/livez", () => TypedResults.Text("live\n"));
        management.MapGet("/readyz", Ready);
        management.MapGet("/metrics", async (GatewayMetrics metrics, HttpContext context) =>
        {
            context.Response.ContentType = ExpositionType;
            await metrics.Registry.CollectAndExportAsTextAsync(context.Response.Body, context.RequestAborted);
        });
    }

    /// <summary>200 while mail flows, even if somebody should look; 503 while mail is answered 4xx.</summary>
    private static JsonHttpResult<Readiness> Ready(SystemOperations operations)
    {
        var status = operations.Status();
        return TypedResults.Json(
            new Readiness(status.Status, status.Problems, status.Warnings),
            statusCode: status.Problems.Count > 0 ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK);
    }
}

/// <param name="Status"><c>ready</c>, <c>degraded</c> or <c>unavailable</c>.</param>
/// <param name="Problems">Why mail does not flow.</param>
/// <param name="Warnings">What somebody should look at.</param>
internal sealed record Readiness(string Status, IReadOnlyList<string> Problems, IReadOnlyList<string> Warnings);

/// <summary>Marks the endpoints of the management listener, which answers nothing else.</summary>
internal sealed class ManagementEndpoint;
