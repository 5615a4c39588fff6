namespace SecuEdge.Appliance.Operations;

/// <summary>Something that keeps data of tenants (mail, facts, stories of messages), exported and erased with the tenant.</summary>
internal interface ITenantData
{
    /// <summary>Name of the entry in the export, <c>messages.jsonl</c>.</summary>
    string EntryName { get; }

    /// <summary>Everything there is of the tenant.</summary>
    Task ExportAsync(string tenant, Stream output, CancellationToken cancellationToken);

    /// <summary>For good. Called again when it failed before.</summary>
    Task EraseAsync(string tenant, CancellationToken cancellationToken);
}
