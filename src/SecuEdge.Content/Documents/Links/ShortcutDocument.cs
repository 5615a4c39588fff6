using SecuEdge.Content.Containers;
using SecuEdge.Content.Files;

namespace SecuEdge.Content.Documents.Links;

/// <summary>Shortcuts of Windows: what they start, where they lead, and what is hung onto them.</summary>
internal sealed class ShortcutDocument : IDocument
{
    /// <summary>Shortcuts of a kilobyte grow to hundreds of megabytes only to be too large for scanners.</summary>
    private const int MaxBytes = 4 * 1024 * 1024;

    public IReadOnlyList<string> MediaTypes { get; } = [FileTypes.Shortcut];

    public void Read(IByteSource bytes, DocumentVisit visit)
    {
        var link = new ShellLink(bytes.Peek(0, MaxBytes));
        var command = $"{link.Targets.LastOrDefault()} {link.Arguments}".Trim();
        if (link.Targets.Exists(target => Commands.IsInterpreter(target, link.Arguments)) || Commands.AreTelling(link.Arguments))
        {
            visit.Found(ActiveContent.ShortcutCommand, command);
        }

        foreach (var path in link.Targets.Concat([link.Icon, link.WorkingFolder]).Where(Commands.IsRemote))
        {
            visit.Found(ActiveContent.RemotePath, path);
            visit.AddLink(path, link.Description);
        }

        visit.AddText(string.Join('\n', new[] { link.Description, command }.Where(line => line.Length > 0)));
        var (start, length) = link.Appended;
        if (length > 0)
        {
            visit.AddFile(new EntryDraft(), () => bytes.Slice(start, bytes.Length - start).OpenRead());
        }
    }
}
