using System.Collections;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;

namespace SecuEdge.Appliance.Settings;

/// <summary>
/// Binds configuration sections to options objects and collects everything that is wrong, so that a start shows all errors at once, each
/// with key, value and what is allowed. Also knows which keys nobody asked for: a typo must not silently mean the default.
/// </summary>
internal sealed class SettingsReader(IConfiguration configuration)
{
    private readonly HashSet<string> _known = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> _errors = [];

    public IReadOnlyList<string> Errors => _errors;

    /// <param name="section">Empty for the root.</param>
    public T Read<T>(string section)
        where T : class, new()
    {
        var target = new T();
        Fill(target, section);
        return target;
    }

    public void Add(string error) => _errors.Add(error);

    /// <summary>Reports the keys that no section has read.</summary>
    public void RejectUnknown()
    {
        foreach (var (key, value) in configuration.AsEnumerable())
        {
            // A list's elements are key:0, key:1; a key without value is only a section.
            var named = key.Split(':') is [.., var last] && int.TryParse(last, CultureInfo.InvariantCulture, out _) ? key[..key.LastIndexOf(':')] : key;
            if (value is not null && !_known.Contains(named))
            {
                var near = _known.MinBy(k => Distance(k, named));
                _errors.Add($"{Shown(named)}: there is no such setting; did you mean {Shown(near ?? "Data")}?");
            }
        }
    }

    private void Fill(object target, string section)
    {
        foreach (var property in target.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.CanWrite))
        {
            var key = section.Length == 0 ? property.Name : $"{section}:{property.Name}";
            _known.Add(key);
            Bind(target, property, key);
        }

        if (target is IValidatableObject validatable)
        {
            _errors.AddRange(validatable.Validate(new ValidationContext(target)).Select(r => r.ErrorMessage ?? section));
        }
    }

    private void Bind(object target, PropertyInfo property, string key)
    {
        if (property.PropertyType is { IsGenericType: true } type && type.GetGenericTypeDefinition() == typeof(IList<>))
        {
            BindList(target, property, key, type.GenericTypeArguments[0]);
            return;
        }

        if (configuration[key] is { } text)
        {
            try
            {
                var value = TypeDescriptor.GetConverter(property.PropertyType).ConvertFromInvariantString(text);
                property.SetValue(target, value);
            }
            catch (Exception e) when (e is FormatException or ArgumentException or NotSupportedException or OverflowException)
            {
                _errors.Add($"{Shown(key)} = '{text}': must be {Kind(property.PropertyType)}");
                return;
            }
        }

        foreach (var rule in property.GetCustomAttributes<ValidationAttribute>())
        {
            var current = property.GetValue(target);
            if (!rule.IsValid(current))
            {
                _errors.Add($"{Shown(key)} = '{Convert.ToString(current, CultureInfo.InvariantCulture)}': must be {Allowed(rule)}");
            }
        }
    }

    /// <summary>Elements as <c>key:0</c>, <c>key:1</c>, or all in one value with commas between.</summary>
    private void BindList(object target, PropertyInfo property, string key, Type elementType)
    {
        if (!TypeDescriptor.GetConverter(elementType).CanConvertFrom(typeof(string)))
        {
            BindSections(target, property, key, elementType);
            return;
        }

        var items = configuration.GetSection(key).GetChildren().Select(c => c.Value ?? "").ToList();
        if (items.Count == 0 && configuration[key] is { Length: > 0 } joined)
        {
            items = [.. joined.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];
        }

        if (items.Count == 0)
        {
            return;
        }

        var list = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(elementType))!;
        foreach (var item in items)
        {
            try
            {
                list.Add(TypeDescriptor.GetConverter(elementType).ConvertFromInvariantString(item));
            }
            catch (Exception e) when (e is FormatException or ArgumentException or NotSupportedException or OverflowException)
            {
                _errors.Add($"{Shown(key)} = '{item}': must be {Kind(elementType)}");
            }
        }

        property.SetValue(target, list);
    }

    /// <summary>Elements that are sections of their own: <c>key:0:Name</c>, <c>key:1:Name</c>.</summary>
    private void BindSections(object target, PropertyInfo property, string key, Type elementType)
    {
        var list = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(elementType))!;
        foreach (var child in configuration.GetSection(key).GetChildren().OrderBy(c => c.Key, ConfigurationKeyComparer.Instance))
        {
            var element = Activator.CreateInstance(elementType)!; // options classes have a constructor without parameters
            Fill(element, child.Path);
            list.Add(element);
        }

        property.SetValue(target, list);
    }

    /// <summary>As an environment variable: how most people set it.</summary>
    private static string Shown(string key) => "SECUEDGE__" + key.Replace(":", "__", StringComparison.Ordinal);

    private static string Kind(Type type) =>
        type == typeof(bool) ? "true or false"
        : type == typeof(TimeSpan) ? "a time as [days.]hours:minutes:seconds, such as 00:05:00"
        : type.IsEnum ? "one of " + string.Join(", ", Enum.GetNames(type))
        : "a number";

    private static string Allowed(ValidationAttribute rule) => rule switch
    {
        RangeAttribute range => $"between {Convert.ToString(range.Minimum, CultureInfo.InvariantCulture)} and {Convert.ToString(range.Maximum, CultureInfo.InvariantCulture)}",
        RequiredAttribute => "set",
        _ => rule.ErrorMessage ?? "valid",
    };

    /// <summary>Levenshtein distance, for the suggestion only.</summary>
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var replaced = diagonal + (char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
