using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using SecuEdge.Filter.Policy.Rules;
using SecuEdge.Store.Files;

namespace SecuEdge.Store.Facts;

/// <summary>
/// One append-only file a day, written once a second: what came since, a block a tenant. A second of facts may be lost, never a mail for
/// them. Disk space is bounded: the oldest day goes first, and a day that is too large by itself ends early.
/// </summary>
public sealed partial class FactsLog : IFactsLog, IAsyncDisposable
{
    private const string Extension = ".facts";

    private readonly StoreOptions _options;
    private readonly ILogger _logger;
    private readonly string _folder;
    private readonly Lock _lock = new();
    private readonly LazyWriter<PolicyFacts> _writer;
    private readonly Dictionary<string, HashSet<string>> _tenantsOf = [];
    private (string Day, IFile File, long End)? _open;
    private string _fullDay = "";
    private long _bytes;

    public FactsLog(StoreOptions options, TimeProvider timeProvider, ILogger logger)
    {
        _options = options;
        _logger = logger;
        _folder = Path.Combine(options.DataFolder, "facts");
        options.Files.CreateFolder(_folder);
        _bytes = Days().Sum(LengthOf);
        _writer = new LazyWriter<PolicyFacts>("facts of mail", Write, timeProvider, logger);
    }

    public void Note(PolicyFacts facts) => _writer.Add(facts);

    /// <summary>Writes what was noted until now.</summary>
    public Task FlushAsync(CancellationToken cancellationToken) => _writer.FlushAsync(cancellationToken);

    public async IAsyncEnumerable<PolicyFacts> ReadAsync(
        IReadOnlySet<string>? tenants, DateTimeOffset since, DateTimeOffset until, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await _writer.FlushAsync(cancellationToken);
        foreach (var (file, block, at) in Blocks(tenants, since, until, cancellationToken))
        {
            foreach (var facts in block.Decode(FactsFile.Content(file, block, at)))
            {
                if (facts.At >= since && facts.At < until && tenants?.Contains(facts.Tenant) != false)
                {
                    yield return facts;
                }
            }
        }
    }

    public async Task<int?> CountAsync(IReadOnlySet<string>? tenants, DateTimeOffset since, DateTimeOffset until, CancellationToken cancellationToken)
    {
        await _writer.FlushAsync(cancellationToken);
        var count = 0;
        foreach (var (_, block, _) in Blocks(tenants, since, until, cancellationToken))
        {
            if (block.Count == 0)
            {
                return null;
            }

            count += block.Count;
        }

        return count;
    }

    public async Task ExpireAsync(IReadOnlyDictionary<string, DateTimeOffset> before, DateTimeOffset others, CancellationToken cancellationToken)
    {
        await _writer.FlushAsync(cancellationToken);

        // Long names may be cut to the same: then the longer time is theirs.
        var firstKept = before.GroupBy(b => FactsBlock.ShortName(b.Key), b => DayOf(b.Value), StringComparer.OrdinalIgnoreCase)
            .ToDictionary(g => g.Key, g => g.Min(StringComparer.Ordinal)!, StringComparer.OrdinalIgnoreCase);
        var othersKept = DayOf(others);
        foreach (var path in Days().ToList())
        {
            cancellationToken.ThrowIfCancellationRequested();
            var day = Path.GetFileNameWithoutExtension(path);
            bool IsOver(string tenant) => string.CompareOrdinal(day, firstKept.GetValueOrDefault(tenant, othersKept)) < 0;
            lock (_lock)
            {
                if (TenantsOf(day, path).Any(IsOver))
                {
                    Close();
                    Change(path, block => IsOver(block.Tenant) ? _ => [] : null);
                }
            }
        }
    }

