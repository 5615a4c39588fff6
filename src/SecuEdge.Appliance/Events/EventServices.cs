namespace SecuEdge.Appliance.Events;

internal static class EventServices
{
    public static IServiceCollection AddEvents(this IServiceCollection services)
    {
        services.AddSingleton<EventHub>();
        services.AddSingleton<EventIds>();
        services.AddSingleton<EventStreams>();
        services.AddSingleton<MessageAnnouncer>();
        services.AddHostedService<EngineAnnouncer>();
        return services;
    }
}
