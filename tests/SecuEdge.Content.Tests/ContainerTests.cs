using System.Buffers.Binary;
using System.Formats.Tar;
using System.IO.Compression;
using System.Text;

namespace SecuEdge.Content.Tests;

public sealed class ContainerTests
{
    [Fact]
    public void Entries_are_parts_with_name_type_size_and_hash()
    {
        using var anatomy = Samples.Examine(Samples.WithAttachment(Zip(("docs/a.txt", "hello"u8.ToArray()), ("e.com", Samples.Eicar)), "x.zip"));
        var archive = anatomy.AllParts().Single(part => part.FileName == "x.zip");
        Assert.Equal(["a.txt", "e.com"], archive.Children.Select(part => part.FileName));
        Assert.Equal(["1.2/a.txt", "1.2/e.com"], archive.Children.Select(part => part.Path));
        Assert.Equal("docs/a.txt", archive.Children[0].RawFileName);
        Assert.Equal((PartKind.Entry, 5L, "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"), (archive.Children[0].Kind, archive.Children[0].Size, archive.Children[0].Sha256));
        Assert.True(Samples.HasEicar(archive.Children[1]));
        Assert.Equal(AnatomyFlags.None, anatomy.Flags & ~AnatomyFlags.Executable);
    }

    public static TheoryData<string> Tricks => ["prefix", "trailer", "no directory", "comment", "two zips", "truncated directory", "directory names another method", "wrong compressed size", "wrong size"];

    [Theory]
    [MemberData(nameof(Tricks))]
    public void A_zip_with_tricks_shows_what_it_holds(string trick)
    {
        var zip = Zip(("e.com", Samples.Eicar));
        var clean = Zip(("a.txt", "hello"u8.ToArray()));
        var local = zip.AsSpan(0, zip.AsSpan().IndexOf("PK\u0001\u0002"u8)).ToArray();
        var central = zip.AsSpan().IndexOf("PK\u0001\u0002"u8);
        byte[] bytes = trick switch
        {
            "prefix" => [.. "some bytes in front, as in a program"u8, 0, .. zip],
            "trailer" => [.. zip, .. new byte[3_000]],
            "no directory" => local,
            "comment" => WithComment(clean, zip),
            "two zips" => [.. zip, .. clean],
            "truncated directory" => zip[..(central + 20)],
            "directory names another method" => With(zip, central + 10, 0),
            "wrong compressed size" => With(zip, central + 20, 3),
            _ => With(zip, central + 24, 3),
        };
        using var anatomy = Samples.Examine(Samples.WithAttachment(bytes, "x.zip"));
        Assert.True(anatomy.AllParts().Any(part => part.Kind is PartKind.Entry or PartKind.Reading && Samples.HasEicar(part)), Samples.Describe(anatomy));
    }

    [Fact]
    public void An_encrypted_entry_is_known_by_name()
    {
        var zip = Zip(("secret.doc", "hello"u8.ToArray()));
        zip[6] |= 1;
        zip[zip.AsSpan().IndexOf("PK\u0001\u0002"u8) + 8] |= 1;
        using var anatomy = Samples.Examine(Samples.WithAttachment(zip, "x.zip"));
        var entry = anatomy.AllParts().Single(part => part.Kind == PartKind.Entry);
        Assert.Equal(("secret.doc", AnatomyFlags.EncryptedArchive, null), (entry.FileName, entry.Flags, entry.Content));
        Assert.True(anatomy.Flags.HasFlag(AnatomyFlags.EncryptedArchive));
    }

