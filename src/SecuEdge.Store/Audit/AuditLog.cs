using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using SecuEdge.Store.Files;

namespace SecuEdge.Store.Audit;

/// <summary>
/// The audit log on disk: one file a month, one line an entry, each with the hash of the one before, also from month to month. Entries that
/// arrive while others are being written share the next sync. After a write that failed the file is cut back to what was promised before
/// anything else is written; until that succeeds every append fails.
/// </summary>
public sealed partial class AuditLog : IAuditLog, IAsyncDisposable
{
    /// <summary>The last entry of a deleted month, as <see cref="AuditEntry.Target"/>: there the chain goes on.</summary>
    public const string ExpiredAction = "audit.expired";

    /// <summary>The end of the log was not where it should be at a start.</summary>
    public const string BrokenAction = "audit.broken";

    internal const int MaxBatch = 1000;

    // Nobody reads more, and a line stays short enough to be read in pieces.
    private const int MaxText = 4000;
    private const int MaxLimit = 200;

    private readonly StoreOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly AuditFolder _folder;
    private readonly AuditAnchor _anchor;
    private readonly AuditSearch _search;
    private readonly Channel<Pending> _waiting = Channel.CreateUnbounded<Pending>(new UnboundedChannelOptions { SingleReader = true });
    private readonly SemaphoreSlim _expiring = new(1, 1);
    private readonly Task _running;
    private IFile? _file;
    private bool _isEndUnknown;
    private volatile AuditHead _head;
    private volatile AuditPosition _end;
    private volatile string _trouble = "";
    private volatile string _anchorTrouble = "";

    private AuditLog(StoreOptions options, AuditFolder folder, AuditOpening opening, TimeProvider timeProvider, ILogger logger)
    {
        _options = options;
        _folder = folder;
        _timeProvider = timeProvider;
        _logger = logger;
        _anchor = new AuditAnchor(options.Files, folder.AnchorPath);
        _search = new AuditSearch(folder);
        _head = opening.Head;
        _end = new AuditPosition(opening.Month, 0);
        if (opening.Head.Number == 0)
        {
            // Before the first entry: a crash right behind it must not look as if somebody had taken the anchor away.
            _anchor.Write(opening.Head);
        }

        if (opening.Month > 0)
        {
            _file = options.Files.Open(folder.PathOf(opening.Month));
            _end = new AuditPosition(opening.Month, _file.Length);
        }

        Notes = opening.Break.Length == 0 ? opening.Notes : [.. opening.Notes, $"Audit log: {opening.Break}. Run 'secuedge audit verify'."];
        _running = Task.Run(RunAsync);
    }

    /// <summary>What opening had to repair, or found broken, in plain sentences.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>The newest entry on disk.</summary>
    public AuditHead Head => _head;

    /// <summary>Behind the newest entry on disk.</summary>
    public AuditPosition End => _end;

    /// <summary>Why nothing can be audited, and so nothing done; empty while it can.</summary>
    public string Trouble => _trouble.Length > 0 ? _trouble : _anchorTrouble;

    public static async Task<AuditLog> OpenAsync(StoreOptions options, TimeProvider timeProvider, ILogger logger, CancellationToken cancellationToken)
    {
        var folder = new AuditFolder(options.Files, options.DataFolder);
        var opening = await Task.Run(() => AuditOpening.Run(options.Files, folder, timeProvider.GetUtcNow()), cancellationToken);
        var log = new AuditLog(options, folder, opening, timeProvider, logger);
        if (opening.Break.Length > 0)
        {
            // In the chain itself, because the anchor moves on with the next entry and would not show it any more.
            await log.AppendAsync(log.Own(BrokenAction, "", $"At a start {opening.Break}", succeeded: false), cancellationToken);
        }

        return log;
    }

    public async Task<AuditEntry> AppendAsync(AuditEntry entry, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var pending = new Pending(Short(entry));

        // Not cancelled from here on: the entry may already be on its way to the disk.
        return _waiting.Writer.TryWrite(pending) ? await pending.Task : throw new ObjectDisposedException(nameof(AuditLog));
    }

