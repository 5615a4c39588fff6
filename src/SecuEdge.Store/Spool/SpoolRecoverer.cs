using System.Globalization;
using SecuEdge.Store.Files;
using SecuEdge.Store.MessageLog;

namespace SecuEdge.Store.Spool;

/// <summary>
/// What a start makes of the disk:
/// <list type="number">
/// <item>files of drafts go: nobody had a 250 for them;</item>
/// <item>all segments are scanned: messages, and the marks that finish, move or abandon them, matched by sequence;</item>
/// <item>a sidecar is newer than the segment's record; a body without sidecar and without record was never acknowledged and goes - unless a
/// segment is damaged, then it is put aside, because its record may have been in the damage.</item>
/// </list>
/// </summary>
internal sealed class SpoolRecoverer(StoreOptions options, SpoolFolders folders, HashedFiles messageFiles, Spool spool, DateTimeOffset now)
{
    private readonly IFileSystem _files = options.Files;
    private readonly Dictionary<ulong, (Segment Segment, SegmentScanner.Found Found)> _messages = [];
    private readonly HashSet<ulong> _gone = [];
    private readonly List<(Segment Segment, SegmentScanner.Found Found)> _finished = [];
    private readonly HashSet<ulong> _finishedSequences = [];
    private readonly Dictionary<ulong, SpoolEntry> _live = [];
    private readonly List<string> _notes = [];
    private bool _isDamaged;

    public List<Segment> Segments { get; } = [];

    public ulong NextNumber { get; private set; } = 1;

    public ulong LastSequence { get; private set; }

    public SpoolRecovery Recover()
    {
        foreach (var path in _files.List(folders.Incoming))
        {
            _files.Delete(path);
        }

        foreach (var (path, number) in Segment.List(_files, folders.Segments))
        {
            NextNumber = number + 1;
            ScanSegment(path, number);
        }

        foreach (var file in messageFiles.List())
        {
            TakeFile(file);
        }

        foreach (var (sequence, (segment, found)) in _messages)
        {
            TakeSegmentMessage(sequence, segment, found);
        }

        var live = _live.Values.ToList();
        live.Sort((a, b) => a.Sequence.CompareTo(b.Sequence));
        return new SpoolRecovery(live, new FinishedRecords(_finished), _notes);
    }

    private void ScanSegment(string path, ulong number)
    {
        if (Segment.Open(_files, path, number, now) is not { } segment)
        {
            SetAside(path);
            return;
        }

        Segments.Add(segment);
        LastSequence = Math.Max(LastSequence, Math.Max(segment.FirstSequence, 1) - 1);
        var outcome = SegmentScanner.Scan(segment, found => TakeRecord(segment, found));
        var name = Path.GetFileName(path);
        if (outcome.SkippedBytes > 0)
        {
            _isDamaged = true;
            _notes.Add($"{name}: {outcome.SkippedBytes} bytes are damaged and were skipped; the messages behind them were kept.");
        }

        if (outcome.HasTornTail)
        {
            _notes.Add($"{name}: what was being written when the appliance stopped is incomplete and was left out; it had not been acknowledged.");
        }
    }

    /// <summary>A file without a usable head: empty when the appliance stopped while making it, else evidence for a person.</summary>
    private void SetAside(string path)
    {
        using (var file = _files.Open(path))
        {
            Span<byte> start = stackalloc byte[4096];
            if (!start[..file.Read(start, 0)].ContainsAnyExcept((byte)0))
            {
                _files.Delete(path);
                return;
            }
        }

        _isDamaged = true;
        _files.Rename(path, path + ".broken");
        _notes.Add($"{Path.GetFileName(path)}: the head of this spool segment is unreadable; it was kept as {Path.GetFileName(path)}.broken and its messages are not delivered.");
    }

    private void TakeRecord(Segment segment, SegmentScanner.Found found)
    {
        var sequence = found.Record.Sequence;
        LastSequence = Math.Max(LastSequence, sequence);
        switch (found.Record.Kind)
        {
            case SegmentRecordKind.Message:
            case SegmentRecordKind.FileMessage:
                _messages.TryAdd(sequence, (segment, found));
                break;
            case SegmentRecordKind.Finished:
                _gone.Add(sequence);
                if (_finishedSequences.Add(sequence))
                {
                    _finished.Add((segment, found));
                }

                break;
            case SegmentRecordKind.Moved:
            case SegmentRecordKind.Abandoned:
                _gone.Add(sequence);
                break;
            default:
                throw new InvalidOperationException($"Unknown record kind {found.Record.Kind}.");
        }
    }

