namespace SecuEdge.Appliance.Import;

/// <summary>The products whose settings can be read, by the word for them.</summary>
internal static class Sources
{
    private static readonly IReadOnlyDictionary<string, Func<Stream, ConversionOptions, TimeProvider, Conversion>> All =
        new Dictionary<string, Func<Stream, ConversionOptions, TimeProvider, Conversion>>(StringComparer.OrdinalIgnoreCase)
        {
            ["proxmox"] = (file, options, _) => ProxmoxConversion.Read(file, options),
            ["mailcleaner"] = (file, options, time) => MailCleanerConversion.Read(file, options, DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime)),
        };

    public static IEnumerable<string> Names => All.Keys;

    /// <exception cref="ConversionException">Not a known product, or not its file.</exception>
    public static Conversion Read(string source, Stream file, ConversionOptions options, TimeProvider timeProvider) =>
        All.TryGetValue(source, out var read)
            ? read(file, options, timeProvider)
            : throw new ConversionException($"'{source}' cannot be read; known are {string.Join(" and ", All.Keys)}");
}
