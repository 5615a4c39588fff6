using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using SecuEdge.Cage.Yara;
using SecuEdge.Filter.Scanners.Yara;

namespace SecuEdge.Appliance.Yara;

/// <summary>A compiled set that passed its trial: immutable, so that a swap is one assignment.</summary>
internal sealed class RuleSetInForce
{
    /// <summary>A rule of somebody else's scale (commonly up to 100) counts as a tenth.</summary>
    private const double LargestScore = 10;

    private readonly Dictionary<(string File, string Name), RuleMatch> _meanings = [];

    public RuleSetInForce(IReadOnlyList<RuleFile> files, IReadOnlyList<RuleFacts> rules, byte[] compiled, RuleSeverity unmarked)
    {
        Files = files;
        Rules = rules;
        Compiled = compiled;
        foreach (var rule in rules)
        {
            _meanings[(rule.File, rule.Name)] = Meaning(rule, unmarked);
        }

        var dates = files.Select(file => file.ChangedAt).Concat(rules.Select(DateOf)).OfType<DateTimeOffset>().ToList();
        PublishedAt = dates.Count > 0 ? dates.Max() : DateTimeOffset.UnixEpoch;
        Version = string.Create(CultureInfo.InvariantCulture, $"{HashOf(files, unmarked)[..12]} {PublishedAt:yyyy-MM-dd}, {rules.Count} rules");
    }

    /// <summary>Short hash of all sources, date of the newest, number of rules.</summary>
    public string Version { get; }

    public DateTimeOffset PublishedAt { get; }

    public IReadOnlyList<RuleFile> Files { get; }

    public IReadOnlyList<RuleFacts> Rules { get; }

    public ReadOnlyMemory<byte> Compiled { get; }

    /// <summary>
    /// What a match means, as the rule said when it was compiled. Null for a rule that is not in the set: the worker that says so is not to
    /// be believed.
    /// </summary>
    public RuleMatch? MeaningOf(RuleFacts match) => _meanings.GetValueOrDefault((match.File, match.Name));

    private static RuleMatch Meaning(RuleFacts rule, RuleSeverity unmarked)
    {
        var severity = rule.Meta.GetValueOrDefault("severity", "").ToLowerInvariant() switch
        {
            "malware" => RuleSeverity.Malware,
            "suspicious" => RuleSeverity.Suspicious,
            "informational" => RuleSeverity.Informational,
            _ => unmarked,
        };
        var isOurs = rule.File.StartsWith("secuedge/", StringComparison.Ordinal);
        double? score = double.TryParse(rule.Meta.GetValueOrDefault("score"), CultureInfo.InvariantCulture, out var number) && number > 0
            ? number > LargestScore ? Math.Min(LargestScore, number / 10) : number
            : null;
        return new RuleMatch(isOurs ? rule.Name : $"{rule.File}:{rule.Name}", severity, score);
    }

    private static DateTimeOffset? DateOf(RuleFacts rule) =>
        DateTimeOffset.TryParseExact(rule.Meta.GetValueOrDefault("date"), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date) ? date : null;

    private static string HashOf(IReadOnlyList<RuleFile> files, RuleSeverity unmarked)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in files)
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{file.Key}\0{file.Text}\0"));
        }

        hash.AppendData([(byte)unmarked]);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
