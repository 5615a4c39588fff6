using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;

namespace SecuEdge.Appliance.Api.Description;

/// <summary>
/// The sentences of the source, as the compiler leaves them beside each assembly: the OpenAPI document says what the code says. An
/// appliance whose comment files were taken away still has its document, without sentences.
/// </summary>
internal sealed partial class XmlComments
{
    private readonly ConcurrentDictionary<Assembly, Dictionary<string, XElement>> _files = [];

    /// <summary>What a type is.</summary>
    public string? Of(Type type) => Summary(Find(type, "T:" + NameOf(type)), type);

    /// <summary>A property; of a record's parameter, what the record says of it; else what its type says of itself.</summary>
    public string? Of(PropertyInfo property)
    {
        var declaring = property.DeclaringType!;
        return Summary(Find(declaring, $"P:{NameOf(declaring)}.{property.Name}"), declaring)
            ?? Parameter(Find(declaring, "T:" + NameOf(declaring)), property.Name, declaring)
            ?? Constructor(declaring, property.Name);
    }

    /// <summary>One member of an enum.</summary>
    public string? OfMember(Type @enum, string member) => Summary(Find(@enum, $"F:{NameOf(@enum)}.{member}"), @enum);

    /// <summary>A parameter of a handler.</summary>
    public string? OfParameter(ParameterInfo parameter) =>
        parameter.Member.DeclaringType is { } declaring && Methods(declaring, parameter.Member.Name).FirstOrDefault() is { } method
            ? Parameter(method, parameter.Name!, declaring)
            : null;

    /// <summary>What a handler says besides its summary.</summary>
    public string? Remarks(MethodInfo method) =>
        method.DeclaringType is { } declaring && Methods(declaring, method.Name).FirstOrDefault() is { } comment
            ? Text(comment.Element("remarks"))
            : null;

    private string? Constructor(Type declaring, string parameter) =>
        Methods(declaring, "#ctor").Select(m => Parameter(m, parameter, declaring)).FirstOrDefault(t => t is not null);

    private IEnumerable<XElement> Methods(Type declaring, string name)
    {
        var id = $"M:{NameOf(declaring)}.{name}";
        return FileOf(declaring.Assembly)
            .Where(m => m.Key.StartsWith(id, StringComparison.Ordinal) && (m.Key.Length == id.Length || m.Key[id.Length] is '(' or '`'))
            .Select(m => m.Value);
    }

    private static string? Parameter(XElement? comment, string name, Type place) =>
        comment?.Elements("param").FirstOrDefault(p => string.Equals((string?)p.Attribute("name"), name, StringComparison.OrdinalIgnoreCase)) is { } found
            ? Text(found)
            : null;

    private string? Summary(XElement? comment, Type place)
    {
        if (comment?.Element("inheritdoc") is { } elsewhere && (string?)elsewhere.Attribute("cref") is { } reference)
        {
            return FileOf(place.Assembly).TryGetValue(reference, out var target) ? Text(target.Element("summary")) : null;
        }

        return Text(comment?.Element("summary"));
    }

    private XElement? Find(Type place, string id) => FileOf(place.Assembly).GetValueOrDefault(id);

    private Dictionary<string, XElement> FileOf(Assembly assembly) => _files.GetOrAdd(assembly, static assembly =>
    {
        try
        {
            var path = Path.Combine(AppContext.BaseDirectory, assembly.GetName().Name + ".xml");
            return !File.Exists(path)
                ? []
                : XDocument.Load(path).Descendants("member").ToDictionary(m => (string)m.Attribute("name")!, StringComparer.Ordinal);
        }
        catch (Exception e) when (e is IOException or XmlException or UnauthorizedAccessException)
        {
            return [];
        }
    });

    private static string NameOf(Type type) =>
        (type.IsGenericType ? type.GetGenericTypeDefinition() : type).FullName!.Replace('+', '.');

    /// <summary>Plain Markdown: code in back-ticks, references as the name that JSON has for them.</summary>
    private static string? Text(XElement? element)
    {
        if (element is null)
        {
            return null;
        }

        var text = Spaces().Replace(string.Concat(element.Nodes().Select(Text)), " ").Trim();
        return text.Length == 0 ? null : text;
    }

    private static string Text(XNode node) => node switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "c" or "code" } code => $"`{code.Value}`",
        XElement { Name.LocalName: "see" or "seealso" } see when (string?)see.Attribute("cref") is { } reference => $"`{Named(reference)}`",
        XElement { Name.LocalName: "see" } see => $"`{(string?)see.Attribute("langword")}`",
        XElement { Name.LocalName: "paramref" or "typeparamref" } name => $"`{JsonNamingPolicy.CamelCase.ConvertName((string)name.Attribute("name")!)}`",
        XElement inner => string.Concat(inner.Nodes().Select(Text)),
        _ => "",
    };

    private static string Named(string reference)
    {
        var name = reference[(reference.IndexOf(':', StringComparison.Ordinal) + 1)..];
        name = name.Split('(')[0];
        name = name[(name.LastIndexOf('.') + 1)..].Split('`')[0];
        return reference[0] is 'P' or 'F' ? JsonNamingPolicy.CamelCase.ConvertName(name) : name;
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
