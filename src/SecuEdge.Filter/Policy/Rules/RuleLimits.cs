namespace SecuEdge.Filter.Policy.Rules;

/// <summary>How much one node may add. Far above what people write: they keep one tenant from taking the memory and time of all.</summary>
public static class RuleLimits
{
    public const int Rules = 1000;

    /// <summary>Objects, groups and word lists, of each.</summary>
    public const int Named = 1000;

    /// <summary>Conditions inside conditions, those of objects counted.</summary>
    public const int Depth = 20;

    /// <summary>Conditions of all rules and objects together.</summary>
    public const int Conditions = 20_000;

    /// <summary>Regular expressions, of texts and of headers: all of them are asked of every message.</summary>
    public const int Patterns = 200;

    /// <summary>Characters of all word lists together.</summary>
    public const int WordCharacters = 500_000;

    /// <summary>Fields of the tables of all word lists together, four bytes each: 64 MB.</summary>
    public const long WordFields = 16_000_000;

    /// <summary>Addresses and groups named by all conditions, and members of all groups, together: some 10 MB.</summary>
    public const int Addresses = 100_000;

    /// <summary>Of those, patterns such as <c>newsletter-*@*</c>: each is compared with each sender and recipient, all together for some milliseconds.</summary>
    public const int Globs = 20_000;

    /// <summary>Entries of any one list.</summary>
    public const int Entries = 10_000;
}