    private void TakeFile(HashedFile file)
    {
        var dot = file.Name.LastIndexOf('.');
        if (dot < 1 || !ulong.TryParse(file.Name.AsSpan(dot + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var sequence))
        {
            _notes.Add($"{file.Name}: a file in the spool that is not ours was left alone.");
            return;
        }

        LastSequence = Math.Max(LastSequence, sequence);
        if (_finishedSequences.Contains(sequence))
        {
            messageFiles.Delete(file.Name);
        }
        else if (file is { HasSidecar: true, HasBody: true })
        {
            TakeFileMessage(file, sequence);
        }
        else if (file.HasBody)
        {
            TakeLoneBody(file, sequence);
        }
        else if (!_messages.ContainsKey(sequence) || _gone.Contains(sequence))
        {
            PutAside(messageFiles.SidecarPath(file.Name));
            _notes.Add($"{file.Name}: the bytes of this message are missing; its record was put aside in {folders.Orphans}, it cannot be delivered.");
        }
    }

    private void TakeFileMessage(HashedFile file, ulong sequence)
    {
        _messages.Remove(sequence);
        var entry = new SpoolEntry(spool, file.Name[..file.Name.LastIndexOf('.')], sequence);
        using (var body = _files.Open(messageFiles.BodyPath(file.Name)))
        {
            entry.PlaceInFiles(body.Length);
        }

        var remains = Path.Combine(folders.Damaged, entry.FileName + SpoolFolders.RemainsEnding);
        if (_files.Exists(remains))
        {
            entry.SetDamaged(Path.GetRelativePath(options.DataFolder, remains));
        }

        _live.Add(sequence, entry);
    }

    private void TakeLoneBody(HashedFile file, ulong sequence)
    {
        var isReferenced = _messages.TryGetValue(sequence, out var message) && message.Found.Record.Kind == SegmentRecordKind.FileMessage && !_gone.Contains(sequence);
        if (isReferenced)
        {
            return;
        }

        if (_isDamaged && !_messages.ContainsKey(sequence) && !_gone.Contains(sequence))
        {
            PutAside(messageFiles.BodyPath(file.Name));
            _notes.Add($"{file.Name}: a message without its record was put aside in {folders.Orphans}; the record may have been in a damaged segment.");
            return;
        }

        messageFiles.Delete(file.Name);
    }

    private void PutAside(string path)
    {
        _files.CreateFolder(folders.Orphans);
        _files.Rename(path, Path.Combine(folders.Orphans, Path.GetFileName(path)));
    }

    private void TakeSegmentMessage(ulong sequence, Segment segment, SegmentScanner.Found found)
    {
        if (_gone.Contains(sequence))
        {
            return;
        }

        var entry = new SpoolEntry(spool, found.Reference, sequence);
        if (found.Record.Kind == SegmentRecordKind.FileMessage && !_files.Exists(messageFiles.BodyPath(entry.FileName)))
        {
            // The file goes after the finished mark is written; a power failure may keep the one and lose the other.
            _notes.Add($"{found.Reference}: its bytes are gone; taken as finished.");
            return;
        }

        entry.PlaceInSegment(segment, found.Offset, found.Record);
        _live.Add(sequence, entry);
    }

    /// <summary>Read one by one from the segments: they may be many.</summary>
    private sealed class FinishedRecords(List<(Segment Segment, SegmentScanner.Found Found)> finished) : IReadOnlyList<MessageRecord>
    {
        public int Count => finished.Count;

        public MessageRecord this[int index]
        {
            get
            {
                var (segment, found) = finished[index];
                var json = new byte[found.Record.RecordLength];
                var start = found.Offset + SegmentRecord.HeaderBytes + found.Record.ReferenceLength;
                return segment.File.Read(json, start) == json.Length
                    ? StoreJson.ReadRecord(json)
                    : throw new IOException($"The finished record of {found.Reference} is cut off on disk.");
            }
        }

        public IEnumerator<MessageRecord> GetEnumerator()
        {
            for (var i = 0; i < finished.Count; i++)
            {
                yield return this[i];
            }
        }

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
