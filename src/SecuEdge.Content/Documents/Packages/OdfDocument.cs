namespace SecuEdge.Content.Documents.Packages;

/// <summary>OpenDocument packages (ODF 1.3 part 2): Basic and other scripts lie in folders of their own, encryption stands in the manifest.</summary>
internal sealed class OdfDocument : IDocument
{
    private static readonly string[] ScriptFolders = ["Scripts/python/", "Scripts/beanshell/", "Scripts/javascript/", "Scripts/java/"];

    public IReadOnlyList<string> MediaTypes => ["application/vnd.oasis.opendocument"];

    public void Read(IByteSource bytes, DocumentVisit visit)
    {
        var markup = new OdfMarkup(visit);
        foreach (var entry in visit.Entries.Where(entry => entry.Content is not null).ToList())
        {
            var path = (entry.RawFileName ?? "").Replace('\\', '/').TrimStart('/');
            if (Array.Exists(ScriptFolders, folder => path.StartsWith(folder, StringComparison.OrdinalIgnoreCase)))
            {
                visit.Found(ActiveContent.Macro, path);
                JudgeScript(entry.Content!, path, visit);
            }
            else if (MarkupReader.IsMarkup(entry.Content!))
            {
                markup.Read(entry.Content!);
            }
        }

        markup.Deliver();
    }

    private static void JudgeScript(IByteSource bytes, string path, DocumentVisit visit)
    {
        var text = Text.Charsets.OfUnknown(bytes.Peek(0, 1024 * 1024).Span);
        foreach (var mark in (ReadOnlySpan<string>)["subprocess", "os.system", "popen", "urllib", "exec(", "eval(", "Runtime", "ProcessBuilder", "socket"])
        {
            if (text.Contains(mark, StringComparison.Ordinal))
            {
                visit.Found(ActiveContent.Macro | ActiveContent.MacroSuspicious, $"{path}: {mark}");
            }
        }
    }
}
