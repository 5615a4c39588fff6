using System.Collections.Frozen;
using System.Reflection;
using System.Text.Json;

namespace SecuEdge.Appliance.Settings;

/// <summary>How a value of a node joins the one it inherits.</summary>
public enum Joining
{
    /// <summary>The value nearest to the mailbox is the only one.</summary>
    Replaces,

    /// <summary>Entries of a list are added to those of the nodes above.</summary>
    Adds,

    /// <summary>Each property of the value is inherited by itself.</summary>
    ByPart,
}

/// <summary>Put on a setting that does not simply replace what is inherited. Dictionaries are always joined key by key.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class JoinsAttribute(Joining joining) : Attribute
{
    public Joining Joining { get; } = joining;
}

/// <summary>
/// One thing that nodes of the tree set, inherit and lock: a property of <see cref="PolicySettings"/> or <see cref="ServiceSettings"/>, found by
/// reflection, so that a new property is inherited, locked, validated and shown without another line.
/// </summary>
public sealed class Setting
{
    private const string Policies = "policy";
    private const string Services = "service";

    private readonly PropertyInfo _property;
    private readonly Joining _joining;

    private Setting(string group, PropertyInfo property)
    {
        _property = property;
        _joining = property.GetCustomAttribute<JoinsAttribute>()?.Joining ?? Joining.Replaces;
        Name = $"{group}.{JsonNamingPolicy.CamelCase.ConvertName(property.Name)}";
    }

    public static IReadOnlyList<Setting> OfPolicy { get; } = [.. typeof(PolicySettings).GetProperties().Select(p => new Setting(Policies, p))];

    public static IReadOnlyList<Setting> OfService { get; } = [.. typeof(ServiceSettings).GetProperties().Select(p => new Setting(Services, p))];

    /// <summary>Everything that a lock may name, besides <c>policy.*</c> and <c>service.*</c>.</summary>
    public static FrozenDictionary<string, Setting> All { get; } = OfPolicy.Concat(OfService).ToFrozenDictionary(s => s.Name, StringComparer.Ordinal);

    /// <summary><c>policy.quarantineScore</c>.</summary>
    public string Name { get; }

    /// <summary>Name of the property that holds it.</summary>
    public string Property => _property.Name;

    /// <summary>The type of the value, without null.</summary>
    public Type Type => Nullable.GetUnderlyingType(_property.PropertyType) ?? _property.PropertyType;

    /// <summary>Whether what is in force may come from several nodes together.</summary>
    public bool IsAdded => _joining == Joining.Adds;

    /// <summary>The settings that a lock covers; empty when it names none.</summary>
    public static IEnumerable<Setting> CoveredBy(string lockName) => lockName switch
    {
        Policies + ".*" => OfPolicy,
        Services + ".*" => OfService,
        _ => All.TryGetValue(lockName, out var setting) ? [setting] : [],
    };

    /// <summary>What a node sets; null when it inherits.</summary>
    public object? ValueIn(object settings) => _property.GetValue(settings);

    /// <summary>The value in force below a node that sets <paramref name="own"/>.</summary>
    public object? Join(object? inherited, object? own)
    {
        if (inherited is null || own is null)
        {
            return own ?? inherited;
        }

        return (inherited, own) switch
        {
            (IReadOnlyDictionary<string, Filter.VerdictAction> above, IReadOnlyDictionary<string, Filter.VerdictAction> below) => JoinKeys(above, below),
            (IReadOnlyDictionary<string, double> above, IReadOnlyDictionary<string, double> below) => JoinKeys(above, below),
            (IReadOnlyList<string> above, IReadOnlyList<string> below) when _joining == Joining.Adds => (IReadOnlyList<string>)[.. above.Union(below)],
            _ when _joining == Joining.ByPart => JoinParts(inherited, own),
            _ => own,
        };
    }

    /// <summary>What is in force where a node sets <paramref name="own"/> on top of what it inherits; the same object when it sets nothing.</summary>
    /// <param name="isLocked">Settings that the node may not change; what it says about them does not count.</param>
    public static T Join<T>(IReadOnlyList<Setting> settings, T inherited, T own, Func<Setting, bool> isLocked)
        where T : class, new()
    {
        if (own.Equals(new T()))
        {
            return inherited;
        }

        var joined = new T();
        foreach (var setting in settings)
        {
            var above = setting.ValueIn(inherited);
            setting._property.SetValue(joined, isLocked(setting) ? above : setting.Join(above, setting.ValueIn(own)));
        }

        return joined;
    }

    private static Dictionary<string, TValue> JoinKeys<TValue>(IReadOnlyDictionary<string, TValue> above, IReadOnlyDictionary<string, TValue> below)
    {
        var joined = new Dictionary<string, TValue>(above);
        foreach (var (key, value) in below)
        {
            joined[key] = value;
        }

        return joined;
    }

    private static object JoinParts(object above, object below)
    {
        var joined = Activator.CreateInstance(above.GetType())!;
        foreach (var part in above.GetType().GetProperties())
        {
            part.SetValue(joined, part.GetValue(below) ?? part.GetValue(above));
        }

        return joined;
    }
}
