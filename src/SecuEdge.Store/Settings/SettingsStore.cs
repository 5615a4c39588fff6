using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using SecuEdge.Store.Files;

namespace SecuEdge.Store.Settings;

/// <summary>The settings on disk: a <see cref="Journal"/> of documents, all of them in memory, and the tokens in a file of their own.</summary>
public sealed class SettingsStore : ISettingsStore, IAsyncDisposable
{
    private readonly Journal _journal;
    private readonly TokenFile _tokenFile;
    private readonly TimeProvider _timeProvider;
    private readonly SemaphoreSlim _gate = new(1, 1);

    // Of the newest file at start and of every change since; what they changed is read from the journal when somebody asks.
    private readonly List<RevisionHeader> _recent;
    private readonly int _recentStart;
    private readonly IReadOnlyList<string> _earlier;
    private volatile State _state;
    private volatile List<TokenRecord> _tokens;

    private SettingsStore(Journal journal, JournalFile newest, TokenFile tokenFile, List<TokenRecord> tokens, TimeProvider timeProvider, IReadOnlyList<string> notes)
    {
        _journal = journal;
        _tokenFile = tokenFile;
        _tokens = tokens;
        _timeProvider = timeProvider;
        _recent = [.. newest.Revisions.Select(r => r.Header!)];
        _recentStart = newest.StartRevision;
        _earlier = [.. journal.Paths.SkipLast(1)];
        _state = new State(newest.End, newest.EndRevision);
        Notes = notes;
    }

    /// <summary>What opening had to repair, in plain sentences.</summary>
    public IReadOnlyList<string> Notes { get; }

    public int Revision => _state.Revision;

    public IReadOnlyDictionary<string, SettingsDocument> Documents => _state.Documents;

    public IReadOnlyList<TokenRecord> Tokens => _tokens;

    public static Task<SettingsStore> OpenAsync(StoreOptions options, TimeProvider timeProvider, ILogger logger, CancellationToken cancellationToken) =>
        Task.Run(() => OpenAsync(options, timeProvider, logger), cancellationToken);

    public async Task<RevisionHeader?> SaveAsync(IReadOnlyList<DocumentWrite> changes, string author, string comment, CancellationToken cancellationToken)
    {
        List<DocumentWrite> wanted = [.. changes.Select(c => c with { Json = c.Json is null ? null : JournalLine.Compact(c.Json) })];
        await _gate.WaitAsync(cancellationToken);
        try
        {
            var before = _state;
            wanted.RemoveAll(c => before.Documents.GetValueOrDefault(c.Document)?.Json == c.Json);
            if (wanted.Count == 0)
            {
                return null;
            }

            var header = new RevisionHeader(before.Revision + 1, _timeProvider.GetUtcNow(), author, comment, [.. wanted.Select(c => c.Document)]);
            _journal.Append(before.Documents, before.Revision, header, wanted);
            var after = before.Documents.ToBuilder();
            JournalFile.Apply(after, new JournalEntry { Header = header, Writes = wanted });
            lock (_recent)
            {
                _recent.Add(header);
                _state = new State(after.ToImmutable(), header.Number);
            }

            return header;
        }
        finally
        {
            _gate.Release();
        }
    }

