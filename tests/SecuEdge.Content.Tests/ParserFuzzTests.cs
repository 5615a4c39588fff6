using System.Diagnostics;
using System.Globalization;
using System.Text;
using SecuEdge.Content.Tests.Documents;
using SecuEdge.TestKit;

namespace SecuEdge.Content.Tests;

/// <summary>
/// Every parser of ours over damaged files: a row is a parser and the files it starts from. For a long run by hand:
/// <c>SECUEDGE_FUZZ_SEED</c> another seed, <c>SECUEDGE_FUZZ_ROUNDS</c> files per row, <c>SECUEDGE_FUZZ_FOUND</c> a folder for what fails,
/// to be moved to <c>Crashes/</c>.
/// </summary>
public sealed class ParserFuzzTests(ITestOutputHelper output)
{
    private static readonly int Seed = Number("SECUEDGE_FUZZ_SEED", 20_261);

    /// <summary>Files per row: about a second for most of them.</summary>
    private static readonly int Rounds = Number("SECUEDGE_FUZZ_ROUNDS", 150);

    private static readonly Dictionary<string, Func<IEnumerable<(string Name, byte[] Bytes)>>> Parsers = new(StringComparer.Ordinal)
    {
        ["MIME"] = () => DubiousMime.All.Select(pair => ("a.eml", pair.Value)),
        ["uuencode, yEnc, BinHex"] = () => DubiousMime.All.Where(pair => pair.Key.Contains("encode", StringComparison.Ordinal) || pair.Key.Contains("yEnc", StringComparison.Ordinal) || pair.Key.Contains("BinHex", StringComparison.Ordinal)).Select(pair => ("a.eml", pair.Value)),
        ["TNEF"] = () => [("winmail.dat", Tnef("a.com", Samples.Eicar)), .. Shipped("clam.tnef")],
        ["CFB, MS-OVBA, BIFF"] = () => [.. Documents("doc", "xls", "ppt"), ("a.msi", OfficeSamples.Installer("a.exe", Samples.Eicar)), .. Shipped("clam.ole.doc", "clam.ppt")],
        ["OOXML, ODF"] = () => Documents("docx", "docm", "xlsx", "xlsm", "pptx", "odt", "ods"),
        ["RTF"] = () => [.. Documents("rtf"), .. Shipped("clam.exe.rtf")],
        ["OneNote"] = () => [("a.one", OfficeSamples.OneNote("a.hta", Samples.Eicar))],
        ["text formats"] = () => Documents("slk", "csv", "iqy"),
        ["PDF"] = () => [.. LockedPdfs.All.Values.Append(Encoding.Latin1.GetBytes(PdfTests.Script)).Select(bytes => ("a.pdf", bytes)), .. Shipped("clam.pdf")],
        ["HTML"] = () => HtmlTests.Disguises().Select(row => ("a.html", Encoding.Latin1.GetBytes($"<style>.a{{color:#fff}}</style><p class=a style='display:none'>x<a href=http://a.example>y</a><img src='data:;base64,AAAA'><script>{row.Data.Item2}</script>"))),
        ["LNK"] = () => [("a.lnk", LinkTests.Shortcut("cmd.exe", "/c x", @"\\h\i")), ("a.lnk", LinkTests.Shortcut("cmd.exe", "/c x", "", isUnicode: false))],
        ["zip"] = () => [("a.zip", ContainerTests.Zip(("a.txt", new byte[500]), ("b.zip", ContainerTests.Zip(("c.com", Samples.Eicar))))), .. Collected("zip"), .. Shipped("clam.zip", "clam.impl.zip", "clam.d64.zip", "clam.bz2.zip")],
        ["tar"] = () => [("a.tar", ContainerTests.Tar(("a.txt", new byte[500]), ("e.com", Samples.Eicar))), .. Collected("tar")],
        ["7z, arj, xz, zst"] = () => [.. Collected("7z", "arj", "xz", "zst"), .. Shipped("clam.7z", "clam.arj")],
        ["cab, cpio, ar, rpm, lha"] = () => Archives("cab stored", "cab mszip", "cpio newc", "cpio odc", "ar", "deb", "rpm", "lha", "lz4", "szdd"),
        ["ISO, UDF"] = () => Archives("iso", "udf"),
        ["FAT, VHD"] = () => Archives("img", "mbr", "gpt", "vhd fixed", "vhd dynamic", "vhdx"),
    };

