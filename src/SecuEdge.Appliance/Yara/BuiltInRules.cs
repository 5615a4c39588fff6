using System.Reflection;

namespace SecuEdge.Appliance.Yara;

/// <summary>The files of <c>appliance/yara</c>, which the assembly carries: the defaults work with no files around.</summary>
internal static class BuiltInRules
{
    private const string Prefix = "yara/";

    public static IReadOnlyList<RuleFile> All { get; } =
    [
        .. Assembly.GetExecutingAssembly().GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(name => new RuleFile(RuleOrigin.BuiltIn, Path.GetFileNameWithoutExtension(name[Prefix.Length..]), Read(name), null)),
    ];

    private static string Read(string name)
    {
        using var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!); // it is in the list of names
        return reader.ReadToEnd();
    }
}