    public Task<RevisionPage> HistoryAsync(RevisionQuery query, CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            var limit = Math.Clamp(query.Limit, 1, 200);
            List<RevisionHeader> found =
            [
                .. NewestFirst().TakeWhile(_ => !cancellationToken.IsCancellationRequested)
                    .Where(h => (query.Below is not { } below || h.Number < below) && (query.Touches is not { } touches || h.Documents.Any(touches)))
                    .Take(limit + 1),
            ];
            cancellationToken.ThrowIfCancellationRequested();
            return new RevisionPage([.. found.Take(limit)], found.Count > limit ? found[limit - 1].Number : null);
        },
        cancellationToken);

    public Task<SettingsRevision?> FindAsync(int number, CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            if (Locate(number) is not ({ } before, { } entry))
            {
                return null;
            }

            return new SettingsRevision(entry.Header!, [.. entry.Writes.Select(w => new DocumentChange(w.Document, before.GetValueOrDefault(w.Document)?.Json, w.Json))]);
        },
        cancellationToken);

    public Task<IReadOnlyDictionary<string, SettingsDocument>?> AtAsync(int number, CancellationToken cancellationToken) => Task.Run<IReadOnlyDictionary<string, SettingsDocument>?>(
        () =>
        {
            if (Locate(number) is not ({ } before, { } entry))
            {
                return null;
            }

            var after = before.ToBuilder();
            JournalFile.Apply(after, entry);
            return after.ToImmutable();
        },
        cancellationToken);

    public async Task ForgetAsync(Func<string, bool> isToGo, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            await Task.Run(() => _journal.Forget(IsGone), CancellationToken.None);
            lock (_recent)
            {
                for (var i = 0; i < _recent.Count; i++)
                {
                    _recent[i] = _recent[i].Documents.Any(IsGone) ? JournalEraser.Erased(_recent[i], IsGone) : _recent[i];
                }
            }
        }
        finally
        {
            _gate.Release();
        }

        bool IsGone(string document) => isToGo(document) && !_state.Documents.ContainsKey(document);
    }

    public Task AddTokenAsync(TokenRecord token, CancellationToken cancellationToken) =>
        ChangeTokensAsync(tokens => [.. tokens.Where(t => t.Name != token.Name), token], cancellationToken);

    public Task<bool> RemoveTokenAsync(string name, CancellationToken cancellationToken) =>
        ChangeTokensAsync(tokens => [.. tokens.Where(t => t.Name != name)], cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _gate.WaitAsync();
        _journal.Dispose();
        _gate.Dispose();
    }

    private static async Task<SettingsStore> OpenAsync(StoreOptions options, TimeProvider timeProvider, ILogger logger)
    {
        var folder = Path.Combine(options.DataFolder, "settings");
        options.Files.CreateFolder(options.DataFolder);
        DurableFile.CreateFolder(options.Files, folder);
        var notes = new List<string>();
        var journal = Journal.Find(options.Files, folder);
        var tokenFile = new TokenFile(options.Files, folder);
        var tokens = tokenFile.Read(notes);
        if (journal.Paths.Count == 0)
        {
            var (revisions, formerTokens) = await FormerSettings.ReadAsync(options, folder, timeProvider, logger, notes);
            if (revisions.Count > 0)
            {
                journal.Adopt(revisions[0].Header.Number - 1, revisions);
                notes.Add($"Settings: {revisions.Count} revisions of the former version were taken over into the journal; config.db and settings/site-*.json are not used any more.");
            }

            if (tokens is null && formerTokens.Count > 0)
            {
                tokenFile.Write(tokens = formerTokens);
            }
        }

        var newest = journal.ReadNewest(notes);
        return new SettingsStore(journal, newest, tokenFile, tokens ?? [], timeProvider, notes);
    }

    /// <returns>Whether there are fewer than before.</returns>
    private async Task<bool> ChangeTokensAsync(Func<List<TokenRecord>, List<TokenRecord>> change, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            var before = _tokens;
            var after = change(before);
            _tokenFile.Write(after);
            _tokens = after;
            return after.Count < before.Count;
        }
        finally
        {
            _gate.Release();
        }
    }

    private IEnumerable<RevisionHeader> NewestFirst()
    {
        List<RevisionHeader> recent;
        lock (_recent)
        {
            recent = [.. _recent];
        }

        return Enumerable.Reverse(recent).Concat(Files(_earlier, _recentStart).SelectMany(f => Enumerable.Reverse(f.Entries)).Select(e => e.Header!));
    }

    /// <summary>Files, newest first, each without what was never acknowledged: numbers that the file after it gave again.</summary>
    private IEnumerable<(JournalFile File, List<JournalEntry> Entries)> Files(IReadOnlyList<string> paths, int last)
    {
        foreach (var path in paths.Reverse())
        {
            if (!_journal.TryRead(path, out var file))
            {
                yield break;
            }

            var upTo = last;
            yield return (file, [.. file.Revisions.Where(r => r.Header!.Number <= upTo)]);
            last = Math.Min(last, file.StartRevision);
        }
    }

    /// <summary>The revision and what was in force before it.</summary>
    private (ImmutableDictionary<string, SettingsDocument>? Before, JournalEntry? Entry) Locate(int number)
    {
        foreach (var (file, entries) in Files(_journal.Paths, _state.Revision))
        {
            if (number <= file.StartRevision)
            {
                continue;
            }

            var state = file.Start.ToBuilder();
            foreach (var entry in entries)
            {
                if (entry.Header!.Number == number)
                {
                    return (state.ToImmutable(), entry);
                }

                JournalFile.Apply(state, entry);
            }

            break;
        }

        return (null, null);
    }

    private sealed record State(ImmutableDictionary<string, SettingsDocument> Documents, int Revision);
}
