using System.Buffers.Binary;
using System.Text;
using SecuEdge.Content.Text;

namespace SecuEdge.Content.Documents.Ole;

/// <summary>
/// [MS-XLS] §2.1.4: records of type and length. Excel 4 macros live in sheets of their own kind, run by names, and are not seen by anyone
/// who looks for VBA.
/// </summary>
internal static class ExcelBinary
{
    private const int MaxStreamBytes = 64 * 1024 * 1024;
    private const int MaxFormulas = 40;
    private const byte MacroSheet = 1;
    private const byte VeryHidden = 2;

    public static void Read(CompoundFile file, CompoundEntry stream, DocumentVisit visit)
    {
        if (stream.Size > MaxStreamBytes)
        {
            visit.Flag(AnatomyFlags.OverBudget);
        }

        Read(file.Open(stream), visit);
    }

    /// <summary>Before version 5 the records were the file, and the Excel of today still opens such files, also with newer records.</summary>
    public static void Read(Stream content, DocumentVisit visit)
    {
        var workbook = new Workbook(visit);
        using var records = new BinaryReader(content);
        var header = new byte[4];
        long position = 0;
        while (position < MaxStreamBytes && records.BaseStream.ReadAtLeast(header, 4, throwOnEndOfStream: false) == 4)
        {
            var type = BinaryPrimitives.ReadUInt16LittleEndian(header);
            var value = records.ReadBytes(BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(2)));
            if (workbook.IsEncrypted || !workbook.Read(type, value))
            {
                break;
            }

            position += 4 + value.Length;
        }