    /// <summary>Read by SharpCompress, whose errors of every kind end as a damaged entry.</summary>
    private static readonly string[] ForeignReaders = ["An entry of application/x-7z-compressed is damaged", "An entry of application/x-xz is damaged"];

    /// <summary>Errors that say that a reader of ours trusted what it read.</summary>
    private static readonly string[] OurErrors = ["Examination failed", "IndexOutOfRange", "ArgumentOutOfRange", "NullReference", "InvalidCast"];

    public static TheoryData<string> Rows => [.. Parsers.Keys];

    [Theory]
    [MemberData(nameof(Rows))]
    public void Damaged_files_are_read_as_far_as_they_go(string parser)
    {
        var seeds = Parsers[parser]().Where(seed => seed.Bytes.Length < 2_000_000).ToArray();
        Assert.SkipWhen(seeds.Length == 0, "The samples are not here");
        var random = new Random(Seed);
        var found = new List<string>();
        var watch = Stopwatch.StartNew();
        for (var round = 0; round < Rounds; round++)
        {
            var (name, bytes) = seeds[random.Next(seeds.Length)];
            var damaged = Damage(bytes, random);
            if (Complaint(name, damaged) is { } complaint)
            {
                found.Add($"{parser}, seed {Seed}, round {round}: {complaint}");
                Keep(damaged, $"{Seed}-{round}-{name}");
            }
        }

        output.WriteLine($"{Rounds} files of {seeds.Length} in {watch.Elapsed.TotalSeconds:0.0} s");
        Assert.True(found.Count == 0, string.Join('\n', found.Take(20)));
    }

    [Fact]
    public void What_once_failed_does_not_any_more()
    {
        var folder = Path.Combine(TestData.RepositoryRoot, "tests", "SecuEdge.Content.Tests", "Crashes");
        var files = Directory.GetFiles(folder).Where(file => !file.EndsWith(".md", StringComparison.Ordinal)).Order(StringComparer.Ordinal).ToArray();
        Assert.NotEmpty(files);
        string[] failed = [.. files.Select(file => (Name: Path.GetFileName(file), Complaint: Complaint(Path.GetFileName(file), File.ReadAllBytes(file)))).Where(result => result.Complaint is not null).Select(result => $"{result.Name}: {result.Complaint}")];
        Assert.True(failed.Length == 0, string.Join('\n', failed));
    }

    /// <summary>Null when the examination came to a good end in time.</summary>
    private static string? Complaint(string name, byte[] bytes)
    {
        var watch = Stopwatch.StartNew();
        try
        {
            using var anatomy = Samples.Examine(name.EndsWith(".eml", StringComparison.Ordinal) ? bytes : Samples.WithAttachment(bytes, name));
            var trouble = anatomy.Troubles.FirstOrDefault(trouble => !ForeignReaders.Any(reader => trouble.StartsWith(reader, StringComparison.Ordinal)) && OurErrors.Any(error => trouble.Contains(error, StringComparison.Ordinal)));
            return trouble ?? (watch.Elapsed > TimeSpan.FromSeconds(4) ? $"it took {watch.Elapsed}" : null);
        }
        catch (Exception exception)
        {
            return exception.ToString();
        }
    }

