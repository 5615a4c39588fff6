using Microsoft.Extensions.Logging;
using SecuEdge.Store.Files;

namespace SecuEdge.Store.Spool;

/// <summary>
/// The append-only log over segments, with group commit. One thread of its own (a sync must not hold a pool thread):
/// <list type="number">
/// <item>take everything that waits; what comes meanwhile is the next batch, so batches form by themselves, without delay;</item>
/// <item>one gather write; marks are done now;</item>
/// <item>one <c>fdatasync</c> if the batch has a commit; then all commits are done.</item>
/// </list>
/// A failed write ends the segment: its tail is cut off and the next batch begins a new one, so that nothing stands behind a bad record. A
/// failed sync is never repeated (the kernel may have dropped the pages and would report success): no commit is taken any more.
/// </summary>
internal sealed partial class SegmentLog : IAsyncDisposable
{
    // At most three pieces a record: one write stays below the kernel's 1,024 pieces, and its sync short enough for the first waiter.
    private const int MaxSliceRecords = 256;
    private const long MaxSliceBytes = 8 << 20;

    private static readonly byte[] Padding = new byte[8];

    private readonly IFileSystem _files;
    private readonly string _folder;
    private readonly long _segmentBytes;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly Action _segmentClosed;

    private readonly Lock _segmentsGate = new();
    private readonly List<Segment> _segments;
    private readonly List<ReadOnlyMemory<byte>> _pieces = [];
    private readonly List<ulong> _abandoned = [];
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly AppendQueue _queue = new();
    private List<SegmentAppend> _batch = [];

    private Segment? _current;
    private ulong _nextNumber;
    private ulong _sequence;
    private volatile string? _broken;
    private volatile string? _trouble;

    /// <param name="segments">Those of earlier runs, oldest first; never written again.</param>
    public SegmentLog(StoreOptions options, string folder, IEnumerable<Segment> segments, ulong nextNumber, ulong lastSequence, TimeProvider timeProvider, Action segmentClosed, ILogger logger)
    {
        _files = options.Files;
        _folder = folder;
        _segmentBytes = options.SegmentBytes;
        _segments = [.. segments];
        _nextNumber = nextNumber;
        _sequence = lastSequence;
        _timeProvider = timeProvider;
        _segmentClosed = segmentClosed;
        _logger = logger;
        Roll(0); // A disk that cannot take the first segment must stop the start, not the first mail.
        new Thread(Run) { IsBackground = true, Name = "spool committer" }.Start();
    }

    /// <summary>Why no commit is taken any more; null while all is well.</summary>
    public string? Broken => _broken;

    /// <summary>Why the last batch failed; null after one that did not.</summary>
    public string? Trouble => _trouble;

    public ulong NextSequence() => Interlocked.Increment(ref _sequence);

    /// <summary>All but the one being written, oldest first.</summary>
    public Segment[] ClosedSegments()
    {
        lock (_segmentsGate)
        {
            return _current is { } current ? [.. _segments.TakeWhile(s => s != current)] : [.. _segments];
        }
    }

    public void Forget(Segment segment)
    {
        lock (_segmentsGate)
        {
            _segments.Remove(segment);
        }
    }

    /// <summary>Completes when a mark is written, or when a commit is on disk.</summary>
    public Task AppendAsync(SegmentAppend append)
    {
        if (append.IsCommit)
        {
            ThrowIfBroken();
        }

        _queue.Add(append);
        return append.Task;
    }