        workbook.Finish();
    }

    /// <summary>What is known of the workbook up to one record.</summary>
    private sealed class Workbook(DocumentVisit visit)
    {
        private readonly SharedStrings _strings = new(visit);
        private bool _isBiff8 = true;
        private bool _hasMacroSheet;
        private bool _isMacroSheet;
        private bool _hasAutoName;
        private string _ddeSource = "";
        private int _formulas;

        public bool IsEncrypted { get; private set; }

        /// <summary>False at a record that no workbook has: the rest is filling.</summary>
        public bool Read(ushort type, byte[] value)
        {
            if (type != 0x3c)
            {
                _strings.Complete();
            }

            switch (type)
            {
                case 0x0809 or 0x0409 or 0x0209 or 0x0009: // BOF, §2.4.21
                    _isBiff8 = value.Length < 2 || BinaryPrimitives.ReadUInt16LittleEndian(value) >= 0x600;
                    _isMacroSheet = value.Length >= 4 && BinaryPrimitives.ReadUInt16LittleEndian(value.AsSpan(2)) == 0x40;
                    _hasMacroSheet |= _isMacroSheet;
                    break;
                case 0x2f: // FilePass, §2.4.117
                    IsEncrypted = true;
                    visit.Flag(AnatomyFlags.EncryptedArchive);
                    break;
                case 0x85: // BoundSheet8, §2.4.28
                    ReadSheet(value);
                    break;
                case 0x18 or 0x218: // Lbl, §2.4.150
                    ReadName(value);
                    break;
                case 0x1ae: // SupBook, §2.4.271
                    ReadSource(value);
                    break;
                case 0x23 when value.Length >= 2: // ExternName, §2.4.105: bit 4 says whether it is a linked object
                    ReportSource(isObject: (value[0] & 0x10) != 0);
                    break;
                case 0x06 or 0x206 or 0x406 when _isMacroSheet: // Formula, §2.4.127
                    ReadFormula(value);
                    break;
                case 0x1b8: // HLink, §2.4.140
                    Monikers.TargetsIn(value).ForEach(target => visit.AddLink(target));
                    break;
                case 0xfc: // SST, §2.4.265
                    _strings.Begin(value);
                    break;
                case 0x3c: // Continue
                    _strings.Continue(value);
                    break;
                case 0x0204 when value.Length > 8: // Label of older versions, §2.4.148
                    _strings.AddText(NameAt(value, 6, twoByteCount: true));
                    break;
                default:
                    break;
            }

            return true;
        }

        public void Finish()
        {
            ReportSource(isObject: false);
            _strings.Complete();
            _strings.Deliver();
            if (_hasMacroSheet)
            {
                visit.Found(ActiveContent.ExcelMacro | (_hasAutoName ? ActiveContent.MacroAutoExec : ActiveContent.None), "Excel 4 macro sheet");
            }
        }

        private void ReadSheet(byte[] value)
        {
            if (value.Length < 7 || value[5] != MacroSheet)
            {
                return;
            }

            _hasMacroSheet = true;
            var state = (value[4] & 3) switch { 0 => "", VeryHidden => " (very hidden)", _ => " (hidden)" };
            visit.Found(ActiveContent.ExcelMacro, $"macro sheet {NameAt(value, 6, twoByteCount: false)}{state}");
        }

        /// <summary>Built-in names are one character; written out they work as well, and so does what begins with them.</summary>
        private void ReadName(byte[] value)
        {
            if (value.Length < 16)
            {
                return;
            }

            var isBuiltIn = (value[0] & 0x20) != 0;
            var isWide = _isBiff8 && (value[14] & 1) != 0;
            var start = _isBiff8 ? 15 : 14;
            var length = Math.Min(value[3] * (isWide ? 2 : 1), value.Length - start);
            var name = isWide ? Encoding.Unicode.GetString(value, start, length) : Encoding.Latin1.GetString(value, start, length);
            var auto = isBuiltIn && name.Length > 0
                ? name[0] switch { '\u0001' => "Auto_Open", '\u0002' => "Auto_Close", '\u000a' => "Auto_Activate", '\u000b' => "Auto_Deactivate", _ => null }
                : name.StartsWith("auto_", StringComparison.OrdinalIgnoreCase) ? name : null;
            if (auto is not null)
            {
                _hasAutoName = true;
                visit.Found(ActiveContent.ExcelMacro | ActiveContent.MacroAutoExec, $"name {auto}{((value[0] & 1) != 0 ? " (hidden)" : "")}");
            }
        }

        private void ReadSource(byte[] value)
        {
            ReportSource(isObject: false);
            if (value.Length < 6)
            {
                return;
            }

            var chars = BinaryPrimitives.ReadUInt16LittleEndian(value.AsSpan(2));
            var path = chars is 0x401 or 0x3a01 ? "" : NameAt(value, 2, twoByteCount: true);
            if (path.Contains('\u0003', StringComparison.Ordinal))
            {
                _ddeSource = path;
            }
            else if (RemoteTargets.IsRemote(VirtualPath(path)))
            {
                visit.Found(ActiveContent.ExternalObject, VirtualPath(path));
            }
        }

        /// <summary>§2.5.277: service and topic of DDE, class and file of a link, parted by a control character.</summary>
        private void ReportSource(bool isObject)
        {
            if (_ddeSource.Length == 0)
            {
                return;
            }

            visit.Found(isObject ? ActiveContent.ExternalObject : ActiveContent.Dde, _ddeSource.Replace('\u0003', '|').TrimStart('\u0001'));
            _ddeSource = "";
        }

        private void ReadFormula(byte[] value)
        {
            const int HeadBytes = 22;
            if (value.Length <= HeadBytes || _formulas >= MaxFormulas)
            {
                return;
            }

            var length = Math.Min(BinaryPrimitives.ReadUInt16LittleEndian(value.AsSpan(20)), value.Length - HeadBytes);
            if (ExcelFormula.Describe(value.AsSpan(HeadBytes, length)) is { } text)
            {
                _formulas++;
                visit.Found(ActiveContent.ExcelMacro | ActiveContent.MacroSuspicious, text);
            }
        }

        private string NameAt(byte[] value, int position, bool twoByteCount)
        {
            int chars = twoByteCount && position + 2 <= value.Length ? BinaryPrimitives.ReadUInt16LittleEndian(value.AsSpan(position)) : value[position];
            position += twoByteCount ? 2 : 1;
            var isWide = _isBiff8 && position < value.Length && (value[position] & 1) != 0;
            position += _isBiff8 ? 1 : 0;
            var rest = position < value.Length ? value.AsSpan(position) : default;
            return isWide
                ? Encoding.Unicode.GetString(rest[..Math.Min(chars * 2, rest.Length & ~1)])
                : Charsets.OfUnknown(rest[..Math.Min(chars, rest.Length)]);
        }

        /// <summary>§2.5.277: 0x01 and a letter are a drive, 0x01 and @ a server, 0x03 parts folders, 0x05 begins a URL with its length.</summary>
        private static string VirtualPath(string path)
        {
            var text = path.TrimStart('\u0001');
            return text.StartsWith('@') ? string.Concat("\\\\", text.AsSpan(1)).Replace('\u0003', '\\') : text.StartsWith('\u0005') && text.Length > 2 ? text[2..] : text;
        }
    }
}
