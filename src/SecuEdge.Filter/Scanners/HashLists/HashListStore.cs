using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;

namespace SecuEdge.Filter.Scanners.HashLists;

/// <summary>
/// All lists of hashes of one folder. Look-ups take no lock and never wait for an import: a list is written beside the one in force and
/// takes its place at once.
/// </summary>
public sealed partial class HashListStore : IDisposable
{
    // Above it the list is written anew, with the added entries in their place: as many are read at each start.
    private const int MaxAddedEntries = 10_000;

    private const string Extension = ".hashlist";

    private readonly string _folder;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger<HashListStore> _logger;
    private readonly SemaphoreSlim _oneAtATime = new(1);
    private volatile ActiveHashList[] _lists;

    public HashListStore(string folder, TimeProvider timeProvider, ILogger<HashListStore> logger)
    {
        _folder = folder;
        _timeProvider = timeProvider;
        _logger = logger;
        Directory.CreateDirectory(folder);
        foreach (var left in Directory.EnumerateDirectories(folder, ".import-*"))
        {
            // Of an import that a crash ended.
            Directory.Delete(left, recursive: true);
        }

        _lists = [.. Directory.EnumerateFiles(folder, $"*{Extension}").Order(StringComparer.Ordinal).Select(ActiveHashList.Open)];
        foreach (var list in _lists.Where(list => list.Info.Trouble.Length > 0))
        {
            LogUnreadable(list.Info.Name, list.Info.Trouble);
        }

        Version = VersionOf(_lists);
    }

    /// <summary>
    /// A list has new entries. Raised after they are in force, on the thread of the change: whoever keeps hashes of what was delivered asks
    /// <see cref="HashListChange.Find"/> about each, which is cheaper than to be told millions of hashes.
    /// </summary>
    public event EventHandler<HashListChange>? Changed;

    /// <summary>Changes with every change of any list.</summary>
    public string Version { get; private set; }

    /// <summary>In the order of their names.</summary>
    public IReadOnlyList<HashListInfo> All => [.. _lists.Select(InfoOf)];

    public HashListInfo? Find(string name) => _lists.FirstOrDefault(list => list.Info.Name == name) is { } list ? InfoOf(list) : null;

    /// <summary>
    /// Lists whose file cannot be read. What they denied, and for whom, nobody knows: no file can be called clean until each is imported
    /// again or removed.
    /// </summary>
    public IReadOnlyList<string> Unreadable => [.. _lists.Where(list => list.File is null).Select(list => list.Info.Name)];

    /// <summary>Whether a list of hashes to be denied concerns the tenant's mail, and whether one of them has MD5.</summary>
    public (bool Any, bool Md5) Denies(string tenant)
    {
        var (any, md5) = (false, false);
        foreach (var list in _lists)
        {
            var counts = list.Info.Kind == HashListKind.Deny && list.IsFor(tenant);
            any |= counts;
            md5 |= counts && list.HasMd5;
        }

        return (any, md5);
    }

    /// <summary>The first list that denies it.</summary>
    /// <param name="hash">SHA-256 or MD5 in hex.</param>
    public HashListMatch? FindDenied(string hash, string tenant) => Match(hash, list => list.Info.Kind == HashListKind.Deny && list.IsFor(tenant));

    /// <summary>Somebody vouches for the file. Only a reason not to wait for more: it takes nothing away from what an engine says.</summary>
    public bool IsKnownGood(string sha256, string tenant) =>
        Match(sha256, list => list.Info.Kind == HashListKind.Allow && list.IsFor(tenant)) is not null;

    /// <summary>Every list that has it, whosever it is.</summary>
    public IReadOnlyList<HashListMatch> FindAll(string hash) =>
        [.. _lists.Select(list => Match(hash, other => ReferenceEquals(other, list))).OfType<HashListMatch>()];

