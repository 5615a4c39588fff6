using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using SecuEdge.Content;

namespace SecuEdge.Cage.Tests;

/// <summary>Fills every property of an anatomy with something that is not its default. A kind of property it does not know makes it throw: teach it.</summary>
internal sealed class Filler(bool withLists)
{
    private static readonly byte[] Bytes = "bytes"u8.ToArray();

    public static string Hash { get; } = Convert.ToHexStringLower(SHA256.HashData(Bytes));

    public object Fill(Type type)
    {
        var target = type == typeof(MessageAnatomy) ? new MessageAnatomy { Root = Empty(), Headers = new(), Flags = default } : type == typeof(MessagePart) ? Empty() : RuntimeHelpers.GetUninitializedObject(type);
        foreach (var property in type.GetProperties().Where(property => property.Name != "Children"))
        {
            if (property.CanWrite)
            {
                property.SetValue(target, ValueOf(property.Name, property.PropertyType));
            }
        }

        return target;
    }

    private static MessagePart Empty() => new() { Path = "", Kind = PartKind.Entry };

    private object? ValueOf(string name, Type type)
    {
        if (name == "Sha256")
        {
            return Hash;
        }

        if (type.IsGenericType && type.GenericTypeArguments is [var element] && type.Name.Contains("List", StringComparison.Ordinal))
        {
            var list = (System.Collections.IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(element))!;
            // The root is the gateway's: it has the names it was made with, as its path and its type.
            if (withLists || name == "OtherNames")
            {
                list.Add(ValueOf(name, element));
            }

            return list;
        }

        return type switch
        {
            _ when type == typeof(string) => withLists || name != "Text" ? $"some {name}" : "",
            _ when type == typeof(bool) => true,
            _ when type == typeof(int) => 7,
            _ when type == typeof(long) => (long)Bytes.Length,
            _ when type == typeof(IByteSource) => new MemoryBytes(Bytes),
            _ when type == typeof(KeyValuePair<string, string>) => KeyValuePair.Create("name", "value"),
            _ when type == typeof(Link) => new Link("https://example.org/", "label", "1"),
            _ when type.IsEnum => Enum.GetValues(type).GetValue(2),
            _ when type == typeof(MessagePart) || type == typeof(MessageHeaders) => new Filler(withLists).Fill(type),
            _ => throw new NotSupportedException($"{type} of {name}"),
        };
    }
}
