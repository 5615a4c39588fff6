using System.Globalization;
using SecuEdge.Store.Files;

namespace SecuEdge.Store.Audit;

/// <summary>
/// Finds the end of the chain at start. A line that a crash tore is moved into a note beside the files, complete lines are never touched.
/// Whether the end is where the anchor says is looked at here, because later the anchor moves on.
/// </summary>
internal sealed class AuditOpening
{
    // The anchor is written after each batch: after a crash it is behind by one batch at most.
    private const int MaxAnchorLag = 2 * AuditLog.MaxBatch;

    private readonly IFileSystem _files;
    private readonly AuditFolder _folder;
    private readonly List<string> _notes = [];

    private AuditOpening(IFileSystem files, AuditFolder folder)
    {
        _files = files;
        _folder = folder;
    }

    /// <summary>0 when there is no file yet.</summary>
    public int Month { get; private set; }

    public AuditHead Head { get; private set; } = AuditHead.None;

    public IReadOnlyList<string> Notes => _notes;

    /// <summary>What does not fit together; goes into the log itself as an entry. Empty when all is well.</summary>
    public string Break { get; private set; } = "";

    public static AuditOpening Run(IFileSystem files, AuditFolder folder, DateTimeOffset now)
    {
        folder.Prepare();
        var opening = new AuditOpening(files, folder);
        var months = folder.Months();
        if (months.Count > 0)
        {
            opening.Month = months[^1];
            opening.CutTornLine(folder.PathOf(opening.Month), now);
        }

        opening.FindHead(months);
        opening.CompareWithAnchor(months);
        return opening;
    }

    private void CutTornLine(string path, DateTimeOffset now)
    {
        using var file = _files.Open(path);
        var length = file.Length;
        var end = length;
        var buffer = new byte[64 * 1024];
        while (end > 0)
        {
            var from = Math.Max(0, end - buffer.Length);
            var count = file.Read(buffer.AsSpan(0, (int)(end - from)), from);
            var at = buffer.AsSpan(0, count).LastIndexOf((byte)'\n');
            if (at >= 0)
            {
                end = from + at + 1;
                break;
            }

            end = from;
        }

        if (end == length)
        {
            return;
        }

        var torn = new byte[Math.Min(length - end, 1 << 20)];
        file.Read(torn, end);
        var note = Path.Combine(_folder.Root, $"torn-{now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'.'fff", CultureInfo.InvariantCulture)}.txt");
        DurableFile.Write(_files, note, torn);
        file.Truncate(end);
        file.Sync();
        _notes.Add($"Audit log: a crash left {length - end} bytes of an unfinished entry at the end of {Path.GetFileName(path)}; they were moved to {Path.GetFileName(note)}. Nobody was told that it was written.");
    }

    private void FindHead(IReadOnlyList<int> months)
    {
        for (var i = months.Count - 1; i >= 0; i--)
        {
            var path = _folder.PathOf(months[i]);
            foreach (var line in AuditLines.Backward(path, new FileInfo(path).Length))
            {
                if (AuditLine.Read(line.Bytes) is { } entry)
                {
                    Head = new AuditHead(entry.Number, entry.Hash);
                    return;
                }

                Break = $"the last line of {Path.GetFileName(path)} is no entry";
            }
        }
    }

    private void CompareWithAnchor(IReadOnlyList<int> months)
    {
        if (AuditAnchor.Read(_folder.AnchorPath) is not { } anchor)
        {
            if (Head.Number > 0)
            {
                Break = "the anchor of the audit log is missing: whether entries were cut off the end cannot be seen";
            }

            return;
        }

        if (anchor.Number > Head.Number)
        {
            Break = $"the anchor knows entry {anchor}, but the log ends with {Head}: entries were cut off";
            // Numbers go on behind what was there, so that the gap stays visible.
            Head = anchor;
            return;
        }

        if (HashOf(anchor.Number, months) is { } hash && hash != anchor.Hash)
        {
            Break = $"the anchor knows entry {anchor}, but the log has {anchor.Number}:{hash}: entries were replaced";
        }
    }

    private string? HashOf(long number, IReadOnlyList<int> months)
    {
        var lag = 0;
        for (var i = months.Count - 1; i >= 0; i--)
        {
            var path = _folder.PathOf(months[i]);
            foreach (var line in AuditLines.Backward(path, new FileInfo(path).Length))
            {
                if (AuditLine.Read(line.Bytes) is { } entry && entry.Number <= number)
                {
                    return entry.Number == number ? entry.Hash : null;
                }

                if (++lag > MaxAnchorLag)
                {
                    return null;
                }
            }
        }

        return null;
    }
}
