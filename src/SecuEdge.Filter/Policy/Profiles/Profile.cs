using SecuEdge.Filter.Policy.Rules;

namespace SecuEdge.Filter.Policy.Profiles;

/// <summary>What a profile stands for: in words, as settings beneath the tenant's own, and as rules asked after all others.</summary>
public sealed record Profile
{
    public required PolicyProfile Name { get; init; }

    public required ProfileText English { get; init; }

    public required ProfileText French { get; init; }

    /// <summary>
    /// Finding code → action, for every code that any profile decides, so that naming a profile undoes the one inherited; a tenant's own for the
    /// same code counts instead.
    /// </summary>
    public IReadOnlyDictionary<string, VerdictAction> Actions { get; init; } = new Dictionary<string, VerdictAction>();

    /// <summary>A tenant replaces one, or switches it off, by a rule of the same name.</summary>
    public IReadOnlyList<Rule> Rules { get; init; } = [];

    /// <summary>Where the rules stand, above the root of the tree.</summary>
    public PolicyLayer Layer => new() { Node = $"profile {Name.ToString().ToLowerInvariant()}", Rules = Rules, ComesLast = true };

    /// <param name="language">ISO 639-1; anything but <c>fr</c> reads English.</param>
    public ProfileText Text(string language) => language.StartsWith("fr", StringComparison.OrdinalIgnoreCase) ? French : English;
}

/// <summary>A profile for people who do not want to read rules.</summary>
/// <param name="Summary">One sentence.</param>
/// <param name="Points">What happens to which mail, one sentence each.</param>
public sealed record ProfileText(string Title, string Summary, IReadOnlyList<string> Points);