    public Task<AuditPage> SearchAsync(AuditQuery query, CancellationToken cancellationToken)
    {
        var end = _end;
        return Task.Run(() => _search.Run(query, end, Math.Clamp(query.Limit, 1, MaxLimit), cancellationToken), cancellationToken);
    }

    /// <summary>Everything that the filters let through, oldest first, however much it is; limit and cursor do not count.</summary>
    public async IAsyncEnumerable<AuditEntry> ReadAsync(AuditQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (position, end) = (new AuditPosition(0, 0), _end);
        while (position is not null)
        {
            var from = position;
            var piece = await Task.Run(() => _search.Next(from, end), cancellationToken);
            foreach (var entry in piece.Entries)
            {
                if (AuditSearch.Matches(entry, query))
                {
                    yield return entry;
                }
            }

            position = piece.Entries.Count == 0 ? null : piece.Next;
        }
    }

    /// <summary>The next entries behind a place, oldest first: for those who pass everything on. A place in a deleted month is the beginning.</summary>
    public Task<AuditPiece> NextAsync(AuditPosition position, CancellationToken cancellationToken)
    {
        var end = _end;
        return Task.Run(() => _search.Next(position, end), cancellationToken);
    }

    /// <summary>Deletes the months before; each leaves an entry with its last number and hash, on disk before the file goes.</summary>
    public async Task<int> ExpireAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        await _expiring.WaitAsync(cancellationToken);
        try
        {
            var deleted = 0;
            foreach (var month in _folder.Months().Where(m => m < AuditFolder.MonthOf(before) && m < _end.Month))
            {
                await ExpireAsync(month, cancellationToken);
                deleted++;
            }

            return deleted;
        }
        finally
        {
            _expiring.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _running;
        _file?.Dispose();
        _anchor.Dispose();
        _expiring.Dispose();
    }

    private async Task ExpireAsync(int month, CancellationToken cancellationToken)
    {
        var path = _folder.PathOf(month);
        var last = AuditLines.Backward(path, new FileInfo(path).Length).Select(l => AuditLine.Read(l.Bytes)).FirstOrDefault(e => e is not null);
        if (last is not null)
        {
            var target = new AuditHead(last.Number, last.Hash).ToString();
            await AppendAsync(Own(ExpiredAction, target, $"{AuditFolder.NameOf(month)} was deleted after its retention; its last entry had this number and hash"), cancellationToken);
        }

        _options.Files.Delete(path);
        _options.Files.SyncFolder(_folder.Root);
        LogExpired(month);
    }

    private AuditEntry Own(string action, string target, string detail, bool succeeded = true) =>
        new() { At = _timeProvider.GetUtcNow(), Actor = "secuedge", Action = action, Target = target, Detail = detail, Succeeded = succeeded };

    private static AuditEntry Short(AuditEntry entry) => entry with
    {
        Actor = Short(entry.Actor),
        Address = Short(entry.Address),
        Tenant = Short(entry.Tenant),
        Action = Short(entry.Action),
        Target = Short(entry.Target),
        Detail = Short(entry.Detail),
        Reason = Short(entry.Reason),
    };

    private static string Short(string text) => text.Length <= MaxText ? text : string.Concat(text.AsSpan(0, MaxText), "…");

    private async Task RunAsync()
    {
        var batch = new List<Pending>(MaxBatch);
        while (await _waiting.Reader.WaitToReadAsync())
        {
            batch.Clear();
            while (batch.Count < MaxBatch && _waiting.Reader.TryRead(out var pending))
            {
                batch.Add(pending);
            }

            Write(batch);
        }
    }

