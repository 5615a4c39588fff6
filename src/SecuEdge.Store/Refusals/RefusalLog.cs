using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using SecuEdge.Store.Files;

namespace SecuEdge.Store.Refusals;

/// <summary>
/// What was refused before there was a message, so that "their mail to us bounced" has an answer: counted by the hour (<see cref="RefusalHour"/>),
/// in one <see cref="LineJournal"/> a day, the last line of a row valid. Nobody waits for it: attempts are noted in memory and written a second
/// later; a crash costs that second, of busy rows the part since their number last doubled, and where the day's room is used up that of the hour.
/// </summary>
public sealed class RefusalLog : IAsyncDisposable
{
    // Ten seconds of a thousand refusals each; more is an attack, and counted only.
    private const int MaxWaiting = 10_000;

    // Half a second of reading.
    private const long MaxBytesOfSearch = 64L << 20;
    private const string Extension = ".refusals";
    private const string DayFormat = "yyyyMMdd";

    private readonly StoreOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly string _folder;
    private readonly LazyWriter<RefusedAttempt> _writer;

    // Held while a day is read or rewritten; mail never waits for it.
    private readonly Lock _lock = new();
    private (string Day, LineJournal Journal, RefusalVolume Volume)? _today;
    private RefusalHour? _hour;
    private long _lastId;
    private string _expiredOn = "";

    public RefusalLog(StoreOptions options, TimeProvider timeProvider, ILogger logger)
    {
        _options = options;
        _timeProvider = timeProvider;
        _folder = Path.Combine(options.DataFolder, "refusals");
        DurableFile.CreateFolder(options.Files, _folder);
        _writer = new LazyWriter<RefusedAttempt>("refused attempts", Write, timeProvider, logger, MaxWaiting);
    }

    /// <summary>Attempts that came faster than they could be written down.</summary>
    public long Dropped => _writer.Dropped;

    /// <summary>Costs a lock and no more.</summary>
    public void Note(RefusedAttempt attempt) => _writer.Add(attempt);

    public async Task<RefusalPage> SearchAsync(RefusalQuery query, CancellationToken cancellationToken)
    {
        await _writer.FlushAsync(cancellationToken);
        return await Task.Run(() => Search(query, cancellationToken), cancellationToken);
    }

