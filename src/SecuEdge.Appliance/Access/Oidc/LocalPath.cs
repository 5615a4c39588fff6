namespace SecuEdge.Appliance.Access.Oidc;

/// <summary>Where a login may lead: a page of this host. Otherwise a link to the appliance would lead anywhere in its name.</summary>
internal static class LocalPath
{
    private const int MaxLength = 500;

    /// <summary>Browsers read <c>//host</c> and <c>/\host</c> as another host, and pass over control characters.</summary>
    public static bool IsLocal(string path) =>
        path.Length is > 0 and <= MaxLength
        && path[0] == '/'
        && !path.StartsWith("//", StringComparison.Ordinal)
        && !path.Any(c => c == '\\' || char.IsControl(c));
}