    private void Write(List<Pending> batch)
    {
        var done = 0;
        try
        {
            if (_isEndUnknown)
            {
                CutBack();
            }

            while (done < batch.Count)
            {
                done += WriteMonth(batch[done..]);
            }

            _trouble = "";
        }
        catch (Exception e)
        {
            if (_trouble.Length == 0)
            {
                LogWriteFailed(e);
            }

            _trouble = $"The audit log cannot be written, so nothing that must be audited is done: {e.Message}";
            batch[done..].ForEach(p => p.TrySetException(new AuditUnavailableException(_trouble, e)));
            TryCutBack();
        }
    }

    /// <summary>The entries up to the next change of month: one write, one sync.</summary>
    /// <returns>How many they were.</returns>
    private int WriteMonth(List<Pending> batch)
    {
        // A clock that went back stays in the newest file: the chain goes from file to file.
        var month = Math.Max(_end.Month, AuditFolder.MonthOf(batch[0].Entry.At));
        if (month != _end.Month)
        {
            BeginMonth(month);
        }

        using var lines = new PooledBuffer(4 << 10);
        var head = _head;
        List<AuditEntry> entries = [];
        foreach (var pending in batch.TakeWhile(p => Math.Max(month, AuditFolder.MonthOf(p.Entry.At)) == month))
        {
            var entry = AuditLine.Write(lines, pending.Entry with { Number = head.Number + 1, PreviousHash = head.Hash });
            head = new AuditHead(entry.Number, entry.Hash);
            entries.Add(entry);
        }

        _isEndUnknown = true;
        _file!.Write(lines.Written.Span, _end.Offset);
        _file.SyncData();
        _isEndUnknown = false;
        _head = head;
        _end = _end with { Offset = _end.Offset + lines.Length };
        Anchor(head);
        for (var i = 0; i < entries.Count; i++)
        {
            batch[i].TrySetResult(entries[i]);
        }

        return entries.Count;
    }

    private void BeginMonth(int month)
    {
        var path = _folder.PathOf(month);
        var file = _options.Files.Exists(path) ? _options.Files.Open(path) : _options.Files.Create(path);
        try
        {
            // A failed attempt may have left it, empty; anything else is not ours to overwrite.
            if (file.Length > 0)
            {
                throw new IOException($"{Path.GetFileName(path)} is already there");
            }

            _options.Files.SyncFolder(_folder.Root);
        }
        catch
        {
            file.Dispose();
            throw;
        }

        _file?.Dispose();
        _file = file;
        _end = new AuditPosition(month, 0);
    }

    /// <summary>The entries are safe without it: trouble is told, but what was to be done may be done.</summary>
    private void Anchor(AuditHead head)
    {
        try
        {
            _anchor.Write(head);
            _anchorTrouble = "";
        }
        catch (Exception e) when (DurableFile.IsDiskTrouble(e))
        {
            if (_anchorTrouble.Length == 0)
            {
                LogAnchorFailed(e);
            }

            _anchorTrouble = $"The anchor of the audit log cannot be written: {e.Message}";
        }
    }

    private void CutBack()
    {
        _file!.Truncate(_end.Offset);
        _file.Sync();
        _isEndUnknown = false;
    }

    private void TryCutBack()
    {
        if (!_isEndUnknown)
        {
            return;
        }

        try
        {
            CutBack();
        }
        catch (Exception e) when (DurableFile.IsDiskTrouble(e))
        {
            // The next append tries again first.
            LogCutFailed(e);
        }
    }

    private sealed class Pending(AuditEntry entry) : TaskCompletionSource<AuditEntry>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public AuditEntry Entry => entry;
    }

    [LoggerMessage(Level = LogLevel.Critical, Message = "The audit log cannot be written; whatever must be audited is refused until it can")]
    private partial void LogWriteFailed(Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "The anchor of the audit log cannot be written; entries cut off its end would not show")]
    private partial void LogAnchorFailed(Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "The audit log could not be cut back to its last good entry; the next entry tries again")]
    private partial void LogCutFailed(Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "The audit log of {Month} is past its retention and was deleted")]
    private partial void LogExpired(int month);
}
