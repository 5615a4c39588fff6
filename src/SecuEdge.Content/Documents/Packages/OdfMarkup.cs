using System.Text;

namespace SecuEdge.Content.Documents.Packages;

/// <summary>The XML of OpenDocument (ODF 1.3 part 3): elements wherever they stand, as in a package or flat.</summary>
internal sealed class OdfMarkup(DocumentVisit visit)
{
    private readonly DocumentText _text = new(visit);
    private readonly StringBuilder _label = new();
    private readonly StringBuilder _module = new();
    private string _link = "";
    private string _moduleName = "";
    private int _paragraphs;

    public void Read(IByteSource bytes)
    {
        _paragraphs = 0;
        using var markup = MarkupReader.Open(bytes);
        var count = 0;
        while (markup.Read() && (++count % 1024 != 0 || visit.Meter.HasTime()))
        {
            switch (markup.Node)
            {
                case MarkupNode.Start:
                    Start(markup);
                    break;
                case MarkupNode.End:
                    End(markup.Name);
                    break;
                default:
                    Characters(markup.Text);
                    break;
            }
        }

        End("module");
    }

    public void Deliver() => _text.Deliver();

    private void Start(MarkupReader markup)
    {
        var target = markup["href"];
        switch (markup.Name)
        {
            case "p" or "h":
                _paragraphs++;
                break;
            case "encryption-data":
                visit.Flag(AnatomyFlags.EncryptedArchive);
                break;
            case "module" or "source-code":
                _moduleName = markup["name"] is { Length: > 0 } name ? name : "module";
                break;
            case "event-listener":
                Listen(markup["event-name"], target.Length > 0 ? target : markup["macro-name"]);
                break;
            case "a":
                (_link, _) = (target, _label.Clear());
                ReportIf(RemoteTargets.IsDangerous(target) && !RemoteTargets.IsUnc(target), $"link {target}");
                break;
            case "image":
                visit.AddLink(target);
                ReportIf(RemoteTargets.IsDangerous(target), target);
                break;
            case "object" or "object-ole" or "plugin" or "applet" or "floating-frame" or "section-source" or "cell-range-source" or "table-source" or "font-face-uri" or "database-source":
                ReportIf(RemoteTargets.IsRemote(target), $"{markup.Name} {target}");
                Embed(markup, target);
                break;
            case "dde-source" or "dde-connection-decl":
                visit.Found(ActiveContent.Dde, $"{markup["dde-application"]}|{markup["dde-topic"]}");
                break;
            case "table-cell" when IsDde(markup["formula"]):
                visit.Found(ActiveContent.Dde, markup["formula"]);
                break;
            default:
                break;
        }
    }

    private void ReportIf(bool isReported, string evidence)
    {
        if (isReported)
        {
            visit.Found(ActiveContent.ExternalObject, evidence);
        }
    }

    /// <summary>An object of another program; charts and formulas are objects of the office itself.</summary>
    private void Embed(MarkupReader markup, string target)
    {
        if (markup.Name is "object-ole" or "plugin" && target.Length > 0 && !RemoteTargets.IsRemote(target))
        {
            visit.Found(ActiveContent.EmbeddedFile, target);
        }

        if (Guid.TryParse(markup["class-id"], out var id))
        {
            Ole.DangerousClasses.Judge(id, "object", visit);
        }
    }

    /// <summary>§10.3.19, §4.12: what runs when the document is loaded or shown needs no hand of the reader.</summary>
    private void Listen(string name, string target)
    {
        var isScript = target.StartsWith("vnd.sun.star.script:", StringComparison.OrdinalIgnoreCase) || target.StartsWith("macro:", StringComparison.OrdinalIgnoreCase)
            || target.StartsWith("script:", StringComparison.OrdinalIgnoreCase) || (target.Length > 0 && !RemoteTargets.IsRemote(target));
        if (isScript)
        {
            var isByItself = !name.Contains("click", StringComparison.OrdinalIgnoreCase) && !name.Contains("key", StringComparison.OrdinalIgnoreCase);
            visit.Found(ActiveContent.Macro | (isByItself ? ActiveContent.MacroAutoExec : ActiveContent.None), $"{name} {target}");
        }

        ReportIf(RemoteTargets.IsRemote(target) && !isScript, $"{name} {target}");
    }

    private static bool IsDde(string formula) =>
        FormulaText.DdeIn(formula) is not null || (formula.Contains("DDE(", StringComparison.OrdinalIgnoreCase) && formula.Contains(';', StringComparison.Ordinal));

    private void End(string name)
    {
        switch (name)
        {
            case "p" or "h":
                _paragraphs = Math.Max(0, _paragraphs - 1);
                _text.EndLine();
                break;
            case "a" when _link.Length > 0:
                visit.AddLink(_link, _label.ToString().Trim());
                _link = "";
                break;
            case "module" or "source-code" when _moduleName.Length > 0:
                visit.Found(ActiveContent.Macro, $"{_moduleName}: Basic");
                MacroSource.Judge(_moduleName, _module.ToString(), visit);
                _moduleName = "";
                _module.Clear();
                break;
            default:
                break;
        }
    }

    private void Characters(string text)
    {
        if (_moduleName.Length > 0)
        {
            _module.Append(_module.Length < 4 * 1024 * 1024 ? text : "");
        }
        else if (_paragraphs > 0)
        {
            _text.Add(text);
            _label.Append(_link.Length > 0 && _label.Length < 300 ? text : "");
        }
    }
}
