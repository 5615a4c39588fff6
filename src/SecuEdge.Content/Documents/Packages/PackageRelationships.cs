namespace SecuEdge.Content.Documents.Packages;

/// <summary>
/// ISO 29500-2 §9.3: what the parts of a package point to. The kind of a relationship decides what opening the document does with it; kinds
/// are compared by their last word, which is the same in the transitional and the strict dialect.
/// </summary>
internal sealed class PackageRelationships(DocumentVisit visit)
{
    private readonly Dictionary<(string Part, string Id), string> _links = [];
    private readonly List<string> _targets = [];

    public bool HasMacros { get; private set; }

    /// <param name="path">Of the relationships part: <c>word/_rels/document.xml.rels</c> belongs to <c>word/document.xml</c>.</param>
    public void Read(MarkupReader markup, string path)
    {
        var type = markup["Type"];
        var kind = type[(type.LastIndexOf('/') + 1)..];
        var target = markup["Target"].Trim();
        if (markup["TargetMode"].Trim().Equals("External", StringComparison.OrdinalIgnoreCase))
        {
            ReadExternal(kind, target, path, markup["Id"]);
        }
        else
        {
            ReadInternal(kind, target, path);
        }
    }

    /// <summary>The target of a hyperlink of a part; empty when there is none.</summary>
    public string LinkOf(string part, string id) => _links.GetValueOrDefault((part, id), "");

    /// <summary>Links that no text of the document named.</summary>
    public void DeliverLinks() => _targets.ForEach(target => visit.AddLink(target));

    private void ReadExternal(string kind, string target, string path, string id)
    {
        switch (kind.ToUpperInvariant())
        {
            case "HYPERLINK":
                _links.TryAdd((PartOf(path), id), target);
                _targets.Add(target);
                if (RemoteTargets.IsDangerous(target) && !RemoteTargets.IsUnc(target))
                {
                    visit.Found(ActiveContent.ExternalObject, $"link {target}");
                }

                break;
            case "ATTACHEDTEMPLATE" or "SUBDOCUMENT" or "FRAME" when RemoteTargets.IsRemote(target):
                visit.Found(ActiveContent.ExternalTemplate, $"{kind} {target}");
                break;
            case "IMAGE" or "VIDEO" or "AUDIO" or "MEDIA":
                // A picture fetched by http is what half of the letterheads have; it can only be a picture.
                visit.AddLink(target);
                ReportIf(RemoteTargets.IsDangerous(target), kind, target);
                break;
            case "OLEOBJECT" or "PACKAGE" or "AFCHUNK" or "CONTROL":
                ReportIf(true, kind, target);
                break;
            default:
                ReportIf(RemoteTargets.IsRemote(target), kind, target);
                break;
        }
    }

    private void ReportIf(bool isReported, string kind, string target)
    {
        if (isReported)
        {
            visit.Found(ActiveContent.ExternalObject, $"{kind} {target}");
        }
    }

    private void ReadInternal(string kind, string target, string path)
    {
        switch (kind.ToUpperInvariant())
        {
            case "VBAPROJECT" or "WORDVBADATA":
                HasMacros = true;
                visit.Found(ActiveContent.Macro, $"{kind} {target}");
                break;
            case "XLMACROSHEET" or "XLINTLMACROSHEET":
                HasMacros = true;
                visit.Found(ActiveContent.ExcelMacro, $"macro sheet {target}");
                break;
            case "OLEOBJECT":
                visit.Found(ActiveContent.EmbeddedFile, target);
                break;
            case "PACKAGE" when !path.Contains("chart", StringComparison.OrdinalIgnoreCase):
                // The workbook behind a chart is the chart's data, not a file that somebody put there.
                visit.Found(ActiveContent.EmbeddedFile, target);
                break;
            case "CONTROL":
                visit.Found(ActiveContent.Control, target);
                break;
            default:
                break;
        }
    }

    private static string PartOf(string path)
    {
        var folder = path.LastIndexOf("_rels/", StringComparison.OrdinalIgnoreCase);
        return folder < 0 || !path.EndsWith(".rels", StringComparison.OrdinalIgnoreCase) ? path : string.Concat(path.AsSpan(0, folder), path.AsSpan(folder + 6, path.Length - folder - 11));
    }
}
