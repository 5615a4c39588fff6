using SecuEdge.Appliance.Settings;

namespace SecuEdge.Appliance.Verbs;

/// <summary><c>check-config</c>: everything that would stop a start, without starting.</summary>
internal static class CheckConfigVerb
{
    public static int Execute()
    {
        var configuration = Configuration.Load();
        var errors = configuration.Errors.ToList();
        if (configuration.Appliance.Site is { Length: > 0 } path)
        {
            try
            {
                errors.AddRange(SiteJson.Read(File.ReadAllText(path)).Errors.Select(e => $"{path}: {e}"));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                errors.Add($"SECUEDGE__Site = '{path}': cannot be read: {e.Message}");
            }
        }

        if (errors.Count > 0)
        {
            return Usage.Fail(errors);
        }

        Console.WriteLine("The configuration is valid.");
        return Usage.Success;
    }
}
