namespace SecuEdge.Appliance.Supervision;

/// <summary>Registers this folder with the host.</summary>
internal static class SupervisionServices
{
    /// <summary>
    /// Adds <see cref="ClamAvSupervision"/> for those who ask and, when <see cref="ClamAvServiceOptions.Supervise"/> is on, the background
    /// services that run clamd and freshclam. The options are validated and complete (data folder, message limit).
    /// </summary>
    public static IServiceCollection AddClamAvSupervision(this IServiceCollection services, ClamAvServiceOptions options)
    {
        services.AddSingleton(options);
        if (options.Supervise)
        {
            services.AddSingleton<SignatureSource>();
            services.AddSingleton<ChildLauncher>();
            services.AddSingleton<ClamdSupervisor>();
            services.AddSingleton<FreshclamSchedule>();
            services.AddHostedService(provider => provider.GetRequiredService<ClamdSupervisor>());
            services.AddHostedService(provider => provider.GetRequiredService<FreshclamSchedule>());
        }

        services.AddSingleton(provider =>
            new ClamAvSupervision(provider.GetService<ClamdSupervisor>(), provider.GetService<FreshclamSchedule>()));
        return services;
    }
}
