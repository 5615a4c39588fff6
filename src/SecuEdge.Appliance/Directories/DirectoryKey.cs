namespace SecuEdge.Appliance.Directories;

/// <summary>Which directory: names are unique within a node.</summary>
public readonly record struct DirectoryKey
{
    public DirectoryKey(string tenant, string name)
    {
        Tenant = tenant.ToLowerInvariant();
        Name = name.ToLowerInvariant();
    }

    public string Tenant { get; }

    public string Name { get; }

    public override string ToString() => $"{Tenant}/{Name}";
}
