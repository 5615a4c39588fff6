namespace SecuEdge.Appliance.Yara;

/// <summary>Who brought a rule file. The order is that of the set.</summary>
public enum RuleOrigin
{
    /// <summary>Part of this program.</summary>
    BuiltIn,

    /// <summary>One of <see cref="YaraServiceOptions.Sources"/>.</summary>
    Fetched,

    /// <summary>The administrator, by folder or API.</summary>
    Own,
}

/// <param name="Name">Without folder and extension.</param>
/// <param name="ChangedAt">Null for built-in rules, which say their date themselves.</param>
internal sealed record RuleFile(RuleOrigin Origin, string Name, string Text, DateTimeOffset? ChangedAt)
{
    /// <summary>How rules call it: errors, matches, the namespace in libyara. Distinct for all files of a set.</summary>
    public string Key => Origin switch
    {
        RuleOrigin.BuiltIn => $"secuedge/{Name}.yar",
        RuleOrigin.Fetched => $"fetched/{Name}.yar",
        RuleOrigin.Own => $"{Name}.yar",
        _ => throw new InvalidOperationException($"There is no origin {Origin}."),
    };
}
