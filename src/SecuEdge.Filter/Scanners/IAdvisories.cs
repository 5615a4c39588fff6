namespace SecuEdge.Filter.Scanners;

/// <summary>Whose convictions are only advice at the moment: a signature, or an engine, that suddenly convicts what it should not.</summary>
public interface IAdvisories
{
    /// <summary>Asked for each conviction; cheap.</summary>
    bool IsAdvisory(string engine, string signature);
}

/// <summary>Every engine's word counts.</summary>
internal sealed class NoAdvisories : IAdvisories
{
    public static NoAdvisories Instance { get; } = new();

    public bool IsAdvisory(string engine, string signature) => false;
}
