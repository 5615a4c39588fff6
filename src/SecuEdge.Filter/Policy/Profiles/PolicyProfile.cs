namespace SecuEdge.Filter.Policy.Profiles;

/// <summary>A policy in one word, for people who do not want to read rules.</summary>
public enum PolicyProfile
{
    /// <summary>Viruses and spam are stopped; everything else arrives.</summary>
    Minimal,

    /// <summary>Also programs, scripts and documents with suspicious macros wait for an administrator. The default.</summary>
    Standard,

    /// <summary>Also everything that nobody can look into, and films, music and very large mail.</summary>
    Strict,
}
