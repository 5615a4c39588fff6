using System.Diagnostics;

namespace SecuEdge.Content.Tests;

/// <summary>Cabinets, packages, discs and disks: what is in them is a part, what is wrong with them a flag.</summary>
public sealed class NativeContainerTests
{
    private const AnatomyFlags Troubles = AnatomyFlags.Broken | AnatomyFlags.Bomb | AnatomyFlags.OverBudget | AnatomyFlags.UnknownContainer | AnatomyFlags.Ambiguous | AnatomyFlags.Unparseable;

    public static TheoryData<string> Formats => [.. ArchiveSamples.Formats.Keys];

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_file_inside_is_a_part(string format)
    {
        using var anatomy = Samples.Examine(Samples.WithAttachment(ArchiveSamples.Formats[format]("eicar.com", Samples.Eicar), "file.bin"));
        var entry = anatomy.AllParts().SingleOrDefault(Samples.HasEicarByItself);
        Assert.True(entry is { Kind: PartKind.Entry }, Samples.Describe(anatomy));
        Assert.Equal(format is "lz4" or "szdd" ? null : "eicar.com", entry.FileName?.ToLowerInvariant());
        Assert.True((anatomy.Flags & Troubles) == 0, Samples.Describe(anatomy));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_large_file_comes_out_whole(string format)
    {
        var content = new byte[300_000];
        new Random(5).NextBytes(content);
        using var anatomy = Samples.Examine(Samples.WithAttachment(ArchiveSamples.Formats[format]("a.bin", content), "file.bin"));
        var hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(content));
        Assert.True(anatomy.AllParts().Any(part => part.Sha256 == hash), Samples.Describe(anatomy));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Cut_anywhere_it_ends_in_time_and_says_so(string format)
    {
        var whole = ArchiveSamples.Formats[format]("a.bin", [.. Samples.Eicar, .. new byte[5_000]]);
        for (var tenth = 1; tenth < 10; tenth++)
        {
            Try(whole[..(int)(whole.LongLength * tenth / 10)], $"{format} {tenth}/10");
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Mutated_it_neither_throws_nor_hangs(string format)
    {
        var whole = ArchiveSamples.Formats[format]("a.bin", Samples.Eicar);
        var random = new Random(11);

        // Most of an image is empty: changes go where the bytes are.
        var places = Enumerable.Range(0, whole.Length).Where(i => whole[i] != 0).ToArray();
        for (var i = 0; i < 40; i++)
        {
            var mutated = whole.ToArray();
            for (var changes = random.Next(1, 6); changes > 0; changes--)
            {
                var at = Math.Clamp(places[random.Next(places.Length)] + random.Next(-2, 3), 0, whole.Length - 1);
                mutated[at] = (byte)(random.Next(2) == 0 ? random.Next(256) : 0xff);
            }

            Try(mutated, $"{format} {i}");
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_bomb_is_seen(string format)
    {
        // An image stores its files as they are, so the bomb is in what it stores.
        var zeros = new byte[8 * 1024 * 1024];
        var content = format is "cab mszip" or "deb" or "rpm" ? zeros : ArchiveSamples.Gzip(zeros);
        using var anatomy = Samples.Examine(Samples.WithAttachment(ArchiveSamples.Formats[format]("a.bin", content), "file.bin"));
        Assert.True(anatomy.Flags.HasFlag(AnatomyFlags.Bomb), Samples.Describe(anatomy));
    }

    public static TheoryData<string> Named => [.. ArchiveSamples.Formats.Keys.Where(format => format is not ("lz4" or "szdd" or "img" or "mbr" or "gpt" or "vhd fixed" or "vhd dynamic" or "vhdx" or "ar"))];

    [Theory]
    [MemberData(nameof(Named))]
    public void An_evil_name_is_deceptive_and_never_a_path(string format)
    {
        using var anatomy = Samples.Examine(Samples.WithAttachment(ArchiveSamples.Formats[format]("../../etc/evil.pdf.exe", Samples.Eicar), "file.bin"));
        var entry = anatomy.AllParts().Single(Samples.HasEicarByItself);
        Assert.Equal("evil.pdf.exe", entry.FileName);
        Assert.True(entry.Flags.HasFlag(AnatomyFlags.DeceptiveName));
    }

    public static TheoryData<string> Mixes => ["zip in iso in cab", "iso in zip", "udf in 7-bit tar in gzip", "deb in vhd in cpio", "lha in ar in rpm", "lzma in iso in zip", "cab in lz4 in img"];

    [Theory]
    [MemberData(nameof(Mixes))]
    public void Containers_nest_in_any_mix(string mix)
    {
        var f = ArchiveSamples.Formats;
        var eicar = Samples.Eicar;
        var bytes = mix switch
        {
            "zip in iso in cab" => f["cab mszip"]("a.iso", f["iso"]("A.ZIP", ContainerTests.Zip(("e.com", eicar)))),
            "iso in zip" => ContainerTests.Zip(("a.iso", f["iso"]("E.COM", eicar))),
            "udf in 7-bit tar in gzip" => ArchiveSamples.Gzip(ContainerTests.Tar(("a.udf", f["udf"]("e.com", eicar)))),
            "deb in vhd in cpio" => f["cpio newc"]("a.vhd", f["vhd fixed"]("A.DEB", f["deb"]("e.com", eicar))),
            "lha in ar in rpm" => ArchiveSamples.Rpm(ArchiveSamples.Gzip(f["ar"]("a.lzh", f["lha"]("e.com", eicar)))),
            "lzma in iso in zip" => ContainerTests.Zip(("a.iso", f["iso"]("A.LZM", ArchiveSamples.LzmaOfEicar))),
            _ => f["img"]("A.LZ4", f["lz4"]("", f["cab stored"]("e.com", eicar))),
        };
        using var anatomy = Samples.Examine(Samples.WithAttachment(bytes, "file.bin"));
        Assert.True(anatomy.AllParts().Any(Samples.HasEicarByItself) && anatomy.Flags.HasFlag(AnatomyFlags.NestedArchive), Samples.Describe(anatomy));
    }

    public static TheoryData<string> Disguises =>
    [
        "program + cab", "program + zip", "signature constants before the real cab", "picture + cab", "program that is a disc", "pdf that is a disc", "text + cab",
        "gif that is a virtual disk", "gzip + zip", "zip that is a disc",
    ];

    [Theory]
    [MemberData(nameof(Disguises))]
    public void What_hides_behind_another_format_is_found(string disguise)
    {
        byte[] program = [.. "MZ\u0090\0\u0003\0\0\0\u0004\0\0\0"u8, 0xff, 0xff, .. new byte[500]];
        byte[] picture = [0xff, 0xd8, 0xff, 0xe0, .. new byte[200]];
        var cabinet = ArchiveSamples.Cabinet("e.com", Samples.Eicar, isPacked: true);
        var disc = ImageSamples.Iso(("E.COM", Samples.Eicar));
        byte[] bytes = disguise switch
        {
            "program + cab" => [.. program, .. cabinet],
            "program + zip" => [.. program, .. ContainerTests.Zip(("e.com", Samples.Eicar))],
            "signature constants before the real cab" => [.. program, .. "MSCF\0\0\0\0"u8, .. new byte[60], 0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c, .. new byte[60], .. cabinet],
            "picture + cab" => [.. picture, .. cabinet],
            "text + cab" => [.. "just some text\r\n"u8, .. cabinet],
            "program that is a disc" => With(disc, program),
            "pdf that is a disc" => With(disc, "%PDF-1.4\n1 0 obj"u8.ToArray()),
            "zip that is a disc" => With(disc, ContainerTests.Zip(("a.txt", "hello"u8.ToArray()))),
            "gif that is a virtual disk" => ImageSamples.FixedVhd(With(ImageSamples.Mbr(ImageSamples.Fat("e.com", Samples.Eicar)), "GIF89a"u8.ToArray())),
            _ => [.. ArchiveSamples.Gzip("hello"u8.ToArray()), .. ContainerTests.Zip(("e.com", Samples.Eicar))],
        };
        using var anatomy = Samples.Examine(Samples.WithAttachment(bytes, "file.bin"));
        Assert.True(anatomy.AllParts().Any(Samples.HasEicarByItself), Samples.Describe(anatomy));
    }

    public static TheoryData<string, byte[]> Greedy => new()
    {
        { "lzma", [.. ArchiveSamples.LzmaOfEicar[..1], 0xff, 0xff, 0xff, 0xff, .. ArchiveSamples.LzmaOfEicar[5..]] },
        { "zstd window", [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x98, 1, 0, 0] },
        { "zstd single segment", [0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0, 0, 0, 0x20, 1, 0, 0] },
        { "lzip", [.. "LZIP"u8, 1, 29, .. new byte[40]] },
        { "rar5", [.. "Rar!"u8, 0x1a, 7, 1, 0, .. new byte[4], 5, 1, 0, 0, 0, 0, .. new byte[4], 11, 2, 2, 5, 0, 5, 0x20, 0x80, 0x61, 0, 1, (byte)'a', .. new byte[5]] },
        { "7z packed header", SevenZipWithPackedHeader },
    };

    /// <summary>A file of 7-Zip whose header was made to ask for 128 MB and packed again.</summary>
    private static readonly byte[] SevenZipWithPackedHeader = Convert.FromBase64String("N3q8ryccAATWrLk4LAEAAAAAAAAiAAAAAAAAAD6wma3gAP0AUF0ANBlJ24VblipT6q/1+MpweCLPAj87MA8BsbtRw8Kd1oCuRp4DBCpWjXrdbUHihq6UQEWG77dW+/4y3TZvKvcscaMhJqDYO4yAhQ3ySgxLDwEAAACBMweuD9Moqf1AwJDS/3SiMaYCWdeSnwv47quRdW4Q3vYhr8M0cu7SJbEFe49nKanYFBE1L4Qf9v0gnTwd9YgxV74erlmw39D81lxEyfyfez4cH6abziNLenvUnEe6va6B7y3Zw9T9wAp+b/PrbIm4YOu3jyTCHB8i5EloPzAJvN2tEndNvc8p+Dk4NW7dITTnZAMWefx8R5QYoGQTP4hFbp5CIVnD4O9z/CZ9eTPPMsk1aGYLIWyGcrlDjIy2R6EgqSBvmyYlXxnb79EB//jbZmAXBlgBCYDUAAcLAQABIwMBAQVdAAABAAyB1goBseJLEwAA");

    [Theory]
    [MemberData(nameof(Greedy))]
    public void A_dictionary_of_hundreds_of_megabytes_is_refused(string format, byte[] bytes)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        using var anatomy = Samples.Examine(Samples.WithAttachment(bytes, "x.bin"));
        Assert.True(anatomy.Flags.HasFlag(AnatomyFlags.OverBudget), $"{format}\n{Samples.Describe(anatomy)}");
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 32L * 1024 * 1024);
    }

    [Fact]
    public void Too_many_files_in_a_disc_are_over_budget()
    {
        var files = Enumerable.Range(0, 30).Select(i => ($"F{i}.TXT", new[] { (byte)i })).ToArray();
        using var anatomy = Samples.Examine(Samples.WithAttachment(ImageSamples.Iso(files), "x.iso"), new AnatomyBudget { MaxEntries = 20 });
        Assert.True(anatomy.Flags.HasFlag(AnatomyFlags.OverBudget));
        Assert.Equal(20, anatomy.AllParts().Count(part => part.Kind == PartKind.Entry));
    }

    [Fact]
    public void Too_many_files_in_a_cpio_are_over_budget()
    {
        byte[] bytes = [.. Enumerable.Range(0, 30).SelectMany(i => ArchiveSamples.CpioMember($"{i}.txt", [1]))];
        using var anatomy = Samples.Examine(Samples.WithAttachment(bytes, "x.cpio"), new AnatomyBudget { MaxEntries = 20 });
        Assert.True(anatomy.Flags.HasFlag(AnatomyFlags.OverBudget));
    }

    [Fact]
    public void A_disc_whose_files_are_all_the_same_place_is_a_bomb_or_read_once()
    {
        var image = ImageSamples.Iso(("A.TXT", new byte[100_000]));
        var directory = image.AsSpan(18 * 2048);
        var at = 68;
        for (var i = 0; at + 40 < 2048; i++)
        {
            // Same start, other length: not the same place, so each is read and counted.
            var record = ImageSamples.IsoRecord([(byte)'A', (byte)i], 19, 100_000 - i, 0);
            record.CopyTo(directory[at..]);
            at += record.Length;
        }

        using var anatomy = Samples.Examine(Samples.WithAttachment(image, "x.iso"), new AnatomyBudget { MaxTotalBytes = 2_000_000 });
        Assert.True((anatomy.Flags & (AnatomyFlags.Bomb | AnatomyFlags.OverBudget)) != 0, Samples.Describe(anatomy));
    }

    [Theory]
    [InlineData("NTFS    ")]
    [InlineData("EXFAT   ")]
    public void A_file_system_that_is_not_read_is_an_unknown_container(string name)
    {
        var image = new byte[10_000];
        image[0] = 0xeb;
        System.Text.Encoding.ASCII.GetBytes(name).CopyTo(image, 3);
        image[510] = 0x55;
        image[511] = 0xaa;
        using var anatomy = Samples.Examine(Samples.WithAttachment(ImageSamples.Mbr(image, 7), "x.img"));
        Assert.True(anatomy.Flags.HasFlag(AnatomyFlags.UnknownContainer), Samples.Describe(anatomy));
    }

    [Fact]
    public void A_disc_made_by_genisoimage_shows_every_file_of_each_tree()
    {
        const string Program = "/usr/bin/genisoimage";
        if (!File.Exists(Program))
        {
            Assert.Skip("genisoimage is not installed.");
        }

        var folder = Directory.CreateDirectory(Path.Combine(Samples.ScratchFolder, "disc", "sub")).FullName;
        File.WriteAllBytes(Path.Combine(folder, "eicar.com"), Samples.Eicar);
        var image = Path.Combine(Samples.ScratchFolder, "disc.iso");
        foreach (var options in (string[])["", "-J", "-R", "-udf", "-udf -J -R", "-J -hide eicar.com", "-J -hide-joliet eicar.com"])
        {
            using var process = Process.Start(Program, $"-quiet {options} -o {image} {Path.GetDirectoryName(folder)}");
            Assert.True(process.WaitForExit(20_000));
            using var anatomy = Samples.Examine(Samples.WithAttachment(File.ReadAllBytes(image), "x.iso"));
            var entry = anatomy.AllParts().SingleOrDefault(Samples.HasEicarByItself);
            Assert.True(entry is not null, $"{options}\n{Samples.Describe(anatomy)}");
            Assert.Equal("eicar.com", entry.FileName, ignoreCase: true);
            Assert.Equal(options.Contains("hide", StringComparison.Ordinal), anatomy.Flags.HasFlag(AnatomyFlags.Ambiguous));
        }
    }

    [Theory]
    [InlineData(3, true)]
    [InlineData(2, false)]
    public void Pieces_of_a_file_are_put_together_when_all_are_there(int sent, bool isWhole)
    {
        byte[] zip = ContainerTests.Zip(("e.com", Samples.Eicar));
        var pieces = zip.Chunk((zip.Length + 2) / 3).Select((piece, i) =>
            $"--b\r\nContent-Type: application/octet-stream; name=a.zip.{i + 1:000}\r\nContent-Transfer-Encoding: base64\r\n\r\n{Convert.ToBase64String(piece)}\r\n");
        using var anatomy = Samples.Examine(Samples.WithBody("Content-Type: multipart/mixed; boundary=b", string.Concat(pieces.Reverse().Take(sent)) + "--b--\r\n"));
        Assert.Equal((isWhole, !isWhole), (anatomy.AllParts().Any(part => part is { FileName: "e.com", Kind: PartKind.Entry } && Samples.HasEicarByItself(part) && part.Path.Contains('~')), anatomy.Flags.HasFlag(AnatomyFlags.Partial)));
    }

    public static TheoryData<string> TestFiles =>
        ["clam.chm", "clam.cab", "clam.arj", "clam.7z", "clam.exe.szdd", "clam.newc.cpio", "clam.odc.cpio", "clam.bin-be.cpio", "clam.bin-le.cpio", "clam.impl.zip", "clam.d64.zip", "clam.bz2.zip", "clam.tnef", "clam.tar.gz"];

    [Theory]
    [MemberData(nameof(TestFiles))]
    public void The_test_files_of_ClamAV_show_their_program(string name)
    {
        var whole = Installed(name);
        using var anatomy = Samples.Examine(Samples.WithAttachment(whole, name));
        Assert.True(anatomy.AllParts().Any(part => part.DetectedType == "application/x-dosexec" && part.Size == 544), Samples.Describe(anatomy));
        Assert.False(anatomy.Flags.HasFlag(AnatomyFlags.Broken), Samples.Describe(anatomy));
    }

    [Fact]
    public void Damaged_compiled_help_neither_throws_nor_hangs()
    {
        var whole = Installed("clam.chm");
        for (var tenth = 1; tenth < 10; tenth++)
        {
            Try(whole[..(whole.Length * tenth / 10)], $"{tenth}/10");
        }

        var random = new Random(3);
        for (var i = 0; i < 150; i++)
        {
            var mutated = whole.ToArray();
            for (var changes = random.Next(1, 8); changes > 0; changes--)
            {
                mutated[random.Next(random.Next(2) == 0 ? 1_000 : mutated.Length)] = (byte)(random.Next(2) == 0 ? random.Next(256) : 0xff);
            }

            Try(mutated, $"{i}");
        }
    }

    private static byte[] Installed(string name)
    {
        var file = Path.Combine("/usr/share/clamav-testfiles", name);
        if (!File.Exists(file))
        {
            Assert.Skip("The package clamav-testfiles is not installed.");
        }

        return File.ReadAllBytes(file);
    }

    private static byte[] With(byte[] image, byte[] start)
    {
        start.CopyTo(image, 0);
        return image;
    }

    private static void Try(byte[] attachment, string what)
    {
        var watch = Stopwatch.StartNew();
        using var anatomy = Samples.Examine(Samples.WithAttachment(attachment, "file.bin"));
        Assert.False(anatomy.Troubles.Any(trouble => trouble.StartsWith("Examination failed", StringComparison.Ordinal)), $"{what}\n{Samples.Describe(anatomy)}");
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), $"{what} took {watch.Elapsed}");
    }
}
