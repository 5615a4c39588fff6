using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace SecuEdge.Appliance.Api.Description;

/// <summary>
/// Writes the schemas of the API's bodies from the types themselves, with their comments and ranges. The framework's own schemas lose lists
/// inside of variants, know no comments of record parameters, and say <c>anyOf</c> where one of several types is meant.
/// </summary>
internal sealed class SchemaWriter(JsonSerializerOptions json, XmlComments comments, OpenApiDocument document)
{
    /// <summary>Constant format of time spans, <c>1.02:03:04</c>.</summary>
    private const string TimeSpanPattern = @"^-?(\d+\.)?\d{2}:\d{2}:\d{2}(\.\d{1,7})?$";

    private readonly Dictionary<string, Type> _written = [];
    private readonly Queue<(string Id, Type Type)> _waiting = [];
    private HashSet<Type> _requests = [];

    /// <summary>Types by the name of their schema, once <see cref="WriteAll"/> has run.</summary>
    public IReadOnlyDictionary<string, Type> Types => _written;

    /// <param name="requests">Bodies that callers write: only what they must give is required. What only the appliance writes is always there.</param>
    public void WriteAll(IEnumerable<Type> types, IEnumerable<Type> requests)
    {
        _requests = Reachable(requests);
        document.Components!.Schemas!.Clear();
        // What is any JSON has a name for the framework, and no schema.
        foreach (var type in types.Where(t => IdOf(t) is not null))
        {
            Refer(type);
        }

        while (_waiting.TryDequeue(out var next))
        {
            document.Components.Schemas[next.Id] = next.Type.IsEnum ? Enumeration(next.Type) : Body(json.GetTypeInfo(next.Type));
        }
    }

    /// <summary>A place where a value of the type stands: a reference to its schema, or the schema of a plain value.</summary>
    public IOpenApiSchema Place(Type type, bool isNullable)
    {
        var plain = Nullable.GetUnderlyingType(type) ?? type;
        if (IdOf(plain) is not null)
        {
            return isNullable ? new OpenApiSchema { OneOf = [new OpenApiSchema { Type = JsonSchemaType.Null }, Refer(plain)] } : Refer(plain);
        }

        var schema = Inline(plain);
        if (isNullable && schema.Type is { } kind)
        {
            schema.Type = kind | JsonSchemaType.Null;
        }

        return schema;
    }

    private OpenApiSchemaReference Refer(Type type)
    {
        var id = IdOf(type)!;
        if (_written.TryAdd(id, type))
        {
            _waiting.Enqueue((id, type));
        }
        else if (_written[id] != type)
        {
            throw new InvalidOperationException($"two types of the API are called {id}: {_written[id]} and {type}");
        }

        return new OpenApiSchemaReference(id, document);
    }

    private string? IdOf(Type type) =>
        type.IsEnum || json.GetTypeInfo(type).Kind == JsonTypeInfoKind.Object && type != typeof(object) ? OpenApiOptions.CreateDefaultSchemaReferenceId(json.GetTypeInfo(type)) : null;

    private OpenApiSchema Inline(Type type)
    {
        if (Plain(type) is { } plain)
        {
            return plain;
        }

        var info = json.GetTypeInfo(type);
        return info.Kind switch
        {
            JsonTypeInfoKind.Enumerable => new OpenApiSchema { Type = JsonSchemaType.Array, Items = Place(info.ElementType!, isNullable: false) },
            JsonTypeInfoKind.Dictionary => new OpenApiSchema
            {
                Type = JsonSchemaType.Object,
                AdditionalProperties = Place(info.ElementType!, Nullable.GetUnderlyingType(info.ElementType!) is not null),
            },
            // A type with a converter of its own is written as text here.
            _ => new OpenApiSchema { Type = JsonSchemaType.String },
        };
    }

