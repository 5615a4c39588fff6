using System.Text.Json.Nodes;

namespace SecuEdge.Appliance.Settings;

/// <summary>One setting before and after, as data.</summary>
public sealed record SettingChange
{
    /// <summary>Which one; items of lists by their name, or by what they are: <c>tenants[bakery].rules[leaver].when.addresses["eva@bakery.example"]</c>.</summary>
    public required string Path { get; init; }

    /// <summary>What happened to it.</summary>
    public required SettingChangeKind Kind { get; init; }

    /// <summary>The whole value; absent when it was added. Passwords and secrets are hidden.</summary>
    public JsonNode? Before { get; init; }

    /// <summary>The whole value; absent when it was removed. Passwords and secrets are hidden.</summary>
    public JsonNode? After { get; init; }

    /// <summary>A value was too long: what stands there is a text with the beginning of its JSON. GET the tenant, or an export, has what is in force.</summary>
    public bool IsCut { get; init; }
}

/// <summary>What happened to a setting.</summary>
public enum SettingChangeKind
{
    /// <summary>It was not there.</summary>
    Added,

    /// <summary>It is not there any more.</summary>
    Removed,

    /// <summary>It has another value.</summary>
    Changed,

    /// <summary>A list has the same items in another order; the values are their names.</summary>
    Reordered,
}
