using SecuEdge.Appliance.MailFlow.Effects;
using SecuEdge.Smtp;

namespace SecuEdge.Appliance.MailFlow;

/// <summary>The sending side in the container. Spool, quarantine, message log, site, resolver and clock are the host's.</summary>
internal static class DeliveryRegistration
{
    public static IServiceCollection AddDelivery(this IServiceCollection services, QueueOptions queue, SmtpClientOptions client) => services
        .AddSingleton(queue)
        .AddSingleton(client)
        .AddSingleton<References>()
        .AddSingleton<MailQueue>()
        .AddSingleton<InternalListener>()
        .AddSingleton<Router>()
        .AddSingleton<HopHealth>()
        .AddSingleton(p => new HopAddresses(queue, p.GetRequiredService<ILogger<HopAddresses>>()))
        .AddSingleton(p => new SmtpClientConnector(client, p.GetRequiredService<TimeProvider>(), p.GetRequiredService<HopAddresses>().FindAsync))
        .AddSingleton<DeliveryServices>()
        .AddSingleton<BounceSender>()
        .AddRuleActions()
        .AddSingleton<Settler>()
        .AddSingleton<HoldReview>()
        .AddSingleton<QueueRunner>()
        .AddHostedService(provider => provider.GetRequiredService<QueueRunner>());
}
