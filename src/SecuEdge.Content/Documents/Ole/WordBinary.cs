using System.Buffers.Binary;
using System.Text;

namespace SecuEdge.Content.Documents.Ole;

/// <summary>[MS-DOC] §2.4.1: text in pieces that a table in another stream puts in order; fields stand in it between control characters.</summary>
internal static class WordBinary
{
    private const int MaxStreamBytes = 32 * 1024 * 1024;
    private const ushort Word97 = 0xa5ec;
    private const ushort EncryptedFlag = 0x0100;
    private const ushort SecondTableFlag = 0x0200;

    /// <summary>§2.5.6: the pair for the piece table among the positions of the header.</summary>
    private const int PieceTablePosition = 0x1a2;

    private const char FieldBegin = '\u0013';
    private const char FieldSeparator = '\u0014';
    private const char FieldEnd = '\u0015';

    public static void Read(CompoundFile file, CompoundEntry stream, DocumentVisit visit)
    {
        var head = file.Read(stream, 0x400);
        if (head.Length < 0x20)
        {
            return;
        }

        // §2.5.2; versions before 97 have the bit at the same place.
        var flags = BinaryPrimitives.ReadUInt16LittleEndian(head.AsSpan(0x0a));
        if ((flags & EncryptedFlag) != 0)
        {
            visit.Flag(AnatomyFlags.EncryptedArchive);
            return;
        }

        var bytes = file.Read(stream, MaxStreamBytes);
        var text = new DocumentText(visit);
        var fields = new FieldCode(visit);
        foreach (var piece in Pieces(file, stream, bytes, (flags & SecondTableFlag) != 0 ? "1Table" : "0Table"))
        {
            Read(piece, text, fields);
        }

        fields.Finish();
        text.Deliver();
    }

    private static List<string> Pieces(CompoundFile file, CompoundEntry stream, byte[] bytes, string tableName)
    {
        var isWord97 = BinaryPrimitives.ReadUInt16LittleEndian(bytes) == Word97;
        if (isWord97 && bytes.Length >= PieceTablePosition + 8 && file.FindIn(stream.Parent, tableName) is { } table)
        {
            var start = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(PieceTablePosition));
            var length = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(PieceTablePosition + 4));
            var tableBytes = file.Read(table, MaxStreamBytes);
            if (length > 0 && start + (long)length <= tableBytes.Length)
            {
                return PiecesOf(tableBytes.AsMemory((int)start, (int)length), bytes);
            }
        }

        // Without a table the text stands in one piece where the header says.
        var first = Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(0x18)), (uint)bytes.Length);
        var last = Math.Clamp(BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(0x1c)), first, (uint)bytes.Length);
        return [Encoding.GetEncoding(1252).GetString(bytes, (int)first, (int)(last - first))];
    }

    /// <summary>§2.9.38, §2.9.177: properties to be skipped, then character positions and one descriptor for each piece.</summary>
    private static List<string> PiecesOf(ReadOnlyMemory<byte> clx, byte[] bytes)
    {
        var table = clx.Span;
        while (table.Length > 3 && table[0] == 1)
        {
            table = table[Math.Min(table.Length, 3 + BinaryPrimitives.ReadUInt16LittleEndian(table[1..]))..];
        }

        var pieces = new List<string>();
        if (table.Length < 5 || table[0] != 2)
        {
            return pieces;
        }

        table = table[5..];
        var count = (table.Length - 4) / 12;
        long total = 0;
        for (var i = 0; i < count && total < MaxStreamBytes; i++)
        {
            var chars = (long)BinaryPrimitives.ReadUInt32LittleEndian(table[((i + 1) * 4)..]) - BinaryPrimitives.ReadUInt32LittleEndian(table[(i * 4)..]);
            var position = BinaryPrimitives.ReadUInt32LittleEndian(table[(((count + 1) * 4) + (i * 8) + 2)..]);

            // §2.9.73: bit 30 says that the piece has one byte for a character, at half the position.
            var isNarrow = (position & 0x40000000) != 0;
            var start = isNarrow ? (position & 0x3fffffff) / 2 : position & 0x3fffffff;
            var length = Math.Min(isNarrow ? chars : chars * 2, bytes.Length - (long)start);
            if (length > 0)
            {
                total += length;
                pieces.Add((isNarrow ? Encoding.GetEncoding(1252) : Encoding.Unicode).GetString(bytes, (int)start, (int)length));
            }
        }

        return pieces;
    }

    private static void Read(string piece, DocumentText text, FieldCode fields)
    {
        var rest = piece.AsSpan();
        while (!rest.IsEmpty)
        {
            var length = rest.IndexOfAnyInRange('\u0001', '\u001f');
            var plain = length < 0 ? rest : rest[..length];
            fields.Add(plain);
            if (!fields.IsInInstruction)
            {
                text.Add(plain);
            }

            if (length < 0)
            {
                return;
            }

            Control(rest[length], text, fields);
            rest = rest[(length + 1)..];
        }
    }

    private static void Control(char character, DocumentText text, FieldCode fields)
    {
        switch (character)
        {
            case FieldBegin:
                fields.Begin();
                break;
            case FieldSeparator:
                fields.Separate();
                break;
            case FieldEnd:
                fields.End();
                break;
            case '\r' or '\u0007' or '\u000b' or '\u000c':
                text.EndLine();
                break;
            case '\t':
                text.Add(" ");
                fields.Add(" ");
                break;
            default:
                break;
        }
    }
}
