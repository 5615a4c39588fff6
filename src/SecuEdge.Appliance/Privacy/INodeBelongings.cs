namespace SecuEdge.Appliance.Privacy;

/// <summary>Something that is kept under the name of a node and goes on by itself: another node of that name must not inherit it.</summary>
internal interface INodeBelongings
{
    /// <summary>What the audit log calls it when one is removed.</summary>
    string Removal { get; }

    /// <summary>Of all nodes, those that are gone too.</summary>
    IEnumerable<NodeBelonging> Belongings { get; }

    /// <summary>Nothing when it is gone already, or another one now.</summary>
    Task RemoveAsync(NodeBelonging belonging);
}

/// <param name="Since">What is newer than the end of its node belongs to another node of that name.</param>
internal sealed record NodeBelonging(string Node, string Name, DateTimeOffset Since);
