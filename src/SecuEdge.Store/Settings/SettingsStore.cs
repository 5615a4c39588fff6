using System.Text.Json;
using LiteDB;
using Microsoft.Extensions.Logging;
using SecuEdge.Store.LiteDb;

namespace SecuEdge.Store.Settings;

/// <summary>
/// The settings on disk, twice: plain files that a person can read, written first, and <c>config.db</c> with the long history. At open the two
/// are compared and each is completed from the other, so that either may be lost.
/// </summary>
public sealed partial class SettingsStore : ISettingsStore, IAsyncDisposable
{
    private const string Revisions = "revisions";
    private const string TokenCollection = "tokens";

    // 1,000 revisions of some ten kilobytes: a history of years.
    private const int KeptRevisions = 1000;

    private readonly RevisionFiles _files;
    private readonly LiteDbWriter _database;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private volatile SiteRevision? _current;
    private volatile List<TokenRecord> _tokens = [];

    private SettingsStore(RevisionFiles files, LiteDbWriter database, TimeProvider timeProvider, ILogger logger)
    {
        _files = files;
        _database = database;
        _timeProvider = timeProvider;
        _logger = logger;
    }

    public static async Task<SettingsStore> OpenAsync(StoreOptions options, TimeProvider timeProvider, ILogger logger, CancellationToken cancellationToken)
    {
        options.Files.CreateFolder(options.DataFolder);
        var files = new RevisionFiles(options.Files, Path.Combine(options.DataFolder, "settings"));
        files.Prepare();
        var path = Path.Combine(options.DataFolder, "config.db");
        var database = await Task.Run(() => LiteDbWriter.Open(path, Prepare, options.Files, timeProvider, logger), cancellationToken);
        foreach (var alternate in database.IsAlternate ? [] : LiteDbFile.Alternates(path).ToList())
        {
            // All it had is in the files too.
            LiteDbFile.Delete(alternate);
        }

        var store = new SettingsStore(files, database, timeProvider, logger);
        var notes = new List<string>(database.Notes);
        await store.ReconcileRevisionsAsync(notes);
        await store.ReconcileTokensAsync(notes);
        store.Notes = notes;
        return store;
    }

    /// <summary>What opening had to repair, in plain sentences.</summary>
    public IReadOnlyList<string> Notes { get; private set; } = [];

    public SiteRevision? Current => _current;

    public IReadOnlyList<TokenRecord> Tokens => _tokens;

    public async Task<SiteRevision> SaveAsync(string siteJson, string author, string comment, CancellationToken cancellationToken)
    {
        using (JsonDocument.Parse(siteJson))
        {
            // Text that is no JSON would make the copy unreadable: refuse it here, with the exception of the parser.
        }

        await _gate.WaitAsync(cancellationToken);
        try
        {
            var revision = new SiteRevision((_current?.Number ?? 0) + 1, _timeProvider.GetUtcNow(), author, comment, siteJson);
            _files.Write(revision);
            _current = revision;
            await TryWriteAsync(database =>
            {
                database.GetCollection(Revisions).Upsert(ToDocument(revision));
                database.GetCollection(Revisions).Delete(revision.Number - KeptRevisions);
            });
            return revision;
        }
        finally
        {
            _gate.Release();
        }
    }

