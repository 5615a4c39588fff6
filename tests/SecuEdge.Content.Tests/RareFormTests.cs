using System.Formats.Asn1;
using System.IO.Compression;
using System.Text;

namespace SecuEdge.Content.Tests;

/// <summary>Forms that hardly anybody writes and some program opens.</summary>
public sealed class RareFormTests
{
    private static readonly byte[] Hello = "hello, nothing of interest here"u8.ToArray();

    public static TheoryData<string> Forms =>
    [
        "gzip members with zeros between", "a zip behind gzip", "zip locked in the local header only", "zip locked in the directory only",
        "a zip behind a tar", "zlib", "brotli", "CMS compressed", "PGP compressed", "PGP compressed in armor", "PGP literal in armor", "UTF-16", "UTF-16 big end first",
    ];

    [Theory]
    [MemberData(nameof(Forms))]
    public void What_some_program_opens_is_opened(string form)
    {
        using var anatomy = Samples.Examine(MessageOf(form));
        Assert.True(anatomy.AllParts().Any(Samples.HasEicarByItself), Samples.Describe(anatomy));
    }

    [Fact]
    public void A_method_that_nobody_knows_is_not_clean()
    {
        var zip = With(ContainerTests.Zip(("e.com", Samples.Eicar)), method: 77);
        using var anatomy = Samples.Examine(Samples.WithAttachment(zip, "x.zip"));
        Assert.True(anatomy.Flags.HasFlag(AnatomyFlags.UnknownContainer), Samples.Describe(anatomy));
    }

    [Theory]
    [InlineData("hsqs")]
    [InlineData("LRZI\0")]
    [InlineData("\u0089LZO\0\r\n\u001a\n")]
    public void Archives_without_a_reader_are_known_as_such(string signature)
    {
        using var anatomy = Samples.Examine(Samples.WithAttachment([.. Encoding.Latin1.GetBytes(signature), .. new byte[100]], "x"));
        Assert.True(anatomy.Flags.HasFlag(AnatomyFlags.UnknownContainer), Samples.Describe(anatomy));
    }

    /// <summary>A session key packet for a password (RFC 9580 §5.3, with the salt left zero), or for a key (§5.1), and the data.</summary>
    [Theory]
    [InlineData("c30d040903080000000000000000ff")]
    [InlineData("8c0d040903020000000000000000ff")]
    [InlineData("c1c003030102030405060708")]
    public void Encrypted_PGP_without_armor_is_known(string sessionKey)
    {
        var packet = Convert.FromHexString(sessionKey);
        byte[] message = packet[0] == 0xc1 ? [.. packet, 1, .. new byte[185], 0xd2, 0x40, .. new byte[64]] : [.. packet, 0xd2, 0x40, .. new byte[64]];
        using var anatomy = Samples.Examine(Samples.WithAttachment(message, "a.pgp"));
        Assert.True(anatomy.Flags.HasFlag(AnatomyFlags.EncryptedPgp), Samples.Describe(anatomy));
    }

