using System.Text;
using SecuEdge.Content.Documents.Ole;

namespace SecuEdge.Content.Documents.Rtf;

/// <summary>
/// RTF 1.9.1: objects (<see cref="RtfObjectData"/>), a template of another host, fields, text.
/// </summary>
internal sealed class RtfDocument : IDocument
{
    public IReadOnlyList<string> MediaTypes => ["application/rtf"];

    public void Read(IByteSource bytes, DocumentVisit visit)
    {
        using var tokens = new RtfReader(bytes.OpenRead());
        var reading = new Reading(visit);
        for (var count = 1; tokens.Read(); count++)
        {
            if (count % 4096 == 0 && !visit.Meter.HasTime())
            {
                break;
            }

            reading.Take(tokens);
        }

        reading.Finish();
    }

    /// <summary>What the text of a group is for.</summary>
    private enum Destination
    {
        Text,
        Nothing,
        ObjectData,
        ObjectClass,
        ClassId,
        Template,
        Instruction,
        FontTable,
        ShapeName,
        ShapeValue,
    }

    private readonly record struct Group(Destination Destination, bool IsField, int SkippedAfterUnicode);

    private sealed class Reading(DocumentVisit visit)
    {
        private const int MaxDepth = 10_000;
        private const int MaxNoteChars = 4096;

        /// <summary>CVE-2023-21716: Word counts fonts in 16 bits; nobody has a thousandth of that.</summary>
        private const int MaxFonts = 20_000;

        /// <summary>CVE-2010-3333: the value of this property is copied to the stack; honest ones have a dozen characters.</summary>
        private const int MaxFragmentsChars = 300;

        private static readonly HashSet<string> Skipped = new(StringComparer.Ordinal)
        {
            "colortbl", "stylesheet", "info", "pict", "generator", "listtable", "listoverridetable", "rsidtbl", "themedata", "colorschememapping", "datastore", "latentstyles",
            "xmlnstbl", "filetbl", "revtbl", "mmathpr", "wgrffmtfilter", "blipuid", "pgptbl", "bkmkstart", "bkmkend", "objname", "nonshppict",
        };

        private readonly Stack<Group> _groups = new();
        private readonly DocumentText _text = new(visit);
        private readonly FieldCode _fields = new(visit);
        private readonly StringBuilder _note = new();
        private readonly List<byte> _pending = [];
        private readonly RtfObjectData _object = new(visit);
        private Group _group = new(Destination.Text, IsField: false, SkippedAfterUnicode: 1);
        private Encoding _encoding = Encoding.GetEncoding(1252);
        private int _skip;
        private int _fonts;
        private bool _isStarred;
        private bool _isFragments;

        private bool IsObjectData => _group.Destination == Destination.ObjectData;

        public void Take(RtfReader tokens)
        {
            switch (tokens.Token)
            {
                case RtfToken.GroupStart:
                    Flush();
                    Open();
                    break;
                case RtfToken.GroupEnd:
                    Flush();
                    Close();
                    break;
                case RtfToken.Word:
                    Flush();
                    Word(tokens.Word, tokens.Number);
                    break;
                case RtfToken.Symbol:
                    Symbol(tokens.Value);
                    break;
                case RtfToken.Binary when _object.IsOpen:
                    _object.AddRaw(tokens.Binary, IsObjectData);
                    break;
                case RtfToken.HexByte:
                    _object.DropHalf();
                    AddByte(tokens.Value, isHex: true);
                    break;
                case RtfToken.Byte:
                    AddByte(tokens.Value, isHex: false);
                    break;
                default:
                    break;
            }
        }

        public void Finish()
        {
            Flush();
            while (_groups.Count > 0)
            {
                Close();
            }

            _fields.Finish();
            _text.Deliver();
        }

        private void Open()
        {
            // RTF 1.9.1, "Unicode RTF": a group delimiter ends what is skipped; the digits of an object would be shifted by one otherwise.
            _skip = 0;
            // A reader that overflows its stack has stopped long before.
            if (_groups.Count < MaxDepth)
            {
                _groups.Push(_group);
                _group = _group with { IsField = false };
            }
            else
            {
                visit.Flag(AnatomyFlags.OverBudget);
                visit.Meter.Note(AnatomyFlags.OverBudget, "RTF groups nested deeper than any reader follows.");
            }

            _isStarred = false;
        }

        private void Close()
        {
            _skip = 0;
            var closed = _group;
            _object.Close(_groups.Count);
            _group = _groups.TryPop(out var outer) ? outer : _group;
            if (closed.Destination != _group.Destination)
            {
                EndNote(closed.Destination);
            }

            if (closed.IsField)
            {
                _fields.End();
            }
        }

