using System.Text;
using SecuEdge.Content.Files;

namespace SecuEdge.Content.Documents.Pdf;

/// <summary>A file inside: where its bytes stand.</summary>
internal sealed record PdfAttachment(string? Name, PdfStream Stream);

/// <summary>
/// What the file does (ISO 32000-1 §12.6), found in every dictionary of every object, whether or not the document still leads there:
/// what one reader cannot reach another one repairs.
/// </summary>
internal sealed class PdfActions(PdfFile file, DocumentVisit visit)
{
    /// <summary>A script of an honest form is some kilobytes.</summary>
    private const int MaxScriptBytes = 4 * 1024 * 1024;

    private const int MaxScripts = 200;

    /// <summary>Actions that only turn pages or play with what is there already (§12.6.4.1).</summary>
    private static readonly string[] Harmless = ["GoTo", "Named", "Thread", "Hide", "SetOCGState", "Trans", "GoTo3DView"];

    /// <summary>Triggers of additional actions that need nobody to touch a field (§12.6.3).</summary>
    private static readonly string[] Automatic = ["O", "C", "PO", "PC", "PV", "PI", "WC", "WS", "DS", "WP", "DP"];

    private static readonly string[] FileKeys = ["UF", "F", "Unix", "DOS", "Mac"];

    private readonly HashSet<PdfStream> _seen = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<PdfStream> _seenScripts = new(ReferenceEqualityComparer.Instance);

    public List<byte[]> Scripts { get; } = [];

    public List<PdfAttachment> Files { get; } = [];

    public void Find()
    {
        foreach (var value in file.Objects.SelectMany(found => PdfWalk.Values(found.Value)).OfType<PdfDictionary>())
        {
            if (!visit.Meter.HasTime())
            {
                return;
            }

            FindAction(value);
            FindTriggers(value);
            FindFiles(value);
            FindForm(value);
        }

        foreach (var stream in file.Objects.Select(found => found.Value).OfType<PdfStream>())
        {
            if (stream.Dictionary.IsName("Type", "EmbeddedFile") || stream.Dictionary.IsName("Type", "EmbeddedFiles"))
            {
                AddFile(name: null, stream);
            }
        }
    }

    private void FindAction(PdfDictionary dictionary)
    {
        var kind = (file.Resolve(dictionary["S"]) as PdfName)?.Value;
        if (dictionary.Has("JS") || kind == "JavaScript")
        {
            AddScript(file.Resolve(dictionary["JS"]));
        }

        switch (kind)
        {
            case "Launch":
                visit.Found(ActiveContent.Launch, CommandOf(dictionary));
                FindRemote(dictionary);
                break;
            case "GoToR" or "GoToE":
                FindOther(kind, dictionary);
                break;
            case "SubmitForm" or "ImportData":
                visit.Found(ActiveContent.SubmitForm, PathOf(dictionary["F"]));
                visit.AddLink(PathOf(dictionary["F"]), "form");
                break;
            default:
                break;
        }

        if (file.Resolve(dictionary["URI"]) is PdfText link && !file.IsLocked)
        {
            visit.AddLink(link.ToString());
        }
        else if (file.Resolve(dictionary["A"]) is PdfDictionary action && file.Resolve(action["URI"]) is PdfText target && !file.IsLocked)
        {
            visit.AddLink(target.ToString(), TextOf(dictionary["Contents"]));
        }
    }

    private void FindTriggers(PdfDictionary dictionary)
    {
        FindTrigger(dictionary["OpenAction"]);
        if (file.Resolve(dictionary["AA"]) is not PdfDictionary additional)
        {
            return;
        }

        // C of a field is "calculate": a script, which is told as such, but not one that opening the file runs.
        var isField = dictionary.Has("FT") || dictionary.Has("Parent") && dictionary.Has("T");
        foreach (var (trigger, action) in additional.Entries)
        {
            if (Array.IndexOf(Automatic, trigger) >= 0 && !(isField && trigger == "C"))
            {
                FindTrigger(action);
            }
        }
    }

    private void FindTrigger(object? value)
    {
        if (file.Resolve(value) is not PdfDictionary action)
        {
            return;
        }

        var kind = (file.Resolve(action["S"]) as PdfName)?.Value ?? "";
        if (Array.IndexOf(Harmless, kind) < 0 || file.Resolve(action["Next"]) is not null)
        {
            visit.Found(ActiveContent.OpenAction, kind);
        }
    }

