using SecuEdge.Appliance.Operations;
using SecuEdge.Filter.Policy.Rules;
using SecuEdge.Store.Contacts;
using SecuEdge.Store.Facts;

namespace SecuEdge.Appliance.Backtest;

/// <summary>What recording facts and trying rules on them need.</summary>
internal static class BacktestServices
{
    public static void AddBacktest(this IServiceCollection services, Stores stores)
    {
        services.AddSingleton<IFactsLog>(stores.Facts);
        services.AddSingleton<IContacts>(stores.Contacts);
        services.AddSingleton(stores.Origin);
        services.AddSingleton<IFactSources, FactSources>();
        services.AddSingleton<FactsNotes>();
        services.AddSingleton<BacktestOperations>();
        services.AddSingleton<BacktestStream>();
        services.AddHostedService<OriginWatch>();
    }
}
