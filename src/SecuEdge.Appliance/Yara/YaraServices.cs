using SecuEdge.Appliance.Supervision;
using SecuEdge.Cage.Pool;
using SecuEdge.Filter.Scanners.Yara;

namespace SecuEdge.Appliance.Yara;

/// <summary>Registers this folder with the host.</summary>
internal static class YaraServices
{
    /// <summary>Needs the cage; without <see cref="YaraOptions.Enabled"/> only what the API shows is there.</summary>
    public static IServiceCollection AddYara(this IServiceCollection services, YaraOptions options, YaraServiceOptions service, string dataFolder, string scratchFolder)
    {
        services.AddSingleton(options);
        services.AddSingleton(service);
        services.AddSingleton(provider =>
        {
            var pool = provider.GetRequiredService<CagePool>();
            return new RuleCage(pool.RunAsync, pool.RunAloneAsync, scratchFolder);
        });
        services.AddSingleton<RuleTrial>();
        services.AddSingleton(new RuleFolder(Path.Combine(dataFolder, "yara"), service.MaxRuleBytes));
        services.AddSingleton<RuleBook>();
        services.AddSingleton<IRuleEngine, CagedRuleEngine>();
        services.AddSingleton(provider => new CheckedDownload(CheckedDownload.CreateClient(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<RuleUpdates>();
        if (options.Enabled)
        {
            services.AddHostedService(provider => provider.GetRequiredService<RuleUpdates>());
        }

        return services;
    }
}
