using System.IO.Compression;
using System.Text;

namespace SecuEdge.Content.Tests.Documents;

/// <summary>Office documents built in code, as small as their readers need them.</summary>
internal static class OfficeSamples
{
    public const string Dropper = "Attribute VB_Name = \"Module1\"\r\nSub AutoOpen()\r\n  Set x = CreateObject(\"WScript.Shell\")\r\n  x.Run \"powershell -enc AAAA\"\r\nEnd Sub\r\n";
    public const string Harmless = "Attribute VB_Name = \"Module1\"\r\n' Shell is mentioned here only\r\nSub SortTable()\r\n  Selection.Sort\r\nEnd Sub\r\n";
    public const string EmptyModule = "Attribute VB_Name = \"ThisDocument\"\r\nAttribute VB_Base = \"1Normal.ThisDocument\"\r\n";

    /// <summary>A formula as the equation editor writes it: header, version 3 of Windows' own editor, records.</summary>
    public static byte[] Formula(byte[] records) =>
        [28, 0, 0, 0, 2, 0, 0, 0, (byte)(records.Length + 5), 0, 0, 0, .. new byte[16], 3, 1, 1, 3, 0, .. records];

    public static readonly Guid Equation = new("0002CE02-0000-0000-C000-000000000046");

    public static byte[] WithMacro(string source, string root = "Macros/VBA", byte[]? compiled = null, byte[]? compiledNames = null) =>
        AddMacro(new CompoundFileWriter(), source, root, compiled, compiledNames).Write();

    public static CompoundFileWriter AddMacro(CompoundFileWriter file, string source, string root, byte[]? compiled = null, byte[]? compiledNames = null)
    {
        compiled ??= [1, .. new byte[40]];
        byte[] directory =
        [
            .. Record(3, BitConverter.GetBytes((ushort)1252)), .. Record(9, [1, 0, 0, 0, 2, 0], size: 4), .. Record(0x19, "Module1"u8), .. Record(0x1a, "Module1"u8),
            .. Record(0x32, Encoding.Unicode.GetBytes("Module1")), .. Record(0x31, BitConverter.GetBytes(compiled.Length)), .. Record(0x21, []), .. Record(0x2b, []),
        ];
        return file.Stream($"{root}/dir", Compress(directory)).Stream($"{root}/_VBA_PROJECT", compiledNames ?? [0xcc, 0x61, 0, 0, 0, 0, 0])
            .Stream($"{root}/Module1", [.. compiled, .. source.Length > 0 ? Compress(Encoding.Latin1.GetBytes(source)) : []]);
    }

    /// <summary>[MS-OVBA] §2.4.1.3 with literals only.</summary>
    public static byte[] Compress(byte[] data)
    {
        var output = new List<byte> { 1 };
        foreach (var chunk in data.Chunk(3000))
        {
            byte[] body = [.. chunk.Chunk(8).SelectMany(eight => (byte[])[0, .. eight])];
            output.AddRange(BitConverter.GetBytes((ushort)(0xb000 | (body.Length - 1))));
            output.AddRange(body);
        }

        return [.. output];
    }

