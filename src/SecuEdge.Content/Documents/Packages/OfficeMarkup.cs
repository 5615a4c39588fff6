using System.Text;

namespace SecuEdge.Content.Documents.Packages;

/// <summary>
/// The XML of Word, Excel and PowerPoint, in packages and flat (2003 and <c>pkg:package</c>). Elements are taken by their names wherever
/// they stand, so that it does not matter how a part is called or which one claims it.
/// </summary>
internal sealed class OfficeMarkup(DocumentVisit visit, PackageRelationships relationships)
{
    private const int MaxFormulaChars = 2000;

    private readonly DocumentText _text = new(visit);
    private readonly FieldCode _fields = new(visit);
    private readonly StringBuilder _label = new();
    private readonly StringBuilder _formula = new();
    private string _link = "";
    private string _inside = "";
    private bool _isMacroSheet;

    public bool HasMacros { get; private set; }

    public void Read(IByteSource bytes, string path)
    {
        (_isMacroSheet, _inside, _link) = (false, "", "");
        using var markup = MarkupReader.Open(bytes);
        var count = 0;
        while (markup.Read() && (++count % 1024 != 0 || visit.Meter.HasTime()))
        {
            switch (markup.Node)
            {
                case MarkupNode.Start:
                    Start(markup, path);
                    break;
                case MarkupNode.End:
                    End(markup.Name);
                    break;
                default:
                    Characters(markup.Text);
                    break;
            }
        }

        _fields.Finish();
        _text.EndLine();
    }

    public void Deliver() => _text.Deliver();

    private void Start(MarkupReader markup, string path)
    {
        switch (markup.Name)
        {
            case "t" or "instrText" or "delInstrText" or "f" or "Path" or "Data":
                _inside = markup.Name;
                break;
            case "fldChar":
                Field(markup["fldCharType"]);
                break;
            case "fldSimple":
                FieldCode.Judge(markup["instr"], visit);
                break;
            case "hyperlink" or "hlinkClick" or "hlinkMouseOver" or "hlinkHover":
                StartLink(markup, path);
                break;
            case "tab" or "br" or "tc":
                _text.Add(" ");
                break;
            case "Relationship":
                relationships.Read(markup, path);
                break;
            case "Override" or "Default" or "part":
                ContentType(markup["ContentType"], markup["PartName"] + markup["name"]);
                break;
            default:
                Active(markup);
                break;
        }
    }

    private void Active(MarkupReader markup)
    {
        switch (markup.Name)
        {
            case "ocx" or "control":
                visit.Found(ActiveContent.Control, $"{markup["name"]} {markup["classid"]}".Trim());
                JudgeClass(markup["classid"]);
                break;
            case "OLEObject" or "oleObject" or "oleObj" or "object":
                Ole.DangerousClasses.Judge(markup["ProgID"], visit);
                JudgeClass(markup["classid"]);
                break;
            case "ddeLink":
                visit.Found(ActiveContent.Dde, $"{markup["ddeService"]}|{markup["ddeTopic"]}");
                break;
            case "definedName" when IsAutoName(markup["name"]):
                visit.Found(ActiveContent.ExcelMacro | ActiveContent.MacroAutoExec, $"name {markup["name"]}");
                break;
            case "macrosheet":
                _isMacroSheet = true;
                HasMacros = true;
                visit.Found(ActiveContent.ExcelMacro);
                break;
            case "webPr" when RemoteTargets.IsRemote(markup["url"]):
                visit.Found(ActiveContent.ExternalObject, $"web query {markup["url"]}");
                break;
            case "customUI" when markup["onLoad"].Length > 0:
                visit.Found(ActiveContent.Macro | ActiveContent.MacroAutoExec, $"customUI onLoad {markup["onLoad"]}");
                break;
            case "Cell" when markup["Formula"].Length > 0:
                Formula(markup["Formula"]);
                break;
            default:
                FlatWord(markup);
                break;
        }
    }

    /// <summary>Word 2003 keeps its macros as an ActiveMime blob, and its template in an attribute.</summary>
    private void FlatWord(MarkupReader markup)
    {
        if ((markup.Name == "binData" && markup["name"].EndsWith("editdata.mso", StringComparison.OrdinalIgnoreCase))
            || (markup.Name == "wordDocument" && markup["macrosPresent"].Equals("yes", StringComparison.OrdinalIgnoreCase)))
        {
            HasMacros = true;
            visit.Found(ActiveContent.Macro, markup.Name);
        }
        else if (markup.Name == "attachedTemplate" && RemoteTargets.IsRemote(markup["val"]))
        {
            visit.Found(ActiveContent.ExternalTemplate, markup["val"]);
        }
        else if (markup.Name == "docOleData")
        {
            visit.Found(ActiveContent.EmbeddedFile, markup.Name);
        }
    }