    [Fact]
    public void A_gigabyte_of_zeros_is_a_bomb_and_quickly_seen()
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            var zeros = new byte[1024 * 1024];
            for (var i = 0; i < 1024; i++)
            {
                gzip.Write(zeros);
            }
        }

        var watch = System.Diagnostics.Stopwatch.StartNew();
        using var anatomy = Samples.Examine(Samples.WithAttachment(packed.ToArray(), "x.gz"));
        Assert.True(anatomy.Flags.HasFlag(AnatomyFlags.Bomb));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"{watch.Elapsed}");
    }

    [Fact]
    public void Zips_in_zips_end_at_the_depth_budget()
    {
        var zip = Zip(("e.com", Samples.Eicar));
        for (var i = 0; i < 30; i++)
        {
            zip = Zip(($"{i}.zip", zip));
        }

        using var anatomy = Samples.Examine(Samples.WithAttachment(zip, "x.zip"));
        Assert.True(anatomy.Flags.HasFlag(AnatomyFlags.OverBudget | AnatomyFlags.NestedArchive));
        Assert.Equal(10, anatomy.AllParts().Count(part => part.Kind == PartKind.Entry));
    }

    [Fact]
    public void Too_many_entries_are_over_budget()
    {
        var zip = Zip([.. Enumerable.Range(0, 30).Select(i => ($"{i}.txt", "x"u8.ToArray()))]);
        using var anatomy = Samples.Examine(Samples.WithAttachment(zip, "x.zip"), new AnatomyBudget { MaxEntries = 20 });
        Assert.True(anatomy.Flags.HasFlag(AnatomyFlags.OverBudget));
        Assert.Equal(20, anatomy.AllParts().Count(part => part.Kind == PartKind.Entry));
    }

    [Fact]
    public void Tar_in_gzip_is_opened_through()
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(Tar((new string('d', 150) + "/e.com", Samples.Eicar)));
        }

        using var anatomy = Samples.Examine(Samples.WithAttachment(packed.ToArray(), "x.tgz"));
        var entry = anatomy.AllParts().Single(Samples.HasEicarByItself);
        Assert.Equal("e.com", entry.FileName);
        Assert.True(anatomy.Flags.HasFlag(AnatomyFlags.NestedArchive));
        Assert.False(anatomy.Flags.HasFlag(AnatomyFlags.Broken));
    }

    [Fact]
    public void A_cut_gzip_gives_what_it_has_and_is_broken()
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.NoCompression, leaveOpen: true))
        {
            gzip.Write(Samples.Eicar);
            gzip.Write(new byte[100_000]);
        }

        using var anatomy = Samples.Examine(Samples.WithAttachment(packed.ToArray()[..60_000], "x.gz"));
        Assert.True(anatomy.Flags.HasFlag(AnatomyFlags.Broken), Samples.Describe(anatomy));
        Assert.Contains(anatomy.AllParts(), part => part.Kind == PartKind.Entry && Samples.HasEicar(part));
    }

    [Fact]
    public void Xz_with_a_dictionary_of_gigabytes_is_refused()
    {
        byte[] xz = [0xfd, .. "7zXZ"u8, 0, 0, 4, 0xe6, 0xd6, 0xb4, 0x46, 2, 0, 0x21, 1, 40, 0, 0, 0, 1, 2, 3, 4];
        using var anatomy = Samples.Examine(Samples.WithAttachment(xz, "x.xz"));
        Assert.True(anatomy.Flags.HasFlag(AnatomyFlags.OverBudget));
    }

    [Fact]
    public void A_document_with_a_macro_project_has_active_content()
    {
        using var anatomy = Samples.Examine(Samples.WithAttachment(Zip(("[Content_Types].xml", "<x/>"u8.ToArray()), ("word/document.xml", "<x/>"u8.ToArray()), ("word/vbaProject.bin", [0])), "a.docx"));
        var document = anatomy.AllParts().Single(part => part.FileName == "a.docx");
        Assert.True(document.Flags.HasFlag(AnatomyFlags.ActiveContent));
        Assert.Equal("application/vnd.openxmlformats-officedocument.wordprocessingml.document", document.DetectedType);
    }

    public static byte[] Zip(params (string Name, byte[] Content)[] entries)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in entries)
            {
                using var entry = zip.CreateEntry(name).Open();
                entry.Write(content);
            }
        }

        return stream.ToArray();
    }

    public static byte[] Tar(params (string Name, byte[] Content)[] entries)
    {
        using var stream = new MemoryStream();
        using (var tar = new TarWriter(stream, TarEntryFormat.Pax, leaveOpen: true))
        {
            foreach (var (name, content) in entries)
            {
                tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content) });
            }
        }

        return stream.ToArray();
    }

    private static byte[] WithComment(byte[] zip, byte[] comment)
    {
        byte[] bytes = [.. zip, .. comment];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(zip.Length - 2), (ushort)comment.Length);
        return bytes;
    }

    private static byte[] With(byte[] bytes, int offset, byte value)
    {
        bytes[offset] = value;
        return bytes;
    }
}