    /// <summary>All that match, newest first.</summary>
    public async IAsyncEnumerable<Refusal> ReadAsync(RefusalQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var before = query.Before; ;)
        {
            var page = await SearchAsync(query with { Before = before, Limit = 1_000 }, cancellationToken);
            foreach (var row in page.Items)
            {
                yield return row;
            }

            if (page.Next is not { } next)
            {
                break;
            }

            before = next;
        }
    }

    /// <summary>Takes rows out for good.</summary>
    /// <returns>How many.</returns>
    /// <exception cref="IOException">The disk cannot take it; what is done is done.</exception>
    public async Task<int> EraseAsync(Func<Refusal, bool> isGone, CancellationToken cancellationToken)
    {
        await _writer.FlushAsync(cancellationToken);
        return await Task.Run(() => Days().Sum(day => Erase(day, isGone, cancellationToken)), cancellationToken);
    }

    /// <summary>Takes out what is past its time, and at the latest when stories of messages go. Once a day is enough: days are what is counted.</summary>
    /// <param name="before">By tenant: what had its last attempt earlier goes.</param>
    /// <param name="others">Of tenants that are gone.</param>
    /// <exception cref="IOException">The disk cannot take it; it is tried again the next time.</exception>
    public async Task<int> ExpireAsync(IReadOnlyDictionary<string, DateTimeOffset> before, DateTimeOffset others, CancellationToken cancellationToken)
    {
        var today = DayOf(_timeProvider.GetUtcNow());
        if (_expiredOn == today)
        {
            return 0;
        }

        await _writer.FlushAsync(cancellationToken);
        lock (_lock)
        {
            // Where nothing more was refused, a day that is over would stay the open one.
            if (_today is { } open && open.Day != today)
            {
                Finish();
                _hour = null;
                _today = null;
                open.Journal.Dispose();
            }
        }

        var oldest = _timeProvider.GetUtcNow().AddMonths(-_options.MessageLogMonths);
        var newest = DayOf(before.Values.Append(others).Append(oldest).Max());
        var expired = await Task.Run(
            () => Days().Where(d => string.CompareOrdinal(d, newest) <= 0)
                .Sum(d => Erase(d, r => r.Last < oldest || r.Last < (before.TryGetValue(r.Tenant, out var time) ? time : others), cancellationToken)),
            cancellationToken);
        _expiredOn = today;
        return expired;
    }

    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync();
        lock (_lock)
        {
            try
            {
                Finish();
            }
            catch (Exception e) when (DurableFile.IsDiskTrouble(e))
            {
                // A full disk at the stop costs numbers of the last hour.
            }

            _today?.Journal.Dispose();
        }
    }

    private RefusalPage Search(RefusalQuery query, CancellationToken cancellationToken)
    {
        var read = 0L;
        List<Refusal> found = [];

        // Before the beginning of a day is the day before: its own file, read again, would give the same page for ever.
        var last = DayOf(TimeOf(Math.Max(query.Before, 1) - 1));
        foreach (var day in Days().Where(d => string.CompareOrdinal(d, last) <= 0 && (query.Until is null || string.CompareOrdinal(d, DayOf(query.Until.Value)) <= 0)).Reverse())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (query.Since is { } since && string.CompareOrdinal(day, DayOf(since)) < 0)
            {
                break;
            }

            if (read > MaxBytesOfSearch)
            {
                return new RefusalPage(found, IdOf(EndOf(day)));
            }

            found.AddRange(Read(day, ref read).Where(query.Matches).OrderByDescending(r => r.Id).Take(query.Limit + 1 - found.Count));
            if (found.Count > query.Limit)
            {
                return new RefusalPage([.. found.Take(query.Limit)], found[query.Limit - 1].Id);
            }
        }

        return new RefusalPage(found, null);
    }

    private Dictionary<long, Refusal>.ValueCollection Read(string day, ref long read)
    {
        lock (_lock)
        {
            Dictionary<long, Refusal> rows = [];
            var isToday = _today?.Day == day;
            if (!_options.Files.Exists(PathOf(day)))
            {
                return rows.Values;
            }

            using (var journal = Load(day, rows))
            {
                read += journal.Bytes;
            }

            foreach (var row in isToday ? _hour!.Rows : [])
            {
                rows[row.Id] = row;
            }

            return rows.Values;
        }
    }

    private int Erase(string day, Func<Refusal, bool> isGone, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            if (!_options.Files.Exists(PathOf(day)))
            {
                return 0;
            }

            Dictionary<long, Refusal> rows = [];
            var isToday = _today?.Day == day;
            using var journal = Load(day, rows);
            List<Refusal> gone = [.. rows.Values.Where(isGone)];
            if (gone.Count == 0)
            {
                return 0;
            }

            if (gone.Count == rows.Count && !isToday)
            {
                _options.Files.Delete(PathOf(day));
                _options.Files.SyncFolder(_folder);
                return gone.Count;
            }

            (isToday ? _today!.Value.Journal : journal).Rewrite(rows.Values.Except(gone).OrderBy(r => r.Id).Select(Line));
            if (isToday)
            {
                _hour!.Erase(isGone);
            }

            return gone.Count;
        }
    }

    private void Write(IReadOnlyList<RefusedAttempt> attempts)
    {
        lock (_lock)
        {
            foreach (var attempt in attempts)
            {
                var hour = HourOf(attempt.At);
                if (_hour is null || hour > _hour.Start)
                {
                    Finish();
                    Begin(hour);
                }

                _hour!.Add(attempt, NextId);
            }

            Append(isOver: false);
        }
    }

    private void Begin(DateTimeOffset hour)
    {
        var day = DayOf(hour);
        if (_today?.Day == day)
        {
            _hour = new RefusalHour(hour, _today.Value.Volume);
            return;
        }

        // Without a file there is no hour: should it not open, the next attempt tries again.
        _hour = null;
        _today?.Journal.Dispose();
        _today = null;
        var volume = new RefusalVolume();
        Dictionary<long, Refusal> rows = [];
        _today = (day, Load(day, rows, volume), volume);
        _hour = new RefusalHour(hour, volume);
        foreach (var row in rows.Values)
        {
            _lastId = Math.Max(_lastId, row.Id);
            if (row.First >= hour)
            {
                _hour.Restore(row);
            }
        }
    }

    /// <summary>The numbers of an hour that is over.</summary>
    private void Finish() => Append(isOver: true);

    private void Append(bool isOver)
    {
        if (_hour is null || _today is not { } today || _hour.Due(isOver) is not { Count: > 0 } rows)
        {
            return;
        }

        List<byte[]> lines = [.. rows.Select(Line)];
        today.Journal.Append(lines, isDurable: false);
        _hour.Written(rows);
        foreach (var (row, line) in rows.Zip(lines))
        {
            today.Volume.Add(row.Tenant, line.Length);
        }
    }

    private LineJournal Load(string day, Dictionary<long, Refusal> rows, RefusalVolume? volume = null) => LineJournal.Open(_options.Files, PathOf(day), json =>
    {
        try
        {
            var row = StoreJson.ReadRefusal(json);
            rows[row.Id] = row;
            volume?.Add(row.Tenant, json.Length);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    });

    private long NextId(DateTimeOffset at) => _lastId = Math.Max(_lastId + 1, IdOf(at));

    private IReadOnlyList<string> Days() =>
    [
        .. _options.Files.List(_folder).Where(p => p.EndsWith(Extension, StringComparison.Ordinal)).Select(p => Path.GetFileNameWithoutExtension(p)).Order(StringComparer.Ordinal),
    ];

    private string PathOf(string day) => Path.Combine(_folder, day + Extension);

    private static byte[] Line(Refusal row) => JsonSerializer.SerializeToUtf8Bytes(row, StoreJson.Default.Refusal);

    private static long IdOf(DateTimeOffset at) => at.UtcTicks / TimeSpan.TicksPerMicrosecond;

    private static DateTimeOffset TimeOf(long id) => new(Math.Clamp(id, 0, DateTimeOffset.MaxValue.UtcTicks / TimeSpan.TicksPerMicrosecond) * TimeSpan.TicksPerMicrosecond, TimeSpan.Zero);

    private static DateTimeOffset HourOf(DateTimeOffset at) => new(at.UtcTicks - (at.UtcTicks % TimeSpan.TicksPerHour), TimeSpan.Zero);

    private static DateTimeOffset EndOf(string day) => DateTimeOffset.ParseExact(day, DayFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal).AddDays(1);

    private static string DayOf(DateTimeOffset at) => at.UtcDateTime.ToString(DayFormat, CultureInfo.InvariantCulture);
}
