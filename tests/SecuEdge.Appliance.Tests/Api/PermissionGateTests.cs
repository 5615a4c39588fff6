using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Api;

namespace SecuEdge.Appliance.Tests.Api;

public sealed class PermissionGateTests
{
    [Fact]
    public async Task An_endpoint_that_declares_nothing_stops_the_start()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.Services.AddRouting();
        await using var app = builder.Build();
        var api = app.MapGroup("/api/v1");
        api.MapGet("/open", () => "").AllowAnonymous();
        api.MapGet("/own", () => "").NeedsOnlyCaller();
        api.MapGet("/tenant", () => "").Needs(Permission.MessagesRead);
        api.MapGet("/root", () => "").NeedsAtRoot(Permission.SystemRead);
        app.MapGet("/livez", () => "");
        Assert.Empty(PermissionGate.Undeclared(app));

        api.MapPost("/forgotten", () => "");
        app.MapGet("API/v1/forgotten/too", () => "");
        Assert.Equal(
            ["HTTP: GET API/v1/forgotten/too", "HTTP: POST /api/v1/forgotten"],
            PermissionGate.Undeclared(app).Select(e => e.Split(':')[0] + ":" + e.Split(':')[1]).Order(StringComparer.Ordinal));
    }
}