    private static OpenApiSchema? Plain(Type type) => Type.GetTypeCode(type) switch
    {
        _ when type.IsEnum => null,
        TypeCode.Boolean => new OpenApiSchema { Type = JsonSchemaType.Boolean },
        TypeCode.Byte or TypeCode.Int16 or TypeCode.UInt16 or TypeCode.Int32 => new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int32" },
        TypeCode.UInt32 or TypeCode.Int64 or TypeCode.UInt64 => new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int64" },
        TypeCode.Single or TypeCode.Double or TypeCode.Decimal => new OpenApiSchema { Type = JsonSchemaType.Number, Format = "double" },
        TypeCode.String or TypeCode.Char => new OpenApiSchema { Type = JsonSchemaType.String },
        TypeCode.DateTime => new OpenApiSchema { Type = JsonSchemaType.String, Format = "date-time" },
        _ when type == typeof(DateTimeOffset) => new OpenApiSchema { Type = JsonSchemaType.String, Format = "date-time" },
        _ when type == typeof(DateOnly) => new OpenApiSchema { Type = JsonSchemaType.String, Format = "date" },
        _ when type == typeof(TimeOnly) => new OpenApiSchema { Type = JsonSchemaType.String, Format = "time" },
        _ when type == typeof(TimeSpan) => new OpenApiSchema { Type = JsonSchemaType.String, Pattern = TimeSpanPattern },
        _ when type == typeof(Uri) => new OpenApiSchema { Type = JsonSchemaType.String, Format = "uri" },
        _ when type == typeof(Guid) => new OpenApiSchema { Type = JsonSchemaType.String, Format = "uuid" },
        _ when type == typeof(byte[]) => new OpenApiSchema { Type = JsonSchemaType.String, Format = "byte" },
        _ when type == typeof(object) || typeof(JsonNode).IsAssignableFrom(type) || type == typeof(JsonElement) || type == typeof(JsonDocument) => new OpenApiSchema(),
        _ => null,
    };

    private OpenApiSchema Enumeration(Type type)
    {
        var members = Enum.GetNames(type).Select(n => (Word: JsonNamingPolicy.CamelCase.ConvertName(n), Text: comments.OfMember(type, n))).ToList();
        var said = members.Where(m => m.Text is not null).Select(m => $"`{m.Word}`: {m.Text}");
        return new OpenApiSchema
        {
            Type = JsonSchemaType.String,
            Enum = [.. members.Select(m => (JsonNode)m.Word)],
            Description = string.Join("\n- ", ((string?[])[comments.Of(type) ?? CommonWords.Of(type) ?? "One of these words.", .. said]).Where(t => t is not null)),
        };
    }

    private OpenApiSchema Body(JsonTypeInfo info)
    {
        var schema = new OpenApiSchema { Type = JsonSchemaType.Object, Description = comments.Of(info.Type) ?? CommonWords.Of(info.Type) };
        if (info.PolymorphismOptions is { DerivedTypes.Count: > 0 } variants)
        {
            var named = variants.DerivedTypes.Select(d => (Word: (string)d.TypeDiscriminator!, Place: Refer(d.DerivedType))).ToList();
            schema.Required = new HashSet<string> { variants.TypeDiscriminatorPropertyName };
            schema.OneOf = [.. named.Select(n => n.Place)];
            schema.Discriminator = new OpenApiDiscriminator
            {
                PropertyName = variants.TypeDiscriminatorPropertyName,
                Mapping = named.ToDictionary(n => n.Word, n => n.Place),
            };
            return schema;
        }

        schema.Properties = new Dictionary<string, IOpenApiSchema>();
        schema.Required = new HashSet<string>();
        if (VariantOf(info.Type) is var (property, word))
        {
            schema.Properties[property] = new OpenApiSchema { Type = JsonSchemaType.String, Enum = [word], Description = "Says which one it is." };
            schema.Required.Add(property);
        }

        foreach (var member in info.Properties.Where(p => !p.IsExtensionData && p.Get is not null))
        {
            schema.Properties[member.Name] = Member(member);
            if (member.IsRequired || Has<RequiredAttribute>(member) is not null || (!_requests.Contains(info.Type) && !IsNullable(member)))
            {
                schema.Required.Add(member.Name);
            }
        }

        return schema;
    }