    private void End(string name)
    {
        if (name is "p" or "si" or "row" or "Row" or "is")
        {
            _text.EndLine();
            _fields.Add("\n");
        }
        else if (name is "hyperlink" or "r" && _link.Length > 0 && _label.Length > 0)
        {
            EndLink(isWhole: name == "hyperlink");
        }
        else if (name == "f" && _inside == "f")
        {
            Formula(_formula.ToString());
            _formula.Clear();
        }

        _inside = "";
    }

    private void Characters(string text)
    {
        switch (_inside)
        {
            case "instrText" or "delInstrText":
                Instruction(text);
                break;
            case "t" or "Data":
                _fields.Add(text);
                if (!_fields.IsInInstruction)
                {
                    _text.Add(text);
                    _label.Append(_link.Length > 0 && _label.Length < 300 ? text : "");
                }

                break;
            case "f" when _formula.Length < MaxFormulaChars:
                _formula.Append(text);
                break;
            case "Path" when text.Contains('|', StringComparison.Ordinal):
                visit.Found(ActiveContent.Dde, text);
                break;
            default:
                break;
        }
    }

    /// <summary>An instruction outside a field is one whose beginning was taken away to hide it.</summary>
    private void Instruction(string text)
    {
        if (!_fields.IsInInstruction)
        {
            _fields.Begin();
        }

        _fields.Add(text);
    }

    private void Field(string kind)
    {
        switch (kind)
        {
            case "begin":
                _fields.Begin();
                break;
            case "separate":
                _fields.Separate();
                break;
            case "end":
                _fields.End();
                break;
            default:
                break;
        }
    }

    private void StartLink(MarkupReader markup, string path)
    {
        _link = relationships.LinkOf(path, markup["id"]);
        _label.Clear();
        if (markup["display"] is { Length: > 0 } display)
        {
            visit.AddLink(_link, display);
        }

        var action = markup["action"];
        if (action.StartsWith("ppaction://program", StringComparison.OrdinalIgnoreCase)
            || (markup.Name is "hlinkMouseOver" or "hlinkHover" && action.StartsWith("ppaction://hlinkfile", StringComparison.OrdinalIgnoreCase)))
        {
            visit.Found(ActiveContent.Launch, $"{action} {_link}".Trim());
        }
    }

    /// <summary>In Word the link is around its runs, on slides it is a property of one.</summary>
    private void EndLink(bool isWhole)
    {
        if (isWhole || _link.Length > 0)
        {
            visit.AddLink(_link, _label.ToString().Trim());
        }

        if (isWhole)
        {
            _link = "";
            _label.Clear();
        }
    }

    private void ContentType(string type, string part)
    {
        if (type.Contains("vbaProject", StringComparison.OrdinalIgnoreCase) && part.Contains("vba", StringComparison.OrdinalIgnoreCase))
        {
            HasMacros = true;
            visit.Found(ActiveContent.Macro, part);
        }
        else if (type.Contains("macrosheet", StringComparison.OrdinalIgnoreCase))
        {
            HasMacros = true;
            visit.Found(ActiveContent.ExcelMacro, part);
        }
    }

    private void Formula(string formula)
    {
        if (FormulaText.DdeIn(formula) is { } dde)
        {
            visit.Found(ActiveContent.Dde, dde);
        }

        if (_isMacroSheet && FormulaText.IsSuspicious(formula))
        {
            visit.Found(ActiveContent.ExcelMacro | ActiveContent.MacroSuspicious, formula);
        }
    }

    private void JudgeClass(string classId)
    {
        var text = classId.StartsWith("clsid:", StringComparison.OrdinalIgnoreCase) ? classId[6..] : classId;
        if (Guid.TryParse(text, out var id))
        {
            Ole.DangerousClasses.Judge(id, "object", visit);
        }
    }

    private static bool IsAutoName(string name)
    {
        var plain = name.StartsWith("_xlnm.", StringComparison.OrdinalIgnoreCase) ? name.AsSpan(6) : name;
        return plain.StartsWith("Auto_Open", StringComparison.OrdinalIgnoreCase) || plain.StartsWith("Auto_Close", StringComparison.OrdinalIgnoreCase)
            || plain.StartsWith("Auto_Activate", StringComparison.OrdinalIgnoreCase) || plain.StartsWith("Auto_Deactivate", StringComparison.OrdinalIgnoreCase);
    }
}