    /// <summary>Cuts, repeats, and changes where the bytes are: most of a disk image is empty.</summary>
    private static byte[] Damage(byte[] original, Random random)
    {
        var bytes = random.Next(6) == 0 ? original[..random.Next(original.Length + 1)] : original.ToArray();
        for (var change = random.Next(1, 10); change > 0 && bytes.Length > 0; change--)
        {
            var at = random.Next(bytes.Length);
            for (var step = 0; step < 1_000 && bytes[at] == 0; step++)
            {
                at = random.Next(bytes.Length);
            }

            at = Math.Clamp(at + random.Next(-2, 3), 0, bytes.Length - 1);
            var length = Math.Min(random.Next(1, 64), bytes.Length - at);
            switch (random.Next(8))
            {
                case 0:
                    bytes = [.. bytes[..at], .. bytes.AsSpan(at, length), .. bytes[at..]];
                    break;
                case 1:
                    bytes = [.. bytes[..at], .. bytes[(at + length)..]];
                    break;
                case 2:
                    bytes.AsSpan(at, Math.Min(4, length)).Fill(0xff);
                    break;
                case 3:
                    bytes[at] = (byte)(0x80 >> random.Next(8));
                    break;
                case 4:
                    bytes.AsSpan(random.Next(bytes.Length - length + 1), length).CopyTo(bytes.AsSpan(at));
                    break;
                case 5:
                    bytes[at] = "\0\xff<>[]()/% 09\n=\""u8[random.Next(16)];
                    break;
                default:
                    bytes[at] = (byte)random.Next(256);
                    break;
            }
        }

        return bytes;
    }

    private static IEnumerable<(string, byte[])> Documents(params string[] extensions) =>
        OfficeDocumentTests.Cases.Values.Where(document => extensions.Contains(document.Name.Split('.')[^1])).Select(document => (document.Name, document.Bytes));

    private static IEnumerable<(string, byte[])> Archives(params string[] formats) =>
        formats.Select(format => ($"a.{format.Split(' ')[0]}", ArchiveSamples.Formats[format]("a.com", Samples.Eicar)));

    /// <summary>Of Debian's clamav-testfiles, where installed.</summary>
    private static IEnumerable<(string, byte[])> Shipped(params string[] names) =>
        names.Select(name => Path.Combine("/usr/share/clamav-testfiles", name)).Where(File.Exists).Select(file => (Path.GetFileName(file), File.ReadAllBytes(file)));

    /// <summary>Of the sample collections, where they are; no bombs.</summary>
    private static IEnumerable<(string, byte[])> Collected(params string[] extensions) =>
        TestData.Find("eicar-archives") is { } folder
            ? Directory.GetFiles(folder).Order(StringComparer.Ordinal).Where(file => extensions.Contains(file.Split('.')[^1]) && !file.Contains("bomb", StringComparison.Ordinal)).Select(file => (Path.GetFileName(file), File.ReadAllBytes(file)))
            : [];

    /// <summary>[MS-OXTNEF] §2.1.3: signature, key, then attributes of level, identifier, length, data and checksum.</summary>
    private static byte[] Tnef(string name, byte[] content)
    {
        return [0x78, 0x9f, 0x3e, 0x22, 1, 0, .. Attribute(1, 0x00089006, [0, 0, 1, 0]), .. Attribute(2, 0x00069002, new byte[14]), .. Attribute(2, 0x00018010, [.. Encoding.ASCII.GetBytes(name), 0]), .. Attribute(2, 0x0006800f, content)];

        static byte[] Attribute(byte level, int identifier, byte[] data) =>
            [level, .. BitConverter.GetBytes(identifier), .. BitConverter.GetBytes(data.Length), .. data, .. BitConverter.GetBytes((ushort)data.Sum(value => value))];
    }

    private static void Keep(byte[] bytes, string name)
    {
        if (Environment.GetEnvironmentVariable("SECUEDGE_FUZZ_FOUND") is { Length: > 0 } folder)
        {
            File.WriteAllBytes(Path.Combine(Directory.CreateDirectory(folder).FullName, name), bytes);
        }
    }

    private static int Number(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : otherwise;
}
