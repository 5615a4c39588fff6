using SecuEdge.Appliance.Settings;

namespace SecuEdge.Appliance.Import;

/// <summary>Settings of another product as a site, and everything about them that somebody should look at.</summary>
/// <param name="Notes">Nothing of the source is left out in silence: what is not in <see cref="Site"/> is here.</param>
public sealed record Conversion(Site Site, IReadOnlyList<ConversionNote> Notes);

/// <summary>One thing of the source that did not come over as it was.</summary>
/// <param name="Where">Its place in the source: <c>rule 'Block Spam'</c>, <c>domain_pref.use_dcc of example.com</c>.</param>
/// <param name="Text">One sentence: what became of it, and what to do.</param>
public sealed record ConversionNote(ConversionOutcome Outcome, string Where, string Text);

public enum ConversionOutcome
{
    /// <summary>Came over with another meaning or place.</summary>
    Changed,

    /// <summary>Has no counterpart here.</summary>
    NotTaken,

    /// <summary>The converter does not know it; a newer version of the source may have brought it.</summary>
    Unknown,
}

/// <summary>How a source is to be read.</summary>
public sealed record ConversionOptions
{
    /// <summary>Name of the tenant that gets what is found.</summary>
    public string Tenant { get; init; } = "imported";

    /// <summary>Mail server of domains for which the source names none, <c>host:port</c>.</summary>
    public string? NextHop { get; init; }
}

/// <summary>A file that is not what it should be.</summary>
public sealed class ConversionException(string message) : Exception(message);