        private void Word(string word, int? number)
        {
            switch (word)
            {
                case "objdata":
                    Enter(Destination.ObjectData);
                    _object.Open(_groups.Count);
                    break;
                case "objclass":
                    Enter(Destination.ObjectClass);
                    break;
                case "oleclsid":
                    Enter(Destination.ClassId);
                    break;
                case "template":
                    Enter(Destination.Template);
                    break;
                case "fonttbl":
                    Enter(Destination.FontTable);
                    break;
                case "sn":
                    Enter(Destination.ShapeName);
                    break;
                case "sv":
                    Enter(Destination.ShapeValue);
                    break;
                case "objocx":
                    visit.Found(ActiveContent.Control, "objocx");
                    break;
                case "field":
                    _group = _group with { IsField = true };
                    _fields.Begin();
                    break;
                case "fldinst":
                    Enter(Destination.Instruction);
                    break;
                case "fldrslt":
                    Enter(Destination.Text);
                    _fields.Separate();
                    break;
                case "f" when _group.Destination == Destination.FontTable && ++_fonts == MaxFonts:
                    visit.Found(ActiveContent.Exploit, "font table of more than 20,000 fonts");
                    break;
                case "ansicpg" when number is > 0 and < 65536:
                    _encoding = EncodingOf(number.Value);
                    break;
                default:
                    Character(word, number);
                    break;
            }

            _isStarred = false;
        }

        private void Character(string word, int? number)
        {
            switch (word)
            {
                case "u" when number is { } code:
                    AddText(((char)code).ToString());
                    _skip = _group.SkippedAfterUnicode;
                    break;
                case "uc":
                    _group = _group with { SkippedAfterUnicode = Math.Clamp(number ?? 1, 0, 10) };
                    break;
                case "par" or "line" or "row" or "page" or "sect":
                    AddText("\n");
                    break;
                case "tab" or "cell":
                    AddText(" ");
                    break;
                case "emdash" or "endash":
                    AddText("-");
                    break;
                default:
                    // A destination that a reader does not know is to be ignored; inside object data it ends nothing.
                    if (_isStarred || Skipped.Contains(word))
                    {
                        _group = _group with { Destination = Destination.Nothing };
                    }

                    break;
            }
        }

        private void Symbol(byte symbol)
        {
            if (symbol == '*')
            {
                _isStarred = true;
                return;
            }

            if (symbol is (byte)'\\' or (byte)'{' or (byte)'}')
            {
                AddByte(symbol, isHex: true);
            }
            else if (symbol == '~')
            {
                AddText(" ");
            }
        }

        private void Enter(Destination destination)
        {
            _note.Clear();
            _group = _group with { Destination = destination };
        }

        private void AddByte(byte value, bool isHex)
        {
            if (_skip > 0)
            {
                _skip--;
                return;
            }

            if (_object.IsOpen)
            {
                if (!isHex)
                {
                    _object.AddDigit(value, IsObjectData);
                }
            }
            else if (_group.Destination is not (Destination.Nothing or Destination.FontTable))
            {
                _pending.Add(value);
            }
        }

        private void Flush()
        {
            if (_pending.Count > 0)
            {
                AddText(_encoding.GetString(_pending.ToArray()));
                _pending.Clear();
            }
        }

        private void AddText(string text)
        {
            switch (_group.Destination)
            {
                case Destination.Text:
                    _fields.Add(text);
                    if (!_fields.IsInInstruction)
                    {
                        _text.Add(text);
                    }

                    break;
                case Destination.Instruction:
                    _fields.Add(text);
                    break;
                case Destination.Nothing or Destination.ObjectData or Destination.FontTable:
                    break;
                default:
                    _note.Append(_note.Length < MaxNoteChars ? text : "");
                    break;
            }
        }

        private void EndNote(Destination destination)
        {
            var note = _note.ToString().Trim();
            switch (destination)
            {
                case Destination.ObjectClass:
                    DangerousClasses.JudgeInRtf(note, visit);
                    break;
                case Destination.ClassId when Guid.TryParse(note, out var formula) && EquationObject.Has(formula):
                    visit.Found(ActiveContent.Exploit, EquationObject.Name);
                    break;
                case Destination.ClassId when Guid.TryParse(note, out var id):
                    DangerousClasses.Judge(id, "object", visit);
                    break;
                case Destination.Template when RemoteTargets.IsRemote(note):
                    visit.Found(ActiveContent.ExternalTemplate, note);
                    break;
                case Destination.ShapeName:
                    _isFragments = note.Equals("pFragments", StringComparison.OrdinalIgnoreCase);
                    break;
                case Destination.ShapeValue when _isFragments && note.Length > MaxFragmentsChars:
                    visit.Found(ActiveContent.Exploit, "overlong pFragments");
                    break;
                default:
                    break;
            }

            _note.Clear();
        }

        private static Encoding EncodingOf(int codePage)
        {
            try
            {
                return Encoding.GetEncoding(codePage);
            }
            catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
            {
                return Encoding.GetEncoding(1252);
            }
        }
    }
}
