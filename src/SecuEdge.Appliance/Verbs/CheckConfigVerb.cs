using SecuEdge.Appliance.Backtest;
using SecuEdge.Appliance.Settings;
using SecuEdge.Store;
using SecuEdge.Store.Origin;

namespace SecuEdge.Appliance.Verbs;

/// <summary><c>check-config</c>: everything that would stop a start, without starting.</summary>
internal static class CheckConfigVerb
{
    public static int Execute()
    {
        var configuration = Configuration.Load();
        var errors = configuration.Errors.ToList();
        List<string> warnings = [];
        if (configuration.Appliance.Site is { Length: > 0 } path)
        {
            try
            {
                var (site, wrong) = SiteJson.Read(File.ReadAllText(path));
                errors.AddRange(wrong.Select(e => $"{path}: {e}"));
                warnings.AddRange(site is null ? [] : Warnings(site, configuration.Store));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                errors.Add($"SECUEDGE__Site = '{path}': cannot be read: {e.Message}");
            }
        }

        foreach (var warning in warnings)
        {
            Console.WriteLine($"Warning: {warning}");
        }

        if (errors.Count > 0)
        {
            return Usage.Fail(errors);
        }

        Console.WriteLine("The configuration is valid.");
        return Usage.Success;
    }

    private static IEnumerable<string> Warnings(Site site, StoreOptions store)
    {
        var origin = new OriginFolder(store);
        origin.Refresh();
        return OriginNeeds.Warnings(site, origin);
    }
}
