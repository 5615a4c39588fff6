using System.Globalization;
using System.Reflection;

namespace SecuEdge.Appliance.Supervision;

/// <summary>Renders clamd.conf and freshclam.conf from the templates in <c>appliance/clamav</c>, which the assembly carries.</summary>
internal static class ClamAvConfiguration
{
    private const long Mebibyte = 1024 * 1024;

    public static string Clamd(ClamAvServiceOptions options, string signatureFolder)
    {
        var paths = ClamAvPaths.From(options);

        // clamd refuses what is larger than its own limit, and that would be our 451 for ever: it must accept our largest message, and
        // some more for the part that a message becomes when it is rebuilt.
        var fileBytes = Math.Min(Math.Max(100 * Mebibyte, options.MaxMessageBytes + Mebibyte), int.MaxValue);
        return Render("clamd.conf", new()
        {
            ["Socket"] = paths.Socket,
            ["SignatureFolder"] = signatureFolder,
            ["TemporaryFolder"] = paths.TemporaryFolder,
            ["MaxFileBytes"] = Text(fileBytes),
            ["MaxScanBytes"] = Text(Math.Min(4 * fileBytes, uint.MaxValue)),
            ["MaxScanMilliseconds"] = Text((long)options.MaxScanTime.TotalMilliseconds),
            ["MaxThreads"] = Text(options.MaxThreads),
            ["MaxQueue"] = Text(5 * options.MaxThreads),
        });
    }

    public static string Freshclam(ClamAvServiceOptions options)
    {
        // As root, freshclam changes to this user; otherwise it stays who it is and ignores the line.
        var owner = Environment.IsPrivilegedProcess ? "root" : Environment.UserName;
        return Render("freshclam.conf", new()
        {
            ["DatabaseFolder"] = ClamAvPaths.From(options).DatabaseFolder,
            ["Owner"] = owner,
            ["Mirror"] = options.PrivateMirror.Length > 0
                ? $"PrivateMirror {options.PrivateMirror}\nScriptedUpdates no"
                : "DatabaseMirror database.clamav.net\nDNSDatabaseInfo current.cvd.clamav.net",
        });
    }

    private static string Render(string template, Dictionary<string, string> values)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(template)
            ?? throw new InvalidOperationException($"the assembly was built without the template {template}");
        using var reader = new StreamReader(stream);
        var text = reader.ReadToEnd();
        foreach (var (name, value) in values)
        {
            text = text.Replace("{{" + name + "}}", value, StringComparison.Ordinal);
        }

        return text;
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
