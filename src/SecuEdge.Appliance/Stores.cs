using SecuEdge.Appliance.Settings;
using SecuEdge.Filter.Outbreak;
using SecuEdge.Store;
using SecuEdge.Store.Accounts;
using SecuEdge.Store.Attachments;
using SecuEdge.Store.Audit;
using SecuEdge.Store.Contacts;
using SecuEdge.Store.Facts;
using SecuEdge.Store.Greylist;
using SecuEdge.Store.MessageLog;
using SecuEdge.Store.Origin;
using SecuEdge.Store.Outbreak;
using SecuEdge.Store.Quarantine;
using SecuEdge.Store.Refusals;
using SecuEdge.Store.Settings;
using SecuEdge.Store.Spool;
using SecuEdge.Store.State;
using SecuEdge.Store.Usage;

namespace SecuEdge.Appliance;

/// <summary>
/// Everything that survives a restart, opened in the order that loses nothing: the message log first, then the spool, whose finished
/// messages are written to the log again in case a crash took them from it.
/// </summary>
internal sealed class Stores : IAsyncDisposable
{
    private readonly MessageLog _messageLog;
    private readonly Quarantine _quarantine;
    private readonly SettingsStore _settings;
    private readonly Spool _spool;
    private readonly AttachmentLog _attachments;
    private readonly RiskyFiles _riskyFiles;
    private readonly Greylist _greylist;
    private readonly AuditLog _audit;
    private IReadOnlyList<Store.MessageLog.MessageRecord> _finished;

    private Stores(MessageLog messageLog, Quarantine quarantine, SettingsStore settings, Spool spool, SpoolRecovery recovery, AttachmentLog attachments, RiskyFiles riskyFiles, Greylist greylist, StateFiles stateFiles, AuditLog audit, AccountStore accounts)
    {
        _audit = audit;
        Accounts = accounts;
        _attachments = attachments;
        _riskyFiles = riskyFiles;
        _greylist = greylist;
        StateFiles = stateFiles;
        _messageLog = messageLog;
        _quarantine = quarantine;
        _settings = settings;
        _spool = spool;
        Live = recovery.Live;
        _finished = recovery.Finished;
        Notes = [.. messageLog.Notes, .. quarantine.Notes, .. settings.Notes, .. audit.Notes, .. accounts.Notes, .. recovery.Notes];
    }

    public IMessageLog MessageLog => _messageLog;

    /// <summary>Hears every record that the message log is given from now on.</summary>
    public void OnSaved(Action<Store.MessageLog.MessageRecord> saved) => _messageLog.Saved = saved;

    /// <summary>Why stories of messages do not get to disk; empty when they do.</summary>
    public string LogTrouble => _messageLog.Trouble;

    public IQuarantine Quarantine => _quarantine;

    public ISettingsStore Settings => _settings;

    public ISpool Spool => _spool;

    public IAttachmentLog Attachments => _attachments;

    public IRiskyFiles RiskyFiles => _riskyFiles;

    public Greylist Greylist => _greylist;

    public IStateFiles StateFiles { get; }

    public required JournalFolder Journals { get; init; }

    public AuditLog Audit => _audit;

    public required FactsLog Facts { get; init; }

    public required Contacts Contacts { get; init; }

    /// <summary>Where addresses come from, as far as the administrator brought a table.</summary>
    public required OriginFolder Origin { get; init; }

    /// <summary>Recipients that were refused.</summary>
    public required RefusalLog Refusals { get; init; }

    public AccountStore Accounts { get; }

    public UsageLog Usage => _messageLog.Usage;

    public IMessageUpkeep MessageUpkeep => _messageLog.Upkeep;

    /// <summary>Messages of an earlier run, to go on with.</summary>
    public IReadOnlyList<ISpoolEntry> Live { get; }

    /// <summary>What opening had to repair or give up, in plain sentences.</summary>
    public IReadOnlyList<string> Notes { get; }

    public static async Task<Stores> OpenAsync(Configuration configuration, ILoggerFactory loggers, TimeProvider timeProvider)
    {
        var options = configuration.Store;
        var logger = loggers.CreateLogger("SecuEdge.Store");
        var messageLog = await Store.MessageLog.MessageLog.OpenAsync(options, timeProvider, logger, CancellationToken.None);
        var quarantine = await Store.Quarantine.Quarantine.OpenAsync(options, timeProvider, logger, CancellationToken.None);
        var settings = await SettingsStore.OpenAsync(options, timeProvider, logger, CancellationToken.None);
        var audit = await AuditLog.OpenAsync(options, timeProvider, logger, CancellationToken.None);
        var (spool, recovery) = await Store.Spool.Spool.OpenAsync(options, timeProvider, logger, messageLog.FlushAsync, CancellationToken.None);
        return new Stores(
            messageLog, quarantine, settings, spool, recovery,
            new AttachmentLog(options, timeProvider, logger),
            Store.Outbreak.RiskyFiles.Open(options, configuration.Outbreak, timeProvider, logger),
            Greylist.Open(options, timeProvider, logger),
            new StateFiles(options),
            audit,
            AccountStore.Open(options, timeProvider, logger))
        {
            Journals = new JournalFolder(options),
            Facts = new FactsLog(options, timeProvider, logger),
            Contacts = Store.Contacts.Contacts.Open(options, timeProvider, logger),
            Origin = new OriginFolder(options),
            Refusals = new RefusalLog(options, timeProvider, logger),
        };
    }

    /// <summary>
    /// Tells the message log what it may have lost with the last second before a crash; once the site is known, because stories are counted for their
    /// tenants, who also say how long they are kept.
    /// </summary>
    /// <param name="isKept">Whether its tenant still keeps it.</param>
    public async Task RestoreAsync(Func<Store.MessageLog.MessageRecord, bool> isKept, CancellationToken cancellationToken)
    {
        await _messageLog.RestoreAsync(_finished.Where(isKept), cancellationToken);
        _finished = [];
    }

    /// <summary>The settings alone, for verbs that run while the appliance does not.</summary>
    public static async Task<int> WithSettingsAsync(Configuration configuration, ILoggerFactory loggers, Func<ISettingsStore, Task<int>> action)
    {
        await using var settings = await SettingsStore.OpenAsync(configuration.Store, TimeProvider.System, loggers.CreateLogger("SecuEdge.Store"), CancellationToken.None);
        return await action(settings);
    }

    public async ValueTask DisposeAsync()
    {
        await _spool.DisposeAsync();
        await _attachments.DisposeAsync();
        await _riskyFiles.DisposeAsync();
        await Facts.DisposeAsync();
        await Contacts.DisposeAsync();
        await Refusals.DisposeAsync();
        await _greylist.DisposeAsync();
        await _messageLog.DisposeAsync();
        await _quarantine.DisposeAsync();
        await _settings.DisposeAsync();
        await _audit.DisposeAsync();
        await Accounts.DisposeAsync();
    }
}