    /// <summary>Replaces the list, or makes it. Nothing changes when a line is wrong.</summary>
    /// <param name="draft">Name, tenant, kind and source; the rest is filled in.</param>
    /// <param name="expires">For entries that say nothing themselves; null = they hold for ever.</param>
    public async Task<HashListImport> ImportAsync(HashListInfo draft, Stream text, DateTimeOffset? expires, CancellationToken cancellationToken)
    {
        if (!IsName(draft.Name))
        {
            return new HashListImport(null, [$"'{draft.Name}' is no name for a list: use up to 128 small letters, digits, dots, hyphens and underscores, the first a letter or digit"]);
        }

        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            await using var hashed = new HashingStream(text, hash);
            var reader = new HashListText(expires is { } end ? HashListDays.Of(end) : (ushort)0, Today);
            using var writer = new HashListWriter(_folder);
            await foreach (var entry in reader.ReadAsync(hashed, cancellationToken))
            {
                writer.Add(entry);
            }

            if (reader.HasErrors)
            {
                return new HashListImport(null, reader.Errors);
            }

            var info = draft with { ChangedAt = _timeProvider.GetUtcNow(), SourceSha256 = Convert.ToHexStringLower(hash.GetHashAndReset()), Trouble = "" };
            return Replace(writer, info);
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    /// <summary>Adds a few entries, or changes them: an entry that is given again has the new expiry and comment.</summary>
    public async Task<HashListImport> AddAsync(string name, Stream text, CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            if (_lists.FirstOrDefault(list => list.Info.Name == name) is not { File: not null } active)
            {
                return new HashListImport(null, [$"there is no list '{name}'"]);
            }

            var reader = new HashListText(0, Today);
            List<HashListEntry> entries = [];
            await foreach (var entry in reader.ReadAsync(text, cancellationToken))
            {
                entries.Add(entry);
                if (entries.Count > MaxAddedEntries)
                {
                    return new HashListImport(null, [$"more than {MaxAddedEntries} entries: import them as a list"]);
                }
            }

            if (reader.HasErrors)
            {
                return new HashListImport(null, reader.Errors);
            }

            active.Add(entries);
            if (active.AddedEntries > MaxAddedEntries)
            {
                return Rewrite(active);
            }

            Version = VersionOf(_lists);
            Announce(active);
            return new HashListImport(InfoOf(active), []);
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    /// <summary>Notes why a list could not be brought up to date; empty takes the note away.</summary>
    public void SetTrouble(string name, string trouble) => _lists.FirstOrDefault(list => list.Info.Name == name)?.SetTrouble(trouble);

    /// <returns>False when there is none.</returns>
    public async Task<bool> RemoveAsync(string name, CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            if (_lists.FirstOrDefault(list => list.Info.Name == name) is not { } gone)
            {
                return false;
            }

            File.Delete(PathOf(name));
            File.Delete(Path.ChangeExtension(PathOf(name), ".added"));
            _lists = [.. _lists.Where(list => list != gone)];
            Version = VersionOf(_lists);
            gone.Dispose();
            LogRemoved(name);
            return true;
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    public void Dispose()
    {
        foreach (var list in _lists)
        {
            list.Dispose();
        }

        _oneAtATime.Dispose();
    }

    /// <summary>Names are file names, too.</summary>
    public static bool IsName(string name) => NamePattern().IsMatch(name);

    private ushort Today => HashListDays.Of(_timeProvider.GetUtcNow());

    private HashListImport Rewrite(ActiveHashList active)
    {
        using var writer = new HashListWriter(_folder);
        foreach (var entry in active.Entries(Today))
        {
            writer.Add(entry);
        }

        return Replace(writer, active.Info with { ChangedAt = _timeProvider.GetUtcNow() });
    }

    private HashListImport Replace(HashListWriter writer, HashListInfo draft)
    {
        var path = PathOf(draft.Name);
        var info = writer.Finish(draft, path);
        // What was added to the list before is part of it no more. After a crash between the two it would be once more, until the next import.
        File.Delete(Path.ChangeExtension(path, ".added"));
        var active = ActiveHashList.Open(path);
        var before = _lists;
        _lists = [.. before.Where(list => list.Info.Name != info.Name).Append(active).OrderBy(list => list.Info.Name, StringComparer.Ordinal)];
        Version = VersionOf(_lists);
        foreach (var old in before.Where(list => list.Info.Name == info.Name))
        {
            old.Dispose();
        }

        LogImported(info.Name, info.Sha256Entries + info.Md5Entries);
        Announce(active);
        return new HashListImport(InfoOf(active), []);
    }

    private void Announce(ActiveHashList list) => Changed?.Invoke(
        this,
        new HashListChange(list.Info, hash => Match(hash, other => other.Info.Name == list.Info.Name)));

    private HashListMatch? Match(string hash, Func<ActiveHashList, bool> counts)
    {
        Span<byte> bytes = stackalloc byte[32];
        if (hash.Length is not (32 or 64) || Convert.FromHexString(hash, bytes, out _, out var length) != System.Buffers.OperationStatus.Done)
        {
            return null;
        }

        var today = Today;
        while (true)
        {
            var lists = _lists;
            try
            {
                foreach (var list in lists)
                {
                    if (counts(list) && list.Find(bytes[..length], today) is { } comment)
                    {
                        return new HashListMatch(list.Info.Name, list.Info.Tenant, list.Info.Kind, comment);
                    }
                }

                return null;
            }
            catch (ObjectDisposedException) when (!ReferenceEquals(lists, _lists))
            {
                // The list was replaced under the look-up: the new one is in force.
            }
        }
    }

    private static HashListInfo InfoOf(ActiveHashList list) => list.Info with { AddedEntries = list.AddedEntries };

    private static string VersionOf(ActiveHashList[] lists)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var list in lists)
        {
            hash.AppendData(System.Text.Encoding.UTF8.GetBytes(
                string.Create(CultureInfo.InvariantCulture, $"{list.Info.Name} {list.Info.ChangedAt.UtcTicks} {list.AddedEntries}\n")));
        }

        var entries = lists.Sum(list => list.Info.Sha256Entries + list.Info.Md5Entries + list.AddedEntries);
        return string.Create(CultureInfo.InvariantCulture, $"{lists.Length} lists, {entries} entries/{Convert.ToHexStringLower(hash.GetHashAndReset())[..8]}");
    }

    private string PathOf(string name) => Path.Combine(_folder, name + Extension);

    [GeneratedRegex("^[a-z0-9][a-z0-9._-]{0,127}$")]
    private static partial Regex NamePattern();

    [LoggerMessage(Level = LogLevel.Information, Message = "Hash list {Name} is in force with {Entries} entries")]
    private partial void LogImported(string name, long entries);

    [LoggerMessage(Level = LogLevel.Information, Message = "Hash list {Name} was removed")]
    private partial void LogRemoved(string name);

    [LoggerMessage(Level = LogLevel.Error, Message = "Hash list {Name} cannot be read and is not in force: {Trouble}")]
    private partial void LogUnreadable(string name, string trouble);
}

/// <param name="List">Its name.</param>
/// <param name="Tenant">Whose list it is; empty = everybody's.</param>
/// <param name="Comment">What the list says about the file; empty when nothing.</param>
public sealed record HashListMatch(string List, string Tenant, HashListKind Kind, string Comment);

/// <param name="Info">Null when nothing was changed.</param>
/// <param name="Errors">The first wrong lines.</param>
public sealed record HashListImport(HashListInfo? Info, IReadOnlyList<string> Errors);

/// <param name="Find">Whether the list has a hash now: SHA-256 or MD5 in hex.</param>
public sealed record HashListChange(HashListInfo List, Func<string, HashListMatch?> Find);
