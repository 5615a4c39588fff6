using System.Buffers;
using System.Text;
using SecuEdge.Content.Containers;
using SecuEdge.Content.Files;
using SecuEdge.Content.Text;

namespace SecuEdge.Content.Documents.Html;

/// <summary>
/// HTML of bodies and files, SVG: text, links, and what the page does when a browser opens it. Read in process: managed, linear, nothing
/// compressed. No mail program runs scripts of a body, and newsletters carry forgotten ones (2 % of honest ones around 2001): there only
/// those count that hide something.
/// </summary>
internal sealed class HtmlDocument : IDocument
{
    /// <summary>Pages that carry a file are some megabytes; above this only the beginning is read, which is told.</summary>
    private const int MaxBytes = 24 * 1024 * 1024;

    /// <summary>All scripts of one page together are judged as one: pieces of a trick are spread over elements and handlers.</summary>
    private const int MaxScriptChars = 24 * 1024 * 1024;

    private static readonly SearchValues<byte> CharsetEnd = SearchValues.Create("\"' />;"u8);

    public IReadOnlyList<string> MediaTypes { get; } = [FileTypes.Html, FileTypes.Svg];

    public bool NeedsCage => false;

    public void Read(IByteSource bytes, DocumentVisit visit)
    {
        if (bytes.Length > MaxBytes)
        {
            visit.Flag(AnatomyFlags.OverBudget | AnatomyFlags.TextCut);
            visit.Meter.Note(AnatomyFlags.OverBudget, "A page too large to be read to its end.");
        }

        var content = bytes.Peek(0, MaxBytes).Span;
        var html = Charsets.Decode(content, visit.Charset ?? DeclaredIn(content));
        var page = HtmlReader.Read(html, visit.Part.DetectedType == FileTypes.Svg, visit.Meter.Budget.MaxTextChars);
        foreach (var (url, label) in page.Links)
        {
            visit.AddLink(url, label);
        }

        visit.AddPage(page);
        Tell(page, visit);
        ReadScripts(page, visit);
        AddDataFiles(page, visit);
    }

    /// <summary>WHATWG HTML §13.2.3.2: the declaration stands in the first 1,024 bytes.</summary>
    private static string? DeclaredIn(ReadOnlySpan<byte> content)
    {
        var head = content[..Math.Min(content.Length, 1_024)];
        var at = head.IndexOf("charset="u8);
        if (at < 0)
        {
            return null;
        }

        var rest = head[(at + 8)..].TrimStart("\"' "u8);
        var end = rest.IndexOfAny(CharsetEnd);
        var name = Encoding.ASCII.GetString(end < 0 ? rest : rest[..end]);

        // The declaration was read as bytes, so it cannot be one of two bytes a character.
        return name.StartsWith("utf-16", StringComparison.OrdinalIgnoreCase) ? null : name;
    }

    private static void Tell(HtmlPage page, DocumentVisit visit)
    {
        foreach (var source in page.ScriptSources)
        {
            visit.AddLink(source);
            if (visit.Part.Kind != PartKind.Body)
            {
                visit.Found(ActiveContent.Script, source);
            }
        }

        foreach (var target in page.Redirects)
        {
            visit.Found(ActiveContent.Redirect, target);
        }

        var form = page.Forms.Find(action => action.StartsWith("http", StringComparison.OrdinalIgnoreCase));
        if (page.HasPasswordField)
        {
            visit.Found(ActiveContent.PasswordForm, form ?? "");
        }
        else if (form is not null && page.HasTextField && visit.Part.Kind != PartKind.Body)
        {
            // A file that asks for something and sends it away. In bodies such forms are surveys and searches, and are links.
            visit.Found(ActiveContent.SubmitForm, form);
        }
    }

    private static void ReadScripts(HtmlPage page, DocumentVisit visit)
    {
        if (page.Scripts.Count == 0)
        {
            return;
        }

        var all = string.Join('\n', page.Scripts);
        var script = ScriptText.Read(all.Length <= MaxScriptChars ? all : all[..MaxScriptChars]);
        var payloads = new ScriptPayloads(visit.Meter);
        payloads.Search(script);
        var code = script.Code;
        var isSmuggling = ScriptFacts.IsSmuggling(code, script, payloads);
        var writesPasswordField = ScriptFacts.WritesPasswordField(code);
        if (visit.Part.Kind != PartKind.Body || isSmuggling || writesPasswordField || payloads.Found.Count > 0)
        {
            visit.Found(ActiveContent.Script, all.AsSpan(0, Math.Min(all.Length, 1_000)).Trim().ToString());
            if (ScriptFacts.RedirectOf(code) is { } target)
            {
                visit.Found(ActiveContent.Redirect, target);
            }
        }

        if (isSmuggling)
        {
            visit.Found(ActiveContent.Smuggling, ScriptFacts.FileNameOf(code) ?? "");
        }

        if (writesPasswordField)
        {
            visit.Found(ActiveContent.PasswordForm, "written by a script");
        }

        foreach (var url in payloads.Urls)
        {
            visit.AddLink(url);
        }

        AddPayloads(payloads, ScriptFacts.FileNameOf(code), visit);
    }

    private static void AddPayloads(ScriptPayloads payloads, string? name, DocumentVisit visit)
    {
        foreach (var payload in payloads.Found)
        {
            var isPage = payload.MediaType == FileTypes.Html;
            if (!visit.AddFile(new EntryDraft { Name = isPage ? null : name, IsExcerpt = isPage }, () => new MemoryStream(payload.Bytes)))
            {
                return;
            }
        }
    }

    /// <summary>RFC 2397. A link of that kind that saves a file is smuggling without any script.</summary>
    private static void AddDataFiles(HtmlPage page, DocumentVisit visit)
    {
        foreach (var (url, fileName) in page.DataFiles)
        {
            var comma = url.IndexOf(',', StringComparison.Ordinal);
            if (comma < 0 || !visit.Meter.TryTakeBytes(url.Length))
            {
                continue;
            }

            var isBase64 = url.AsSpan(0, comma).TrimEnd().EndsWith(";base64", StringComparison.OrdinalIgnoreCase);
            var body = Uri.UnescapeDataString(url.AsSpan(comma + 1));
            var bytes = isBase64 ? ScriptPayloads.FromBase64(body) : Encoding.UTF8.GetBytes(body);
            if (fileName.Length > 0)
            {
                visit.Found(ActiveContent.Smuggling, fileName.Trim());
            }

            if (bytes.Length > 0)
            {
                visit.AddFile(new EntryDraft { Name = fileName.Trim() is { Length: > 0 } name ? name : null }, () => new MemoryStream(bytes));
            }
        }
    }
}