    private IOpenApiSchema Member(JsonPropertyInfo member)
    {
        var place = Place(member.PropertyType, IsNullable(member));
        var own = member.AttributeProvider as PropertyInfo;
        var description = (own is null ? null : comments.Of(own) ?? CommonWords.Of(own.DeclaringType!, member.Name)) ?? comments.Of(Nullable.GetUnderlyingType(member.PropertyType) ?? member.PropertyType);
        // What only the appliance writes is always there.
        var initial = _requests.Contains(member.DeclaringType) ? Defaults.Of(member, json) : null;
        if (place is OpenApiSchemaReference reference)
        {
            reference.Description = description;
            reference.Default = initial;
            return reference;
        }

        var schema = (OpenApiSchema)place;
        schema.Description = description;
        Annotate(schema, member);
        schema.Default = initial;
        return schema;
    }

    private static void Annotate(OpenApiSchema schema, JsonPropertyInfo member)
    {
        if (Has<RangeAttribute>(member) is { } range)
        {
            schema.Minimum = Convert.ToString(range.Minimum, CultureInfo.InvariantCulture);
            schema.Maximum = Convert.ToString(range.Maximum, CultureInfo.InvariantCulture);
        }

        var isList = schema.Type?.HasFlag(JsonSchemaType.Array) ?? false;
        var length = Has<StringLengthAttribute>(member);
        if ((Has<MinLengthAttribute>(member)?.Length ?? length?.MinimumLength) is { } least and > 0)
        {
            (schema.MinItems, schema.MinLength) = (isList ? least : null, isList ? null : least);
        }

        if ((Has<MaxLengthAttribute>(member)?.Length ?? length?.MaximumLength) is { } most)
        {
            (schema.MaxItems, schema.MaxLength) = (isList ? most : null, isList ? null : most);
        }

        schema.Pattern = Has<RegularExpressionAttribute>(member)?.Pattern ?? schema.Pattern;
        if (Has<EmailAddressAttribute>(member) is not null)
        {
            schema.Format = "email";
        }

        if (Has<AllowedValuesAttribute>(member) is { } allowed)
        {
            schema.Enum = [.. allowed.Values.Select(v => JsonSerializer.SerializeToNode(v)!)];
        }
    }

    internal static T? Has<T>(JsonPropertyInfo member)
        where T : Attribute =>
        (T?)(member.AttributeProvider?.GetCustomAttributes(typeof(T), inherit: true).FirstOrDefault()
            ?? member.AssociatedParameter?.AttributeProvider?.GetCustomAttributes(typeof(T), inherit: true).FirstOrDefault());

    private static bool IsNullable(JsonPropertyInfo member) =>
        Nullable.GetUnderlyingType(member.PropertyType) is not null || (!member.PropertyType.IsValueType && member.IsSetNullable);

    private (string Property, string Word)? VariantOf(Type type)
    {
        for (var above = type.BaseType; above is not null && above != typeof(object); above = above.BaseType)
        {
            if (json.GetTypeInfo(above).PolymorphismOptions is { } variants && variants.DerivedTypes.Any(d => d.DerivedType == type))
            {
                return (variants.TypeDiscriminatorPropertyName, (string)variants.DerivedTypes.First(d => d.DerivedType == type).TypeDiscriminator!);
            }
        }

        return null;
    }

    private HashSet<Type> Reachable(IEnumerable<Type> roots)
    {
        HashSet<Type> seen = [];
        Stack<Type> open = new(roots);
        while (open.TryPop(out var next))
        {
            var type = Nullable.GetUnderlyingType(next) ?? next;
            if (!seen.Add(type) || type.IsEnum || Plain(type) is not null)
            {
                continue;
            }

            var info = json.GetTypeInfo(type);
            foreach (var inner in (Type?[])[info.ElementType, .. info.Properties.Select(p => p.PropertyType), .. info.PolymorphismOptions?.DerivedTypes.Select(d => d.DerivedType) ?? []])
            {
                if (inner is not null)
                {
                    open.Push(inner);
                }
            }
        }

        return seen;
    }
}
