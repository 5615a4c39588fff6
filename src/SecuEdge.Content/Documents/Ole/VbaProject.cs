using System.Buffers.Binary;
using System.Text;
using SecuEdge.Content.Text;

namespace SecuEdge.Content.Documents.Ole;

/// <summary>One module of a project.</summary>
/// <param name="Source">As its author wrote it; empty when only compiled code is left.</param>
/// <param name="Compiled">What stands before the source: code for the version of Office that saved it, which may run instead of the source.</param>
internal sealed record VbaModule(string Name, string Source, byte[] Compiled);

/// <summary>[MS-OVBA] §2.3.4: the macros of a document, in a storage with the streams <c>dir</c>, <c>_VBA_PROJECT</c> and one for each module.</summary>
internal static class VbaProject
{
    private const int MaxModules = 500;
    private const int MaxStreamBytes = 4 * 1024 * 1024;
    private const int MaxSourceBytes = 4 * 1024 * 1024;

    /// <summary>How every module begins once compressed: eight literals of the first line <c>Attribute VB_Name</c>.</summary>
    private static ReadOnlySpan<byte> SourceMark => "\0Attribut"u8;

    /// <summary>Storages that hold a project: those with its directory, and those that are called so.</summary>
    public static List<string> StoragesIn(CompoundFile file) =>
    [
        .. file.Streams.Where(stream => stream.IsNamed("dir") || stream.IsNamed("_VBA_PROJECT")).Select(stream => stream.Parent)
            .Distinct(StringComparer.OrdinalIgnoreCase),
    ];

    public static IEnumerable<VbaModule> Modules(CompoundFile file, string storage)
    {
        var listed = file.FindIn(storage, "dir") is { IsStream: true } directory ? ReadDirectory(VbaCompression.Decompress(file.Read(directory, MaxStreamBytes), MaxStreamBytes)) : [];
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "dir", "_VBA_PROJECT" };
        foreach (var module in listed.Take(MaxModules))
        {
            if (file.FindIn(storage, module.StreamName) is { IsStream: true } stream && seen.Add(stream.Name))
            {
                yield return Read(file, stream, module.Name, module.Offset, module.Encoding);
            }
        }

        // A directory that lies or is damaged hides nothing: modules show themselves by how they begin.
        foreach (var stream in file.Streams.Where(stream => stream.Parent.Equals(storage, StringComparison.OrdinalIgnoreCase) && !stream.Name.StartsWith("__SRP_", StringComparison.Ordinal)).Take(MaxModules))
        {
            if (seen.Add(stream.Name))
            {
                yield return Read(file, stream, stream.Name, offset: -1, Encoding.Latin1);
            }
        }
    }

    /// <summary>Names that the compiled code uses, as they stand in <c>_VBA_PROJECT</c>, whatever the sources say.</summary>
    public static byte[] CompiledNames(CompoundFile file, string storage) =>
        file.FindIn(storage, "_VBA_PROJECT") is { IsStream: true } stream ? file.Read(stream, MaxStreamBytes) : [];

    private static VbaModule Read(CompoundFile file, CompoundEntry stream, string name, long offset, Encoding encoding)
    {
        var bytes = file.Read(stream, MaxStreamBytes);
        var source = offset >= 0 && offset < bytes.Length ? VbaCompression.Decompress(bytes.AsSpan((int)offset), MaxSourceBytes) : [];
        var start = source.Length > 0 ? (int)offset : bytes.AsSpan().IndexOf(SourceMark) - 3;
        if (source.Length == 0 && start >= 0)
        {
            source = VbaCompression.Decompress(bytes.AsSpan(start), MaxSourceBytes);
        }

        return new VbaModule(name, encoding.GetString(source), source.Length > 0 ? bytes[..start] : bytes);
    }

    /// <summary>
    /// §2.3.4.2: records of id, size, value. All nested ones have that shape too, so that one loop reads them; only the version (id 9) has
    /// two bytes more than its size says.
    /// </summary>
    private static List<ListedModule> ReadDirectory(ReadOnlySpan<byte> records)
    {
        var modules = new List<ListedModule>();
        var encoding = Encoding.GetEncoding(1252);
        while (records.Length >= 6)
        {
            var id = BinaryPrimitives.ReadUInt16LittleEndian(records);
            var size = (long)BinaryPrimitives.ReadUInt32LittleEndian(records[2..]) + (id == 9 ? 2 : 0);
            records = records[6..];
            if (size > records.Length)
            {
                break;
            }

            var value = records[..(int)size];
            records = records[(int)size..];
            var last = modules.Count > 0 ? modules[^1] : null;
            switch (id)
            {
                case 0x03 when size >= 2:
                    encoding = EncodingOf(BinaryPrimitives.ReadUInt16LittleEndian(value));
                    break;
                case 0x19:
                    modules.Add(new ListedModule { Name = encoding.GetString(value), StreamName = encoding.GetString(value), Encoding = encoding });
                    break;
                case 0x1a when last is not null:
                    last.StreamName = encoding.GetString(value);
                    break;
                case 0x32 when last is not null:
                    last.StreamName = Encoding.Unicode.GetString(value);
                    break;
                case 0x47 when last is not null:
                    last.Name = Encoding.Unicode.GetString(value);
                    break;
                case 0x31 when last is not null && size >= 4:
                    last.Offset = BinaryPrimitives.ReadUInt32LittleEndian(value);
                    break;
                default:
                    break;
            }
        }

        return modules;
    }

    private static Encoding EncodingOf(int codePage)
    {
        Charsets.RegisterCodePages();
        try
        {
            return Encoding.GetEncoding(codePage);
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            return Encoding.GetEncoding(1252);
        }
    }

    private sealed class ListedModule
    {
        public required string Name { get; set; }

        public required string StreamName { get; set; }

        public required Encoding Encoding { get; init; }

        /// <summary>Where the source begins; before it stands compiled code.</summary>
        public long Offset { get; set; } = -1;
    }
}
