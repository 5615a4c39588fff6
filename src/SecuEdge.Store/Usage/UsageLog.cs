using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Logging;
using SecuEdge.Store.Files;
using SecuEdge.Store.LiteDb;
using SecuEdge.Store.MessageLog;

namespace SecuEdge.Store.Usage;

/// <summary>Reads what <see cref="UsageTally"/> wrote into the months of the message log; before such a month is deleted, its numbers go into a small file that stays.</summary>
public sealed partial class UsageLog : IUsageLog
{
    private const int ChunkSize = 500;
    private const string Prefix = "usage-";
    private const string SettledName = "settled";

    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };

    private readonly StoreOptions _options;
    private readonly MonthlyFiles _files;
    private readonly ILogger _logger;
    private readonly string _folder;
    private volatile Func<string, string, bool> _isOwn = (_, _) => true;
    private volatile Func<string, bool> _isListed = _ => true;

    internal UsageLog(StoreOptions options, MonthlyFiles files, ILogger logger)
    {
        _options = options;
        _files = files;
        _logger = logger;
        _folder = Path.Combine(options.DataFolder, "usage");
    }

    /// <summary>Whether a domain is the tenant's, asked when mail is counted: only its own addresses are mailboxes of it. Everything is, until the site is known.</summary>
    public Func<string, string, bool> IsOwn
    {
        get => _isOwn;
        set => _isOwn = value;
    }

    /// <summary>
    /// Whether an own address is a mailbox that somebody listed, asked when mail is counted: a list of today says nothing about a month ago. Every
    /// one is, until the site is known.
    /// </summary>
    public Func<string, bool> IsListed
    {
        get => _isListed;
        set => _isListed = value;
    }

    public async Task<IReadOnlyList<int>> MonthsAsync(CancellationToken cancellationToken) =>
        [.. (await _files.MonthsAsync(cancellationToken)).Union(KeptMonths()).OrderDescending()];

    public async Task<MonthlyUsage> FindAsync(int month, CancellationToken cancellationToken, IReadOnlyCollection<string>? tenants = null)
    {
        if ((await _files.MonthsAsync(cancellationToken)).Contains(month))
        {
            return await ReadAsync(month, tenants, cancellationToken);
        }

        if (!KeptMonths().Contains(month) || JsonSerializer.Deserialize<MonthlyUsage>(_options.Files.ReadAll(PathOf(month)), s_json) is not { } kept)
        {
            return MonthlyUsage.Empty(month);
        }

        return tenants?.ToHashSet(StringComparer.OrdinalIgnoreCase) is { } wanted
            ? kept with { Days = [.. kept.Days.Where(d => wanted.Contains(d.Tenant))], Mailboxes = [.. kept.Mailboxes.Where(m => wanted.Contains(m.Tenant))] }
            : kept;
    }

    public async Task<IReadOnlyList<UsedMailbox>> MailboxesAsync(int month, string tenant, string? after, int limit, CancellationToken cancellationToken) =>
        (await _files.MonthsAsync(cancellationToken)).Contains(month)
            ? await UseAsync(month, database => UsageTable.MailboxesOf(database, month, tenant, after, limit), cancellationToken)
            : [];

    public async Task<IReadOnlyList<UsedMailbox>> FindMailboxAsync(string tenant, string address, CancellationToken cancellationToken)
    {
        var found = new List<UsedMailbox>();
        foreach (var month in await _files.MonthsAsync(cancellationToken))
        {
            if (await UseAsync(month, database => UsageTable.Find(database, month, tenant, address), cancellationToken) is { } mailbox)
            {
                found.Add(mailbox);
            }
        }

        return found;
    }

    public async Task<int> RenameAsync(string tenant, string? address, Func<string, string> rename, CancellationToken cancellationToken)
    {
        var renamed = 0;
        foreach (var month in await _files.MonthsAsync(cancellationToken))
        {
            List<string> addresses = address is null ? await AllAsync(month, tenant, cancellationToken) : [address];
            foreach (var chunk in addresses.Chunk(ChunkSize))
            {
                var count = 0;
                await _files.UseAsync(
                    month,
                    async file =>
                    {
                        await file.WriteAsync(database => count = chunk.Count(a => UsageTable.Rename(database, tenant, a, rename(a))));
                        return true;
                    },
                    cancellationToken);
                renamed += count;
            }
        }

        return renamed;
    }

    /// <summary>
    /// Rows of older versions do not say whether their domain was the tenant's, and some are of strangers. They are judged once in the life of a
    /// data folder, by the site as it is then, so that what happens to it later changes nothing.
    /// </summary>
    public async Task SettleAsync(CancellationToken cancellationToken)
    {
        var settled = Path.Combine(_folder, SettledName);
        if (_options.Files.Exists(settled))
        {
            return;
        }

        try
        {
            foreach (var month in await _files.MonthsAsync(cancellationToken))
            {
                await SettleAsync(month, IsOwn, cancellationToken);
            }

            DurableFile.CreateFolder(_options.Files, _folder);
            DurableFile.Write(_options.Files, settled, []);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // A broken month, or a disk that takes nothing: no reason not to start. Until then they count as mailboxes.
            LogNotSettled(e);
        }
    }

    /// <summary>Writes the numbers of months whose messages are about to go into files of their own, without addresses.</summary>
    internal async Task KeepBeforeAsync(int firstKept, CancellationToken cancellationToken)
    {
        foreach (var month in await _files.MonthsAsync(cancellationToken))
        {
            if (month >= firstKept)
            {
                continue;
            }

            try
            {
                DurableFile.CreateFolder(_options.Files, _folder);
                var usage = await ReadAsync(month, null, cancellationToken);
                DurableFile.Write(_options.Files, PathOf(month), JsonSerializer.SerializeToUtf8Bytes(usage, s_json));
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // LiteDB meets broken pages with exceptions of any kind; retention does not wait for a month that nobody can read.
                LogNotKept(e, month);
            }
        }
    }

    private async Task SettleAsync(int month, Func<string, string, bool> isOwn, CancellationToken cancellationToken)
    {
        for (string? next = ""; next is not null;)
        {
            var after = next;
            await _files.UseAsync(
                month,
                async file =>
                {
                    await file.WriteAsync(database => next = UsageTable.Settle(database, after, ChunkSize, isOwn));
                    return true;
                },
                cancellationToken);
        }
    }

    private Task<MonthlyUsage> ReadAsync(int month, IReadOnlyCollection<string>? tenants, CancellationToken cancellationToken) =>
        UseAsync(month, database => UsageTable.Read(database, month, tenants), cancellationToken);

    private async Task<List<string>> AllAsync(int month, string tenant, CancellationToken cancellationToken)
    {
        var all = new List<string>();
        while (true)
        {
            var after = all.LastOrDefault();
            var page = await UseAsync(month, database => UsageTable.MailboxesOf(database, month, tenant, after, ChunkSize), cancellationToken);
            all.AddRange(page.Select(m => m.Address));
            if (page.Count < ChunkSize)
            {
                return all;
            }
        }
    }

    private Task<T> UseAsync<T>(int month, Func<LiteDB.LiteDatabase, T> read, CancellationToken cancellationToken) =>
        _files.UseAsync(month, file => file.ReadAsync(read, cancellationToken), cancellationToken);

    private IEnumerable<int> KeptMonths()
    {
        foreach (var path in _options.Files.List(_folder))
        {
            var name = Path.GetFileNameWithoutExtension(path);
            if (name.StartsWith(Prefix, StringComparison.Ordinal)
                && int.TryParse(name.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var month))
            {
                yield return month;
            }
        }
    }

    private string PathOf(int month) => Path.Combine(_folder, Prefix + month.ToString("d6", CultureInfo.InvariantCulture) + ".json");

    [LoggerMessage(Level = LogLevel.Error, Message = "The usage of {Month} could not be kept when its messages were deleted")]
    private partial void LogNotKept(Exception exception, int month);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Mailboxes that an older version counted could not be looked through; the next start tries again")]
    private partial void LogNotSettled(Exception exception);
}
