using System.Text.Json;
using System.Text.Json.Nodes;

namespace SecuEdge.Appliance.Settings;

/// <summary>One setting as it is in force somewhere in the tree.</summary>
public sealed record EffectiveSetting
{
    /// <summary><c>policy.quarantineScore</c>, as locks name it.</summary>
    public required string Name { get; init; }

    /// <summary>The value in force; null when nothing is set and there is no default.</summary>
    public required JsonNode? Value { get; init; }

    /// <summary>The nearest node that sets it (tenant, domain or mailbox), or <c>default</c>.</summary>
    public required string From { get; init; }

    /// <summary>Whether the node may not change it.</summary>
    public required bool Locked { get; init; }

    /// <summary>The node that locks it; null when none does.</summary>
    public string? LockedBy { get; init; }
}

/// <summary>What is in force at a node and where it comes from, read from the properties of the settings: a new one needs nothing here.</summary>
internal static class EffectiveSettings
{
    public const string Default = "default";

    /// <param name="usual">What is in force where no node says anything.</param>
    /// <param name="isVisible">Whether the reader may see what a node adds to lists; entries of others are left out.</param>
    public static IReadOnlyList<EffectiveSetting> Of(TenantRoute node, Domain? domain, Mailbox? mailbox, ServiceSettings usual, Func<string, bool> isVisible)
    {
        var layers = node.Path().Select(n => new Layer(n.Tenant.Name, n.Tenant.Policy, n.Tenant.Service, n.Inherited)).ToList();
        if (domain is not null)
        {
            layers.Add(new Layer(domain.Name, domain.Policy, new ServiceSettings(), node.LocksBelow));
        }

        if (mailbox is not null)
        {
            layers.Add(new Layer(mailbox.Address, mailbox.Policy, new ServiceSettings(), node.LocksBelow));
        }

        return
        [
            .. Setting.OfPolicy.Select(s => Describe(s, layers, l => PolicyValue(s, l.Policy), PolicyDefault(s), isVisible)),
            .. Setting.OfService.Select(s => Describe(s, layers, l => s.ValueIn(l.Service), s.ValueIn(usual), isVisible)),
        ];
    }

    private static EffectiveSetting Describe(Setting setting, List<Layer> layers, Func<Layer, object?> valueIn, object? usual, Func<string, bool> isVisible)
    {
        var (value, from) = (usual, Default);
        foreach (var layer in layers)
        {
            if (valueIn(layer) is { } own && !layer.Locks.ContainsKey(setting.Name))
            {
                from = layer.Node;
                value = setting.IsAdded && !isVisible(layer.Node) ? value : setting.Join(value, own);
            }
        }

        var lockedBy = layers[^1].Locks.GetValueOrDefault(setting.Name);
        return new EffectiveSetting
        {
            Name = setting.Name,
            Value = value is null ? null : JsonSerializer.SerializeToNode(value, setting.Type, SiteJson.Options),
            From = from,
            Locked = lockedBy is not null,
            LockedBy = lockedBy,
        };
    }

    /// <summary>What the node itself says, or the profile it names.</summary>
    private static object? PolicyValue(Setting setting, PolicySettings own) =>
        own.Profile is { } profile ? setting.Join(setting.ValueIn(ProfileExpansion.Settings(profile)), setting.ValueIn(own)) : setting.ValueIn(own);

    private static object? PolicyDefault(Setting setting) =>
        setting.ValueIn(ProfileExpansion.Settings(ProfileExpansion.Default))
        ?? typeof(Filter.Policy.TenantPolicy).GetProperty(setting.Property)?.GetValue(Filter.Policy.TenantPolicy.Default);

    private sealed record Layer(string Node, PolicySettings Policy, ServiceSettings Service, IReadOnlyDictionary<string, string> Locks);
}
