namespace SecuEdge.Appliance.Tests.EndToEnd;

/// <summary>One gateway process at a time: two of them under load on a small machine would fail each other's time limits.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class EndToEndGroup
{
    public const string Name = "end to end";
}