    private void FindFiles(PdfDictionary dictionary)
    {
        if (file.Resolve(dictionary["EF"]) is PdfDictionary streams)
        {
            var name = FileKeys.Select(key => TextOf(dictionary[key])).FirstOrDefault(text => text.Length > 0);
            foreach (var (_, value) in streams.Entries)
            {
                if (file.Resolve(value) is PdfStream stream)
                {
                    AddFile(name, stream);
                }
            }
        }

        if (file.Resolve(dictionary["Subtype"]) is PdfName { Value: "RichMedia" or "3D" or "Movie" or "Flash" } kind)
        {
            visit.Found(ActiveContent.EmbeddedFile, kind.Value);
        }
    }

    /// <summary>Forms of the XML kind carry their scripts in XML (§12.7.8).</summary>
    private void FindForm(PdfDictionary dictionary)
    {
        var streams = file.Resolve(dictionary["XFA"]) switch
        {
            PdfStream single => [single],
            List<object?> list => [.. list.Take(100).Select(file.Resolve).OfType<PdfStream>()],
            _ => Array.Empty<PdfStream>(),
        };
        foreach (var stream in streams)
        {
            var xml = _seenScripts.Add(stream) ? file.Decode(stream, MaxScriptBytes) : default;
            if (xml.Span.IndexOf("<script"u8) >= 0)
            {
                visit.Found(ActiveContent.JavaScript, "XFA");
                Keep(xml.ToArray());
            }
        }
    }

    private void AddScript(object? value)
    {
        var script = value switch
        {
            PdfText text when !file.IsLocked => text.ToString(),
            PdfStream stream when _seenScripts.Add(stream) => PdfText.Decode(file.Decode(stream, MaxScriptBytes).Span),
            _ => "",
        };
        visit.Found(ActiveContent.JavaScript, script.AsSpan().Trim().ToString());
        if (script.Length > 0)
        {
            Keep(Encoding.UTF8.GetBytes(script));
        }
    }

    private void Keep(byte[] script)
    {
        if (Scripts.Count < MaxScripts)
        {
            Scripts.Add(script);
        }
        else
        {
            visit.Flag(AnatomyFlags.OverBudget);
        }
    }

    private void AddFile(string? name, PdfStream stream)
    {
        if (_seen.Add(stream) && stream.Start >= 0)
        {
            visit.Found(ActiveContent.EmbeddedFile, name ?? "");
            Files.Add(new PdfAttachment(name, stream));
        }
    }

    /// <summary>§12.6.4.3: a page of another PDF. Manuals of several files are full of them; programs and other computers are none.</summary>
    private void FindOther(string kind, PdfDictionary dictionary)
    {
        var path = PathOf(dictionary["F"]);
        if (RemoteTargets.IsUnc(path))
        {
            visit.Found(ActiveContent.Launch | ActiveContent.ExternalObject, $"{kind} {path}");
            FindRemote(dictionary);
        }
        else if (FileTypes.IsExecutableExtension(FileNames.ExtensionOf(path)))
        {
            visit.Found(ActiveContent.Launch, $"{kind} {path}");
        }
    }

    private void FindRemote(PdfDictionary dictionary)
    {
        var path = PathOf(dictionary["F"]);
        path = path.Length > 0 ? path : PathOf((file.Resolve(dictionary["Win"]) as PdfDictionary)?["F"]);
        if (RemoteTargets.IsUnc(path))
        {
            visit.Found(ActiveContent.RemotePath, path);
            visit.AddLink(path);
        }
    }

    /// <summary>Platforms have parameters of their own (table 203: Win with F, P, O).</summary>
    private string CommandOf(PdfDictionary action)
    {
        var command = new StringBuilder(PathOf(action["F"]));
        foreach (var platform in (ReadOnlySpan<string>)["Win", "Unix", "Mac"])
        {
            if (file.Resolve(action[platform]) is PdfDictionary parameters)
            {
                command.Append(' ').Append(PathOf(parameters["F"])).Append(' ').Append(TextOf(parameters["P"]));
            }
        }

        return command.ToString().Trim();
    }

    /// <summary>A file specification is a string or a dictionary with one (§7.11).</summary>
    private string PathOf(object? value) => file.Resolve(value) is PdfDictionary specification
        ? FileKeys.Select(key => TextOf(specification[key])).FirstOrDefault(text => text.Length > 0) ?? ""
        : TextOf(value);

    private string TextOf(object? value) => file.Resolve(value) is PdfText text && !file.IsLocked ? text.ToString() : "";
}
