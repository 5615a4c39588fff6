namespace SecuEdge.Appliance.Import;

/// <summary>Destination servers as MailCleaner hands them to Exim: a list with single colons between, a port behind two (<c>10.0.0.1::26</c>).</summary>
internal static class MailCleanerHops
{
    public static IReadOnlyList<string> Read(string destination)
    {
        var hops = new List<string>();
        // Blanks, commas and semicolons stand between servers, too, in what people typed.
        foreach (var server in destination.Replace("::", "\0", StringComparison.Ordinal).Split([' ', ',', ';', ':', '\n', '\r', '\t'], StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = server.Split('\0');
            var host = parts[0].Split('/')[0];
            if (host.Length > 0)
            {
                // "host:25" means a port although Exim would read a second server.
                if (hops.Count > 0 && parts.Length == 1 && ushort.TryParse(host, out var port) && hops[^1].EndsWith(":25", StringComparison.Ordinal))
                {
                    hops[^1] = $"{hops[^1][..^2]}{port}";
                    continue;
                }

                hops.Add($"{host}:{(parts.Length > 1 && ushort.TryParse(parts[1], out var own) ? own : 25)}");
            }
        }

        return hops;
    }
}