    [Fact]
    public void A_table_that_repeats_itself_is_no_bomb()
    {
        var table = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("2026-03-02;north;1;ok\r\n", 130_000)));
        using var anatomy = Samples.Examine(Samples.WithAttachment(ArchiveSamples.Gzip(table), "table.csv.gz"));
        Assert.Equal(AnatomyFlags.None, anatomy.Flags);
    }

    [Fact]
    public void The_second_name_of_a_zip_entry_counts()
    {
        byte[] second = [0x75, 0x70, 18, 0, 1, 0, 0, 0, 0, .. "pay.pdf.scr  "u8];
        var zip = ContainerTests.Zip(("a.txt", Hello));
        var central = zip.AsSpan().IndexOf("PK\u0001\u0002"u8);
        var end = zip.AsSpan().IndexOf("PK\u0005\u0006"u8);
        zip[central + 30] = (byte)second.Length;
        zip[end + 12] += (byte)second.Length;
        using var anatomy = Samples.Examine(Samples.WithAttachment([.. zip[..end], .. second, .. zip[end..]], "x.zip"));
        Assert.True(anatomy.Flags.HasFlag(AnatomyFlags.DeceptiveName), Samples.Describe(anatomy));
    }

    private static byte[] MessageOf(string form)
    {
        var zip = ContainerTests.Zip(("e.com", Samples.Eicar));
        var central = zip.AsSpan().IndexOf("PK\u0001\u0002"u8);
        return form switch
        {
            "gzip members with zeros between" => Samples.WithAttachment([.. ArchiveSamples.Gzip(Hello), .. new byte[512], .. ArchiveSamples.Gzip(Samples.Eicar)], "x.gz"),
            "a zip behind gzip" => Samples.WithAttachment([.. ArchiveSamples.Gzip(Hello), .. zip], "x.gz"),
            "zip locked in the local header only" => Samples.WithAttachment(Locked(zip, 6), "x.zip"),
            "zip locked in the directory only" => Samples.WithAttachment(Locked(zip, central + 8), "x.zip"),
            "a zip behind a tar" => Samples.WithAttachment([.. ContainerTests.Tar(("a.txt", Hello)), .. zip], "x.tar"),
            "zlib" => Samples.WithAttachment(Pack(Samples.Eicar, target => new ZLibStream(target, CompressionLevel.Optimal, leaveOpen: true)), "x.z"),
            "brotli" => Samples.WithAttachment(Pack(Samples.Eicar, target => new BrotliStream(target, CompressionLevel.Optimal, leaveOpen: true)), "e.com.br"),
            "CMS compressed" => Samples.WithAttachment(CompressedMessage(), "smime.p7m", "application/pkcs7-mime"),
            "PGP compressed" => Samples.WithAttachment(CompressedPgp(), "a.pgp"),
            "PGP compressed in armor" => Samples.WithBody("Content-Type: text/plain", Armor(CompressedPgp())),
            "PGP literal in armor" => Samples.WithBody("Content-Type: text/plain", Armor(LiteralPgp())),
            "UTF-16" => Samples.WithAttachment([0xff, 0xfe, .. Encoding.Unicode.GetBytes(Encoding.ASCII.GetString(Samples.Eicar))], "a.txt"),
            _ => Samples.WithAttachment([0xfe, 0xff, .. Encoding.BigEndianUnicode.GetBytes(Encoding.ASCII.GetString(Samples.Eicar))], "a.txt"),
        };
    }

    private static byte[] Locked(byte[] zip, int flags)
    {
        zip[flags] |= 1;
        return zip;
    }

    private static byte[] With(byte[] zip, byte method)
    {
        zip[8] = method;
        zip[zip.AsSpan().IndexOf("PK\u0001\u0002"u8) + 10] = method;
        return zip;
    }

    private static byte[] Pack(byte[] content, Func<Stream, Stream> open)
    {
        using var target = new MemoryStream();
        using (var stream = open(target))
        {
            stream.Write(content);
        }

        return target.ToArray();
    }

    /// <summary>RFC 3274 §1.1.</summary>
    private static byte[] CompressedMessage()
    {
        var writer = new AsnWriter(AsnEncodingRules.BER);
        var context = new Asn1Tag(TagClass.ContextSpecific, 0);
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier("1.2.840.113549.1.9.16.1.9");
            using (writer.PushSequence(context))
            using (writer.PushSequence())
            {
                writer.WriteInteger(0);
                using (writer.PushSequence())
                {
                    writer.WriteObjectIdentifier("1.2.840.113549.1.9.16.3.8");
                }

                using (writer.PushSequence())
                {
                    writer.WriteObjectIdentifier("1.2.840.113549.1.7.1");
                    using (writer.PushSequence(context))
                    {
                        writer.WriteOctetString(Pack(Samples.Eicar, target => new ZLibStream(target, CompressionLevel.Optimal, leaveOpen: true)));
                    }
                }
            }
        }

        return writer.Encode();
    }

    /// <summary>RFC 9580 §5.9: format, length of the name, date, data.</summary>
    private static byte[] LiteralPgp() => [0xcb, (byte)(6 + Samples.Eicar.Length), (byte)'b', 0, 0, 0, 0, 0, .. Samples.Eicar];

    private static byte[] CompressedPgp() => [0xa3, 1, .. Pack(LiteralPgp(), target => new DeflateStream(target, CompressionLevel.Optimal, leaveOpen: true))];

    private static string Armor(byte[] packets) =>
        $"-----BEGIN PGP MESSAGE-----\r\n\r\n{Convert.ToBase64String(packets, Base64FormattingOptions.InsertLineBreaks)}\r\n-----END PGP MESSAGE-----\r\n";
}
