using Microsoft.AspNetCore.OpenApi;
using SecuEdge.Appliance.Api.Description;
using SecuEdge.Appliance.Api.Requests;
using SecuEdge.Appliance.Operations;

namespace SecuEdge.Appliance.Api;

/// <summary>What all endpoints have in common, whoever writes them: their document, their problems, and the checks before the handler.</summary>
internal static class ApiConventions
{
    public static IServiceCollection AddApiConventions(this IServiceCollection services)
    {
        services.AddProblemDetails(o => o.CustomizeProblemDetails = Problems.Translate);
        services.ConfigureHttpJsonOptions(o => ApiJson.Configure(o.SerializerOptions));
        services.Configure<RouteHandlerOptions>(o => o.ThrowOnBadRequest = true);
        services.AddSingleton<XmlComments>();
        services.AddSingleton<ApiDescription>();
        services.AddSingleton<QueryCheck>();
        services.AddSingleton<SealedCursors>();
        services.AddSingleton(p =>
        {
            var idempotency = ActivatorUtilities.CreateInstance<Idempotency>(p);
            idempotency.Load();
            return idempotency;
        });
        services.AddSingleton<BodyRoom>();
        services.AddSingleton<BulkOperations>();
        services.AddOpenApi(options => options.AddPermissions());
        services.AddOptions<OpenApiOptions>("v1").Configure<ApiDescription>((options, description) =>
        {
            options.CreateSchemaReferenceId = description.Named;
            options.AddPermissions().AddDocumentTransformer(description);
        });
        return services;
    }

    /// <summary>Before routing: whatever goes wrong below is answered as a problem.</summary>
    public static void UseProblems(this WebApplication app)
    {
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            ExceptionHandler = RequestErrors.DescribeAsync,
            SuppressDiagnosticsCallback = c => RequestErrors.IsExpected(c.Exception),
        });
        app.UseStatusCodePages(c => RequestErrors.DescribeStatusAsync(c.HttpContext));
    }

    /// <summary>After authorization: a stranger learns nothing from these checks.</summary>
    public static void UseRequestChecks(this WebApplication app)
    {
        BodyRoom.Use(app);
        var query = app.Services.GetRequiredService<QueryCheck>();
        app.Use(next => context => query.InvokeAsync(context, next));
        var idempotency = app.Services.GetRequiredService<Idempotency>();
        app.Use(next => context => idempotency.InvokeAsync(context, next));
    }

    /// <summary>The group all nouns are mapped in.</summary>
    public static RouteGroupBuilder MapApi(this WebApplication app) =>
        (RouteGroupBuilder)app.MapGroup("/api/v1").RequireAuthorization().AddEndpointFilterFactory(BodyCheck.Create).AddEndpointFilterFactory(NodeFilter.Create)
            .AddEndpointFilterFactory(SealedCursors.Create);
}
