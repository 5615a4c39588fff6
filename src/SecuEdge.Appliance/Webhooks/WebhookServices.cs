namespace SecuEdge.Appliance.Webhooks;

internal static class WebhookServices
{
    public static IServiceCollection AddWebhooks(this IServiceCollection services, WebhookOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton(p =>
        {
            var store = ActivatorUtilities.CreateInstance<WebhookStore>(p);
            store.Load();
            return store;
        });
        services.AddSingleton<WebhookCaller>();
        services.AddSingleton<WebhookRunner>();
        services.AddHostedService(p => p.GetRequiredService<WebhookRunner>());
        services.AddSingleton<WebhookOperations>();
        return services;
    }
}
