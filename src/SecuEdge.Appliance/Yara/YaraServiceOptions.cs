using System.ComponentModel.DataAnnotations;
using SecuEdge.Appliance.Supervision;
using SecuEdge.Filter.Scanners.Yara;

namespace SecuEdge.Appliance.Yara;

/// <summary>Section <c>Yara</c>, the part about where rules come from; <see cref="YaraOptions"/> is the part about scanning.</summary>
public sealed class YaraServiceOptions : IValidatableObject
{
    /// <summary>
    /// What a rule without <c>severity</c> means. Suspicious: published sets mix sure rules with marks for analysts. Malware: for sets of one's
    /// own that one trusts.
    /// </summary>
    [Display(Name = "Rules without severity")]
    public RuleSeverity UnmarkedRules { get; set; } = RuleSeverity.Suspicious;

    /// <summary>Rule files fetched from elsewhere. Each needs a checksum, is tried before it comes into force, and stays on disk.</summary>
    public IList<RuleSourceOptions> Sources { get; set; } = [];

    /// <summary>Largest rule file. 16 MB: the largest published collections have some megabytes.</summary>
    [Range(1024, 256L * 1024 * 1024)]
    public long MaxRuleBytes { get; set; } = 16L * 1024 * 1024;

    /// <summary>
    /// Longest time that the rules may take for 1 MB of the trial's sample. 3 s: ours take some ten milliseconds, and a mail of 20 MB must be
    /// through within the scan's time.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan TrialLimit { get; set; } = TimeSpan.FromSeconds(3);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        Sources.GroupBy(source => source.FileName, StringComparer.Ordinal)
            .Where(group => group.Count() > 1)
            .Select(group => new ValidationResult($"Yara:Sources: two of them are the file '{group.Key}'; name each only once.", [nameof(Sources)]));
}

/// <summary>One file of rules that is published somewhere.</summary>
public sealed class RuleSourceOptions : IValidatableObject
{
    /// <summary>https, or http to a mirror of one's own.</summary>
    [Required]
    public string Url { get; set; } = "";

    /// <summary>Hex SHA-256 of the file: pins exactly this one.</summary>
    public string Sha256 { get; set; } = "";

    /// <summary>A file as <c>sha256sum</c> writes it, fetched before each download.</summary>
    public string Sha256Url { get; set; } = "";

    /// <summary>Between two looks. 6 hours: rules change every few days.</summary>
    [Range(typeof(TimeSpan), "00:05:00", "30.00:00:00")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromHours(6);

    /// <summary>Under which the rules of this source are known: host and file name.</summary>
    internal string FileName => Uri.TryCreate(Url, UriKind.Absolute, out var url)
        ? new string([.. $"{url.Host}-{Path.GetFileNameWithoutExtension(url.AbsolutePath)}".ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' ? c : '-').Take(64)])
        : Url;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!IsWeb(Url))
        {
            yield return new ValidationResult($"Yara:Sources: Url is '{Url}': must be http://... or https://...", [nameof(Url)]);
        }

        if (Sha256.Length == 0 ? !IsWeb(Sha256Url) : Sha256Url.Length > 0 || !CheckedDownload.IsSha256(Sha256))
        {
            yield return new ValidationResult(
                $"Yara:Sources: '{Url}' needs either Sha256 (64 hex digits) or Sha256Url (http://... or https://...): what nobody vouches for is not loaded.",
                [nameof(Sha256), nameof(Sha256Url)]);
        }
    }

    private static bool IsWeb(string text) => Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https";
}