    public async Task<IReadOnlyList<SiteRevision>> HistoryAsync(int limit, CancellationToken cancellationToken)
    {
        var count = Math.Clamp(limit, 1, KeptRevisions);
        try
        {
            return await _database.ReadAsync(
                database => database.GetCollection(Revisions).Query().OrderByDescending("$._id").Limit(count).ToEnumerable().Select(ToRevision).ToList(),
                cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogDatabaseFailed(e);
            return [.. _files.ReadAll([]).Values.Reverse().Take(count)];
        }
    }

    public Task AddTokenAsync(TokenRecord token, CancellationToken cancellationToken) =>
        ChangeTokensAsync(tokens => [.. tokens.Where(t => t.Name != token.Name), token], cancellationToken);

    public Task<bool> RemoveTokenAsync(string name, CancellationToken cancellationToken) =>
        ChangeTokensAsync(tokens => [.. tokens.Where(t => t.Name != name)], cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        _gate.Dispose();
    }

    private static void Prepare(LiteDatabase database)
    {
        database.GetCollection(Revisions).Query().OrderByDescending("$._id").Limit(3).ToList();
        database.GetCollection(TokenCollection).Query().Limit(3).ToList();
    }

    /// <returns>Whether there are fewer than before.</returns>
    private async Task<bool> ChangeTokensAsync(Func<List<TokenRecord>, List<TokenRecord>> change, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            var before = _tokens;
            var after = change(before);
            _files.WriteTokens(after);
            _tokens = after;
            await TryWriteAsync(database => ReplaceTokens(database, after));
            return after.Count < before.Count;
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task ReconcileRevisionsAsync(List<string> notes)
    {
        var copies = _files.ReadAll(notes);
        var known = ReadOrEmpty(database => database.GetCollection(Revisions).FindAll().Select(ToRevision).ToDictionary(r => r.Number));
        var missing = copies.Values.Where(r => !known.ContainsKey(r.Number)).ToList();
        if (missing.Count > 0)
        {
            await TryWriteAsync(database => missing.ForEach(r => database.GetCollection(Revisions).Upsert(ToDocument(r))));
            notes.Add($"Settings: {missing.Count} revisions were taken from their copies into config.db.");
        }

        // The copy wins: it is written first, so it is never older.
        var newestKnown = known.Count == 0 ? null : known[known.Keys.Max()];
        var newestCopy = copies.Count == 0 ? null : copies.Last().Value;
        _current = (newestCopy?.Number ?? 0) >= (newestKnown?.Number ?? 0) ? newestCopy : newestKnown;
        if (_current is { } current && !copies.ContainsKey(current.Number))
        {
            _files.Write(current);
            notes.Add($"Settings: the copy of revision {current.Number} was missing and was written again.");
        }
    }

    private async Task ReconcileTokensAsync(List<string> notes)
    {
        var copy = _files.ReadTokens(notes);
        var known = ReadOrEmpty(database => database.GetCollection(TokenCollection).FindAll().Select(ToToken).ToList());
        _tokens = copy ?? known;
        if (copy is null && known.Count > 0)
        {
            _files.WriteTokens(known);
            notes.Add("Settings: tokens.json was missing and was written again.");
        }

        if (copy is not null && !copy.ToHashSet().SetEquals(known))
        {
            await TryWriteAsync(database => ReplaceTokens(database, copy));
            notes.Add("Settings: the tokens in config.db were brought in line with tokens.json.");
        }
    }

    /// <summary>The files already have it; a database in trouble is completed at the next start.</summary>
    private async Task TryWriteAsync(Action<LiteDatabase> operation)
    {
        try
        {
            await _database.WriteAsync(operation);
        }
        catch (IOException e)
        {
            LogDatabaseFailed(e);
        }
    }

    private T ReadOrEmpty<T>(Func<LiteDatabase, T> read)
        where T : new()
    {
        try
        {
            return _database.Read(read);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            LogDatabaseFailed(e);
            return new T();
        }
    }

    private static void ReplaceTokens(LiteDatabase database, List<TokenRecord> tokens)
    {
        database.GetCollection(TokenCollection).DeleteAll();
        foreach (var token in tokens)
        {
            database.GetCollection(TokenCollection).Insert(new BsonDocument { ["_id"] = token.Name, ["hash"] = token.Hash, ["at"] = token.CreatedAt.UtcTicks });
        }
    }

    private static TokenRecord ToToken(BsonDocument document) =>
        new(document["_id"].AsString, document["hash"].AsString, new DateTimeOffset(document["at"].AsInt64, TimeSpan.Zero));

    // Ticks, not dates: LiteDB keeps milliseconds only.
    private static BsonDocument ToDocument(SiteRevision revision) => new()
    {
        ["_id"] = revision.Number,
        ["at"] = revision.At.UtcTicks,
        ["author"] = revision.Author,
        ["comment"] = revision.Comment,
        ["json"] = revision.Json,
    };

    private static SiteRevision ToRevision(BsonDocument document) => new(
        document["_id"].AsInt32,
        new DateTimeOffset(document["at"].AsInt64, TimeSpan.Zero),
        document["author"].AsString,
        document["comment"].AsString,
        document["json"].AsString);

    [LoggerMessage(Level = LogLevel.Error, Message = "config.db does not work; the settings live from their files")]
    private partial void LogDatabaseFailed(Exception exception);
}
