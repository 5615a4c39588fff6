using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using SecuEdge.Content.Containers;

namespace SecuEdge.Content.Documents.Ole;

/// <summary>[MS-PPT] §2.3.1: records in containers. Objects, macros among them, are compound files of their own, compressed.</summary>
internal static class PowerPointBinary
{
    private const uint EncryptedToken = 0xf3d1c4df;
    private const int MaxAtomBytes = 1024 * 1024;
    private const int MaxRecords = 1_000_000;
    private const byte RunsProgram = 2;

    /// <summary>§2.3.2: a token says whether what the other stream holds is encrypted.</summary>
    public static void ReadCurrentUser(ReadOnlySpan<byte> bytes, DocumentVisit visit)
    {
        if (bytes.Length >= 16 && BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]) == EncryptedToken)
        {
            visit.Flag(AnatomyFlags.EncryptedArchive);
        }
    }

    public static void Read(CompoundFile file, CompoundEntry stream, DocumentVisit visit)
    {
        var text = new DocumentText(visit);
        using var records = file.Open(stream);
        var header = new byte[8];
        long position = 0;
        for (var count = 0; count < MaxRecords && records.ReadAtLeast(header, 8, throwOnEndOfStream: false) == 8; count++)
        {
            var kind = BinaryPrimitives.ReadUInt16LittleEndian(header);
            var type = BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(2));
            long length = BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(4));
            position += 8;
            if ((kind & 0xf) == 0xf)
            {
                // What a container holds follows its header, so a flat walk sees everything.
                ReadContainer(type, visit);
                continue;
            }

            if (type == 0x1011)
            {
                AddObject(file, stream, position, length, isCompressed: kind >> 4 == 1, visit);
            }

            var atom = new byte[(int)Math.Min(length, IsRead(type) ? MaxAtomBytes : 0)];
            atom = atom[..records.ReadAtLeast(atom, atom.Length, throwOnEndOfStream: false)];
            ReadAtom(kind >> 4, type, atom, text, visit);
            if (!TrySkip(records, length - atom.Length))
            {
                break;
            }

            position += length;
        }

        text.Deliver();
    }

    private static bool IsRead(int type) => type is 0x0fa0 or 0x0fa8 or 0x0fba or 0x0ff3;

    private static void ReadContainer(int type, DocumentVisit visit)
    {
        if (type == 0x2f14) // §2.3.7 CryptSession10Container
        {
            visit.Flag(AnatomyFlags.EncryptedArchive);
        }
        else if (type == 0x0fee) // §2.10.8 ExControlContainer
        {
            visit.Found(ActiveContent.Control, "control on a slide");
        }
    }

    private static void ReadAtom(int instance, int type, byte[] atom, DocumentText text, DocumentVisit visit)
    {
        switch (type)
        {
            case 0x0fa0: // TextCharsAtom
                text.Add(Encoding.Unicode.GetString(atom).Replace('\r', '\n'));
                text.EndLine();
                break;
            case 0x0fa8: // TextBytesAtom
                text.Add(Encoding.Latin1.GetString(atom).Replace('\r', '\n'));
                text.EndLine();
                break;
            case 0x0fba: // CString: in objects instance 2 is the class, in links the target
                var word = Encoding.Unicode.GetString(atom);
                visit.AddLink(word);
                if (instance == 2)
                {
                    DangerousClasses.Judge(word, visit);
                }

                break;
            case 0x0ff3 when atom.Length > 8 && atom[8] == RunsProgram: // §2.6.3 InteractiveInfoAtom
                visit.Found(ActiveContent.Launch, "a shape that starts a program");
                break;
            default:
                break;
        }
    }

    /// <summary>§2.10.34: size when decompressed, then deflated data with a zlib header.</summary>
    private static void AddObject(CompoundFile file, CompoundEntry stream, long position, long length, bool isCompressed, DocumentVisit visit)
    {
        var before = visit.Part.Children.Count;
        var name = new EntryDraft { Name = "object.bin" };
        if (isCompressed)
        {
            visit.AddFile(name, () => new ZLibStream(new PartOfStream(file.Open(stream), position + 4, Math.Max(length - 4, 0)), CompressionMode.Decompress));
        }
        else
        {
            visit.AddFile(name, () => new PartOfStream(file.Open(stream), position, length));
        }

        ObjectFindings.Lift(visit, before);
    }

    private static bool TrySkip(Stream stream, long count)
    {
        Span<byte> skipped = stackalloc byte[4096];
        while (count > 0)
        {
            var read = stream.Read(skipped[..(int)Math.Min(count, skipped.Length)]);
            if (read == 0)
            {
                return false;
            }

            count -= read;
        }

        return true;
    }
}
