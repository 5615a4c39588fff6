using System.Globalization;
using LiteDB;
using Microsoft.Extensions.Logging;
using SecuEdge.Store.LiteDb;

namespace SecuEdge.Store.MessageLog;

/// <summary>
/// The database files of the message log, one a month. The two newest stay open; older ones are closed after use, because
/// LiteDB's page cache only grows. Retention deletes whole files.
/// </summary>
internal sealed partial class MonthlyFiles(StoreOptions options, TimeProvider timeProvider, ILogger logger) : IAsyncDisposable
{
    private const string Prefix = "messages-";
    private const int KeptOpen = 2;

    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly SortedDictionary<int, OpenMonth> _open = [];

    /// <summary>Year and month as one number that sorts.</summary>
    public static int MonthOf(DateTimeOffset at) => (at.UtcDateTime.Year * 100) + at.UtcDateTime.Month;

    /// <summary>Months that have a file, newest first.</summary>
    public async Task<IReadOnlyList<int>> MonthsAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            return Months();
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Opens a month if need be. Whoever uses it last closes it, unless it is one of the newest.</summary>
    public async Task<T> UseAsync<T>(int month, Func<LiteDbWriter, Task<T>> use, CancellationToken cancellationToken)
    {
        OpenMonth open;
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (!_open.TryGetValue(month, out open!))
            {
                open = _open[month] = new OpenMonth(await Task.Run(() => OpenFile(month), cancellationToken));
            }

            open.Users++;
        }
        finally
        {
            _gate.Release();
        }

        try
        {
            return await use(open.File);
        }
        finally
        {
            await _gate.WaitAsync(CancellationToken.None);
            open.Users--;
            await CloseOldAsync();
            _gate.Release();
        }
    }

    /// <summary>Deletes the files of the months before <paramref name="firstKept"/>. One in use waits for the next time.</summary>
    public async Task DeleteBeforeAsync(int firstKept, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            foreach (var month in Months())
            {
                if (month >= firstKept || (_open.TryGetValue(month, out var open) && open.Users > 0))
                {
                    continue;
                }

                if (_open.Remove(month, out var idle))
                {
                    await idle.File.DisposeAsync();
                }

                LiteDbFile.Delete(PathOf(month));
                LogExpired(month);
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var open in _open.Values)
        {
            await open.File.DisposeAsync();
        }

        _open.Clear();
        _gate.Dispose();
    }

    private List<int> Months()
    {
        // A month whose file is locked may have only a stand-in, which is open.
        var months = new List<int>(_open.Keys);
        foreach (var path in Directory.EnumerateFiles(options.DataFolder, Prefix + "??????.db"))
        {
            if (int.TryParse(Path.GetFileNameWithoutExtension(path).AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var month)
                && !_open.ContainsKey(month))
            {
                months.Add(month);
            }
        }

        months.Sort((a, b) => b.CompareTo(a));
        return months;
    }

    private async Task CloseOldAsync()
    {
        while (_open.Count > KeptOpen && _open.First() is { Value.Users: 0 } oldest)
        {
            _open.Remove(oldest.Key);
            await oldest.Value.File.DisposeAsync();
        }
    }

    private LiteDbWriter OpenFile(int month)
    {
        var path = PathOf(month);
        var file = LiteDbWriter.Open(path, StoryTable.Prepare, options.Files, timeProvider, logger);
        if (!file.IsAlternate)
        {
            BringHome(path, file);
        }

        return file;
    }

    /// <summary>Records written to a stand-in while the file was locked.</summary>
    private void BringHome(string path, LiteDbWriter file)
    {
        foreach (var alternate in LiteDbFile.Alternates(path).ToList())
        {
            try
            {
                using (var standIn = new LiteDatabase(new ConnectionString { Filename = alternate, Connection = ConnectionType.Direct }))
                {
                    file.Read(database => RecordTable.CopyAll(standIn, database));
                    file.Read(database =>
                    {
                        database.Checkpoint();
                        return true;
                    });
                }

                LiteDbFile.Delete(alternate);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                LogStandInFailed(e, alternate);
            }
        }
    }

    private string PathOf(int month) => Path.Combine(options.DataFolder, Prefix + month.ToString("d6", CultureInfo.InvariantCulture) + ".db");

    private sealed class OpenMonth(LiteDbWriter file)
    {
        public LiteDbWriter File { get; } = file;

        public int Users { get; set; }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The message log of {Month} is past its retention and was deleted")]
    private partial void LogExpired(int month);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The records of {Path} could not be taken over; the next start tries again")]
    private partial void LogStandInFailed(Exception exception, string path);
}
