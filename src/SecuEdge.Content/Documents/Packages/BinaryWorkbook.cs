using System.Buffers.Binary;
using System.Text;

namespace SecuEdge.Content.Documents.Packages;

/// <summary>[MS-XLSB] §2.1.4: the parts of an xlsb as records, type and size in bytes of seven bits. Read for names, links and texts.</summary>
internal sealed class BinaryWorkbook(DocumentVisit visit)
{
    private const int MaxRecordBytes = 1024 * 1024;
    private const int MaxRecords = 1_000_000;

    private const int SharedString = 19;
    private const int DefinedName = 39;
    private const int CellInlineString = 6;
    private const int Sheet = 156;
    private const int BeginSource = 360;
    private const ushort DdeSource = 1;

    private readonly DocumentText _text = new(visit);

    public bool HasMacros { get; private set; }

    public void Read(IByteSource bytes, string path)
    {
        if (path.Contains("macrosheets/", StringComparison.OrdinalIgnoreCase))
        {
            HasMacros = true;
            visit.Found(ActiveContent.ExcelMacro, path);
        }

        using var stream = new BufferedStream(bytes.OpenRead(), 64 * 1024);
        for (var count = 0; count < MaxRecords && TryReadNumber(stream, 2, out var type) && TryReadNumber(stream, 4, out var size); count++)
        {
            if (size > MaxRecordBytes || size > bytes.Length)
            {
                return;
            }

            var value = new byte[size];
            if (stream.ReadAtLeast(value, size, throwOnEndOfStream: false) < size)
            {
                return;
            }

            Read(type, value);
        }
    }

    public void Deliver() => _text.Deliver();

    private void Read(int type, byte[] value)
    {
        switch (type)
        {
            case SharedString:
                AddText(value, 1);
                break;
            case CellInlineString:
                AddText(value, 8);
                break;
            case DefinedName:
                var name = StringAt(value, 9);
                if (name.Contains("Auto_Open", StringComparison.OrdinalIgnoreCase) || name.Contains("Auto_Close", StringComparison.OrdinalIgnoreCase)
                    || name.Contains("Auto_Activate", StringComparison.OrdinalIgnoreCase))
                {
                    visit.Found(ActiveContent.ExcelMacro | ActiveContent.MacroAutoExec, $"name {name}");
                }

                break;
            case Sheet when value.Length > 8 && BinaryPrimitives.ReadUInt32LittleEndian(value) == 2:
                _text.EndLine();
                break;
            case BeginSource when value.Length > 6:
                // §2.4.114: kind, then service and topic; of another workbook these are its relationship and nothing.
                if (BinaryPrimitives.ReadUInt16LittleEndian(value) == DdeSource)
                {
                    var service = StringAt(value, 2);
                    visit.Found(ActiveContent.Dde, $"{service}|{StringAt(value, 6 + (service.Length * 2))}");
                }

                break;
            default:
                break;
        }
    }

    private void AddText(byte[] value, int position)
    {
        _text.Add(StringAt(value, position));
        _text.EndLine();
    }

    /// <summary>§2.5.168: a count of characters, then UTF-16.</summary>
    private static string StringAt(byte[] value, int position)
    {
        if (position + 4 > value.Length)
        {
            return "";
        }

        var bytes = Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(value.AsSpan(position)) * 2L, value.Length - position - 4);
        return Encoding.Unicode.GetString(value, position + 4, (int)bytes & ~1);
    }

    private static bool TryReadNumber(Stream stream, int maxBytes, out int number)
    {
        number = 0;
        for (var i = 0; i < maxBytes; i++)
        {
            var next = stream.ReadByte();
            if (next < 0)
            {
                return false;
            }

            number |= (next & 0x7f) << (7 * i);
            if ((next & 0x80) == 0)
            {
                return true;
            }
        }

        return true;
    }
}