    public async Task<int> EraseAsync(string tenant, Func<PolicyFacts, bool> isToGo, CancellationToken cancellationToken)
    {
        var name = FactsBlock.ShortName(tenant);
        var erased = 0;
        await ChangeAsync(
            _ => true,
            block => !block.Tenant.Equals(name, StringComparison.OrdinalIgnoreCase) ? null : facts =>
            {
                List<PolicyFacts> kept = [.. facts.Where(f => !isToGo(f))];
                erased += facts.Count - kept.Count;
                return kept;
            },
            cancellationToken);
        return erased;
    }

    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync();
        _open?.File.Dispose();
    }

    /// <summary>Those that may have facts of the tenants and the time; each file is open while it is asked about.</summary>
    private IEnumerable<(IFile File, FactsBlock Block, long At)> Blocks(
        IReadOnlySet<string>? tenants, DateTimeOffset since, DateTimeOffset until, CancellationToken cancellationToken)
    {
        var wanted = tenants?.Select(FactsBlock.ShortName).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var (first, last) = (DayOf(since), DayOf(until));
        foreach (var path in Days().Where(p => IsBetween(Path.GetFileNameWithoutExtension(p), first, last)))
        {
            using var file = OpenOrNull(path);
            if (file is null)
            {
                continue;
            }

            foreach (var (block, at) in FactsFile.Blocks(file))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (block.Newest >= since && block.Oldest < until && wanted?.Contains(block.Tenant) != false)
                {
                    yield return (file, block, at);
                }
            }
        }
    }

    /// <summary>Writes days anew without some of their blocks or records; days without such are not touched.</summary>
    /// <param name="changeOf">Null keeps a block as it is.</param>
    private async Task ChangeAsync(
        Func<string, bool> isConcerned, Func<FactsBlock, Func<List<PolicyFacts>, List<PolicyFacts>>?> changeOf, CancellationToken cancellationToken)
    {
        await _writer.FlushAsync(cancellationToken);
        foreach (var path in Days().Where(p => isConcerned(Path.GetFileNameWithoutExtension(p))).ToList())
        {
            cancellationToken.ThrowIfCancellationRequested();
            lock (_lock)
            {
                Close();
                Change(path, changeOf);
            }
        }
    }

    /// <summary>The day being written is opened again by the next write. Under the lock.</summary>
    private void Close()
    {
        _open?.File.Dispose();
        _open = null;
    }

    /// <summary>Who has facts in a day; looked for once, then known until the day changes. Under the lock.</summary>
    private HashSet<string> TenantsOf(string day, string path)
    {
        if (_tenantsOf.TryGetValue(day, out var known))
        {
            return known;
        }

        using var file = OpenOrNull(path);
        var tenants = file is null ? [] : FactsFile.Blocks(file).Select(b => b.Block.Tenant).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return _tenantsOf[day] = tenants;
    }

    /// <summary>Under the lock.</summary>
    private void Change(string path, Func<FactsBlock, Func<List<PolicyFacts>, List<PolicyFacts>>?> changeOf)
    {
        var before = LengthOf(path);
        using var kept = new MemoryStream();
        var isChanged = false;
        using (var file = _options.Files.Open(path))
        {
            foreach (var (block, at) in FactsFile.Blocks(file))
            {
                if (changeOf(block) is not { } change)
                {
                    kept.Write(FactsFile.Whole(file, block, at));
                    continue;
                }

                var facts = block.Decode(FactsFile.Content(file, block, at));
                var left = change(facts);
                isChanged |= left.Count != facts.Count || facts.Count == 0;
                kept.Write(left.Count == 0 ? [] : left.Count == facts.Count ? FactsFile.Whole(file, block, at) : FactsBlock.Encode(block.Tenant, left));
            }
        }

        if (!isChanged)
        {
            return;
        }

        if (kept.Length == 0)
        {
            _options.Files.Delete(path);
        }
        else
        {
            DurableFile.Write(_options.Files, path, kept.GetBuffer().AsSpan(0, (int)kept.Length));
        }

        _tenantsOf.Remove(Path.GetFileNameWithoutExtension(path));
        _bytes += kept.Length - before;
    }

    private void Write(IReadOnlyList<PolicyFacts> noted)
    {
        foreach (var group in noted.GroupBy(f => (Day: DayOf(f.At), f.Tenant)))
        {
            foreach (var records in group.Chunk(FactsBlock.MaxRecords))
            {
                var bytes = FactsBlock.Encode(group.Key.Tenant, records);
                lock (_lock)
                {
                    Append(group.Key.Day, bytes);
                }
            }
        }
    }

    /// <summary>Under the lock.</summary>
    private void Append(string day, byte[] bytes)
    {
        if (!MakeRoom(day, bytes.Length))
        {
            return;
        }

        var open = _open;
        if (open?.Day != day)
        {
            open?.File.Dispose();
            _open = null;
            var path = Path.Combine(_folder, day + Extension);
            var file = _options.Files.Exists(path) ? _options.Files.Open(path) : _options.Files.Create(path);
            _open = open = (day, file, file.Length);
        }

        _tenantsOf.Remove(day);
        open!.Value.File.Write(bytes, open.Value.End);
        _open = open.Value with { End = open.Value.End + bytes.Length };
        _bytes += bytes.Length;
    }

    /// <summary>Under the lock. False when the day alone fills the space: it is better to know the morning than nothing.</summary>
    private bool MakeRoom(string day, int bytes)
    {
        while (_bytes + bytes > _options.FactsBytes)
        {
            if (Days().FirstOrDefault() is not { } oldest || string.CompareOrdinal(Path.GetFileNameWithoutExtension(oldest), day) >= 0)
            {
                if (_fullDay != day)
                {
                    LogFull(_logger, day, _options.FactsBytes);
                }

                _fullDay = day;
                return false;
            }

            var length = LengthOf(oldest);
            _options.Files.Delete(oldest);
            _tenantsOf.Remove(Path.GetFileNameWithoutExtension(oldest));
            _bytes -= length;
        }

        return true;
    }

    private IEnumerable<string> Days() => _options.Files.List(_folder)
        .Where(p => p.EndsWith(Extension, StringComparison.Ordinal))
        .Order(StringComparer.Ordinal);

    private IFile? OpenOrNull(string path)
    {
        try
        {
            return _options.Files.Open(path);
        }
        catch (FileNotFoundException)
        {
            // Expired since the folder was listed.
            return null;
        }
    }

    private long LengthOf(string path)
    {
        using var file = OpenOrNull(path);
        return file?.Length ?? 0;
    }

    private static bool IsBetween(string day, string first, string last) => string.CompareOrdinal(day, first) >= 0 && string.CompareOrdinal(day, last) <= 0;

    private static string DayOf(DateTimeOffset at) => at.UtcDateTime.ToString("yyyyMMdd", CultureInfo.InvariantCulture);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The facts of {Day} alone fill their {Bytes} bytes of disk (Store:FactsBytes); the rest of the day is not recorded and cannot be back-tested")]
    private static partial void LogFull(ILogger logger, string day, long bytes);
}