    public void ThrowIfBroken()
    {
        if (_broken is { } why)
        {
            throw new IOException(why);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _queue.Stop();
        await _stopped.Task;
        foreach (var segment in _segments)
        {
            segment.Dispose();
        }
    }

    private void Run()
    {
        while (_queue.Exchange(ref _batch))
        {
            try
            {
                Process();
            }
            catch (Exception e) // A bug here must become 451 and an alarm, not the end of the process or of all answers.
            {
                Break($"The spool stopped after an unexpected error: {e.Message}", e);
                _batch.ForEach(append => append.TrySetException(new IOException(_broken, e)));
            }

            _batch.Clear();
        }

        _stopped.SetResult();
    }

    private void Process()
    {
        for (var start = 0; start < _batch.Count;)
        {
            var count = CountFitting(start);
            if (count > 0)
            {
                WriteSlice(start, count);
                start += count;
                continue;
            }

            try
            {
                Roll(_batch[start].Record.TotalLength);
            }
            catch (Exception e) when (DurableFile.IsDiskTrouble(e))
            {
                NoSegment(start, e);
                return;
            }
        }
    }

    /// <summary>How many of the batch go into the current segment in one write. The last sixteenth is kept for marks when no new segment can be made.</summary>
    private int CountFitting(int start)
    {
        if (_current is not { } current)
        {
            return 0;
        }

        var room = Math.Min(current.Capacity - (current.Capacity / 16) - current.Tail, MaxSliceBytes);
        var count = 0;
        while (start + count < _batch.Count && count < MaxSliceRecords)
        {
            room -= _batch[start + count].Record.TotalLength;
            if (room < 0)
            {
                // A record larger than a whole slice still goes alone.
                return count == 0 && current.Tail == Segment.HeadBytes ? 1 : count;
            }

            count++;
        }

        return count;
    }

    private void WriteSlice(int start, int count)
    {
        var segment = _current!;
        var end = segment.Tail;
        var hasCommit = false;
        _pieces.Clear();
        for (var i = start; i < start + count; i++)
        {
            var append = _batch[i];
            append.Stamp(segment.Salt);
            _pieces.Add(append.Head);
            if (!append.Bytes.IsEmpty)
            {
                _pieces.Add(append.Bytes);
            }

            var padding = (int)(append.Record.TotalLength - SegmentRecord.HeaderBytes - append.Record.PayloadLength);
            if (padding > 0)
            {
                _pieces.Add(Padding.AsMemory(0, padding));
            }

            end += append.Record.TotalLength;
            hasCommit |= append.IsCommit;
        }

        if (hasCommit && _broken is { } why)
        {
            // A commit that was queued while the sync before it failed: marks only from here on.
            WriteMarksOnly(start, count, why);
            return;
        }

        try
        {
            segment.File.Write(_pieces, segment.Tail);
        }
        catch (Exception e) when (DurableFile.IsDiskTrouble(e))
        {
            AfterFailedWrite(start, count, e);
            return;
        }

        var offset = segment.Tail;
        segment.Tail = end;
        for (var i = start; i < start + count; i++)
        {
            // The entry is counted in its segment before anybody hears of it: else the segment could go first.
            _batch[i].Entry?.PlaceInSegment(segment, offset, _batch[i].Record);
            offset += _batch[i].Record.TotalLength;
            if (!_batch[i].IsCommit)
            {
                _batch[i].TrySetResult();
            }
        }

        if (hasCommit && !TrySync(segment, start, count))
        {
            return;
        }

        _trouble = null;
        for (var i = start; i < start + count; i++)
        {
            _batch[i].TrySetResult();
        }
    }

    private bool TrySync(Segment segment, int start, int count)
    {
        try
        {
            segment.File.SyncData();
            return true;
        }
        catch (Exception e) when (DurableFile.IsDiskTrouble(e))
        {
            Break("The disk failed to make mail durable; no mail is accepted until the disk is checked and the appliance restarted.", e);
            for (var i = start; i < start + count; i++)
            {
                _batch[i].Entry?.Finish();
                AbandonLater(_batch[i]);
                _batch[i].TrySetException(new IOException(_broken, e));
            }

            WriteAbandoned(segment);
            return false;
        }
    }

    /// <summary>Nothing of the slice was acknowledged: cut it off and never append to this segment again.</summary>
    private void AfterFailedWrite(int start, int count, Exception exception)
    {
        var segment = _current!;
        lock (_segmentsGate)
        {
            _current = null;
        }

        _trouble = $"Mail could not be written to disk: {exception.Message}";
        LogWriteFailed(exception, segment.Path);
        try
        {
            segment.File.Truncate(segment.Tail);
        }
        catch (Exception e) when (DurableFile.IsDiskTrouble(e))
        {
            for (var i = start; i < start + count; i++)
            {
                AbandonLater(_batch[i]);
            }
        }

        for (var i = start; i < start + count; i++)
        {
            _batch[i].TrySetException(new IOException(_trouble, exception));
        }

        _segmentClosed();
    }

    /// <summary>No new segment can be made: commits fail until there is space; marks still fit into what was kept for them.</summary>
    private void NoSegment(int start, Exception exception)
    {
        _trouble = $"No room for more mail on disk: {exception.Message}";
        LogNoSegment(exception);
        WriteMarksOnly(start, _batch.Count - start, _trouble);
    }

    private void WriteMarksOnly(int start, int count, string why)
    {
        for (var i = start; i < start + count; i++)
        {
            var append = _batch[i];
            if (append.IsCommit || _current is not { } segment || segment.Tail + append.Record.TotalLength > segment.Capacity)
            {
                append.TrySetException(new IOException(why));
                continue;
            }

            WriteSlice(i, 1);
        }
    }

    private void Roll(long needed)
    {
        var capacity = Math.Max(_segmentBytes, Segment.HeadBytes + (needed * 16 / 15) + 64);
        var segment = Segment.Create(_files, _folder, _nextNumber, Volatile.Read(ref _sequence) + 1, capacity, _timeProvider.GetUtcNow());
        _nextNumber++;
        lock (_segmentsGate)
        {
            _segments.Add(segment);
            _current = segment;
        }

        WriteAbandoned(segment);
        _segmentClosed();
    }

    private void AbandonLater(SegmentAppend append)
    {
        if (append.IsCommit)
        {
            _abandoned.Add(append.Record.Sequence);
        }
    }

    /// <summary>Says in the log which failed commits may still be found in it. Where even that fails, a restart repeats a mail its sender also repeats.</summary>
    private void WriteAbandoned(Segment segment)
    {
        try
        {
            foreach (var sequence in _abandoned)
            {
                using var mark = SegmentAppend.Abandoned(sequence);
                if (segment.Tail + mark.Record.TotalLength > segment.Capacity)
                {
                    return;
                }

                mark.Stamp(segment.Salt);
                segment.File.Write(mark.Head.Span, segment.Tail);
                segment.Tail += mark.Record.TotalLength;
            }

            _abandoned.Clear();
        }
        catch (Exception e) when (DurableFile.IsDiskTrouble(e))
        {
            LogWriteFailed(e, segment.Path);
        }
    }

    private void Break(string why, Exception exception)
    {
        _broken ??= why;
        LogBroken(exception, why);
    }

    [LoggerMessage(Level = LogLevel.Critical, Message = "{Why}")]
    private partial void LogBroken(Exception exception, string why);

    [LoggerMessage(Level = LogLevel.Error, Message = "Writing to {Segment} failed; the mail of this batch is refused, the next goes to a new segment")]
    private partial void LogWriteFailed(Exception exception, string segment);

    [LoggerMessage(Level = LogLevel.Error, Message = "No new spool segment can be made; mail is refused until there is space")]
    private partial void LogNoSegment(Exception exception);
}