    public static byte[] Package(string name, byte[] data)
    {
        byte[] native =
        [
            2, 0, .. Encoding.Latin1.GetBytes(name), 0, .. Encoding.Latin1.GetBytes(@"C:\in\" + name), 0, 0, 0, 3, 0,
            .. BitConverter.GetBytes(name.Length + 4), .. Encoding.Latin1.GetBytes(@"C:\" + name), 0, .. BitConverter.GetBytes(data.Length), .. data,
        ];
        return [.. BitConverter.GetBytes(native.Length), .. native];
    }

    /// <summary>[MS-OLEDS] §2.2.5.</summary>
    public static byte[] Ole1(string className, byte[] data) =>
    [
        1, 5, 0, 0, 2, 0, 0, 0, .. BitConverter.GetBytes(className.Length + 1), .. Encoding.Latin1.GetBytes(className), 0, 0, 0, 0, 0, 0, 0, 0, 0, .. BitConverter.GetBytes(data.Length), .. data,
    ];

    public static byte[] UrlMoniker(string url) =>
        [.. new Guid("79EAC9E0-BAF9-11CE-8C82-00AA004BA90B").ToByteArray(), .. BitConverter.GetBytes((url.Length * 2) + 2), .. Encoding.Unicode.GetBytes(url + "\0")];

    /// <summary>A workbook stream of records.</summary>
    public static byte[] Workbook(params (ushort Type, byte[] Value)[] records) =>
    [
        .. Biff(0x809, [0, 6, 5, 0, 0, 0, 0, 0]), .. records.SelectMany(record => Biff(record.Type, record.Value)), .. Biff(0x0a, []),
    ];

    public static byte[] Xls(params (ushort Type, byte[] Value)[] records) => new CompoundFileWriter().Stream("Workbook", Workbook(records)).Write();

    /// <summary>[MS-XLS] §2.4.28, §2.4.150.</summary>
    public static (ushort, byte[]) MacroSheet(byte state = 2) => (0x85, [0, 0, 0, 0, state, 1, 6, 0, .. "Macro1"u8]);

    public static (ushort, byte[]) AutoOpenName() => (0x18, [0x21, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);

    /// <summary>[MS-PPT] §2.10.34: a compound file inside, compressed.</summary>
    public static byte[] PowerPoint(byte[] storage)
    {
        byte[] atom = [.. BitConverter.GetBytes(storage.Length), .. Deflate(storage)];
        return new CompoundFileWriter().Stream("PowerPoint Document", [0x10, 0, 0x11, 0x10, .. BitConverter.GetBytes(atom.Length), .. atom]).Write();
    }

    public static byte[] Installer(string name, byte[] data) =>
        new CompoundFileWriter().Stream(InstallerName(name), data).Write(new Guid("000C1084-0000-0000-C000-000000000046"));

    public static byte[] Deflate(byte[] bytes)
    {
        using var stream = new MemoryStream();
        using (var zlib = new ZLibStream(stream, CompressionLevel.Fastest, leaveOpen: true))
        {
            zlib.Write(bytes);
        }

        return stream.ToArray();
    }

    /// <summary>Two characters in one, as Windows Installer writes names.</summary>
    private static string InstallerName(string name)
    {
        const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._";
        return string.Concat(name.Chunk(2).Select(pair => pair.Length == 2
            ? (char)(0x3800 + Alphabet.IndexOf(pair[0], StringComparison.Ordinal) + (64 * Alphabet.IndexOf(pair[1], StringComparison.Ordinal)))
            : (char)(0x4800 + Alphabet.IndexOf(pair[0], StringComparison.Ordinal))));
    }

    public static byte[] Word(string text)
    {
        var content = Encoding.Unicode.GetBytes(text);
        var header = new byte[0x400];
        BitConverter.GetBytes((ushort)0xa5ec).CopyTo(header, 0);
        BitConverter.GetBytes((ushort)0x0200).CopyTo(header, 0x0a);
        BitConverter.GetBytes(21).CopyTo(header, 0x1a6);
        byte[] table = [2, 16, 0, 0, 0, 0, 0, 0, 0, .. BitConverter.GetBytes(text.Length), 0, 0, .. BitConverter.GetBytes(0x400), 0, 0];
        return new CompoundFileWriter().Stream("WordDocument", [.. header, .. content]).Stream("1Table", table).Write();
    }

    public static byte[] Docx(params (string Name, string Content)[] parts) => Zip(
        [("[Content_Types].xml", Bytes("<Types/>")), ("word/document.xml", Bytes("<w:document><w:body><w:p><w:r><w:t>Hello</w:t></w:r></w:p></w:body></w:document>")), .. parts.Select(part => (part.Name, Bytes(part.Content)))]);

    public static byte[] Xlsx(params (string Name, string Content)[] parts) => Zip(
        [("[Content_Types].xml", Bytes("<Types/>")), ("xl/workbook.xml", Bytes("<workbook/>")), .. parts.Select(part => (part.Name, Bytes(part.Content)))]);

    public static byte[] Odt(params (string Name, string Content)[] parts) => Zip(
        [("mimetype", Bytes("application/vnd.oasis.opendocument.text")), ("META-INF/manifest.xml", Bytes("<manifest:manifest/>")), .. parts.Select(part => (part.Name, Bytes(part.Content)))]);

    public static string Relationship(string kind, string target, string id = "rId1") =>
        $"<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"{id}\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}\" Target=\"{target}\" TargetMode=\"External\"/></Relationships>";

    public static byte[] Zip(IEnumerable<(string Name, byte[] Content)> files)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in files)
            {
                using var entry = zip.CreateEntry(name).Open();
                entry.Write(content);
            }
        }

        return stream.ToArray();
    }

    /// <summary>[MS-ONESTORE] §2.6.13 behind the file's own GUID.</summary>
    public static byte[] OneNote(string name, byte[] data) =>
    [
        .. new Guid("7B5C52E4-D88C-4DA7-AEB1-5378D02996D3").ToByteArray(), .. new byte[1000], .. BitConverter.GetBytes(name.Length * 2), .. Encoding.Unicode.GetBytes(name), 0, 0,
        .. new Guid("BDE316E7-2665-4511-A4C4-8D4D0B7A9EAC").ToByteArray(), .. BitConverter.GetBytes((long)data.Length), .. new byte[12], .. data,
        .. new Guid("71FBA722-0F79-4A0B-BB13-899256426B24").ToByteArray(),
    ];

    public static byte[] Rtf(string content) => Encoding.Latin1.GetBytes($"{{\\rtf1\\ansi {content}}}");

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static byte[] Biff(ushort type, byte[] value) => [.. BitConverter.GetBytes(type), .. BitConverter.GetBytes((ushort)value.Length), .. value];

    private static byte[] Record(ushort id, ReadOnlySpan<byte> value, int size = -1) => [.. BitConverter.GetBytes(id), .. BitConverter.GetBytes(size < 0 ? value.Length : size), .. value];
}
