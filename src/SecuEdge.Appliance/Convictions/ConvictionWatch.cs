using System.Text.Json;
using System.Threading.Channels;
using SecuEdge.Appliance.MailFlow;
using SecuEdge.Appliance.Settings;
using SecuEdge.Filter;
using SecuEdge.Filter.Checks;
using SecuEdge.Filter.Scanners;
using SecuEdge.Smtp;
using SecuEdge.Store.MessageLog;
using SecuEdge.Store.State;

namespace SecuEdge.Appliance.Convictions;

/// <summary>
/// Keeps account of convictions, behind the mail flow: feeds the breaker, looks for those who got the same file earlier, and says aloud
/// what the breaker did. No mail waits for it.
/// </summary>
internal sealed partial class ConvictionWatch(
    ConvictionGuard guard, BreakerOptions options, RetroVerdicts retroVerdicts, IMessageLog messageLog, IReadOnlyList<IScanner> scanners, MailQueue queue,
    IStateFiles state, TimeProvider timeProvider, ILogger<ConvictionWatch> logger) : BackgroundService
{
    private const string StateName = "breaker";

    // A flood of malware is counted as far as it can be followed; the breaker needs hundreds, not all.
    private const int MaxWaiting = 10_000;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    private readonly Channel<MessageRecord> _records = Channel.CreateBounded<MessageRecord>(
        new BoundedChannelOptions(MaxWaiting) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    /// <summary>A judged message; returns at once. Only those with convictions matter.</summary>
    public void Note(MessageRecord record)
    {
        if (record.Engines.Any(e => e.Convictions.Count > 0))
        {
            _records.Writer.TryWrite(record);
        }
    }

    public Demotion Demote(string engine, string? signature, string reason, string actor)
    {
        var demotion = guard.Demote(engine, signature, reason, actor, VersionOf(engine));
        LogDemotedByPerson(engine, signature ?? "all signatures", actor, reason);
        Save();
        return demotion;
    }

    public IReadOnlyList<Demotion> Restore(string engine, string? signature, string actor)
    {
        var restored = guard.Restore(engine, signature);
        LogRestoredByPerson(engine, signature ?? "all signatures", actor);
        Save();
        // What was held because of the demotion is judged with the full word of the engine again.
        queue.AskReview();
        return restored;
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        Save();
    }

    /// <summary>Before the first message: what the breaker knew.</summary>
    public void Load()
    {
        try
        {
            if (state.Read(StateName) is { } bytes && JsonSerializer.Deserialize<BreakerState>(bytes, SiteJson.Options) is { } saved)
            {
                guard.Load(saved);
            }
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            LogNotLoaded(e);
        }
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(FollowAsync(stoppingToken), ExpireAsync(stoppingToken));

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        await foreach (var record in _records.Reader.ReadAllAsync(cancellationToken))
        {
            try
            {
                await TakeAsync(record, cancellationToken);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                // Whatever the stores have: this one is not counted, the next is.
                LogNotTaken(record.Reference, e);
            }
        }
    }

    private async Task TakeAsync(MessageRecord record, CancellationToken cancellationToken)
    {
        var convicting = record.Engines.Where(e => e.Convictions.Count > 0).ToList();
        var domain = await KnownDomainAsync(record, convicting, cancellationToken);
        var samples = convicting.SelectMany(e => e.Convictions, (e, c) => new ConvictionSample(e.Name, c.Signature, e.Version, domain)).ToList();
        if (guard.Observe(samples) is { } demotion)
        {
            LogTripped(demotion.Engine, demotion.Signature ?? "all signatures", demotion.Reason);
            Save();
        }

        foreach (var engine in convicting)
        {
            await retroVerdicts.ConvictedAsync(engine.Name, SignaturesOf(engine), $"message {record.Reference}", cancellationToken);
        }
    }

    /// <summary>The domain of a sender whose mail this tenant has got before: what we delivered often is a better witness than one signature.</summary>
    private async Task<string?> KnownDomainAsync(MessageRecord record, List<EngineReport> convicting, CancellationToken cancellationToken)
    {
        if (record.ReversePath.Length == 0 || convicting.Count != 1 || !MailPath.TryParse(record.ReversePath, out var sender)
            || convicting[0].Convictions.All(c => ConvictionGuard.IsTestFile(c.Signature)))
        {
            return null;
        }

        var query = new MessageQuery { Tenant = record.Tenant, Sender = record.ReversePath, State = MessageState.Delivered, Limit = options.KnownMessages };
        var page = await messageLog.SearchAsync(query, cancellationToken);
        return page.Items.Count >= options.KnownMessages ? sender.Domain : null;
    }

    /// <summary>What is only advice convicts nobody who got it earlier.</summary>
    private static Dictionary<string, string> SignaturesOf(EngineReport engine) => engine.Convictions
        .Where(c => c.Sha256.Length > 0 && !c.IsAdvisory)
        .DistinctBy(c => c.Sha256)
        .ToDictionary(c => c.Sha256, c => c.Signature);

    private async Task ExpireAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Interval, timeProvider);
        var ticks = 0;
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            ticks++;
            try
            {
                Expire(ticks);
            }
            catch (Exception e)
            {
                // Whatever it was: looked at again with the next tick, or a demotion would never end.
                LogNotExpired(e);
            }
        }
    }

    private void Expire(int ticks)
    {
        var ended = guard.Expire(VersionOf);
        foreach (var demotion in ended)
        {
            LogEnded(demotion.Engine, demotion.Signature ?? "all signatures");
        }

        if (ended.Count > 0)
        {
            queue.AskReview();
        }

        // Every ten minutes the history, so that a crash costs hardly any of it.
        if (ended.Count > 0 || ticks % 20 == 0)
        {
            Save();
        }
    }

    private string VersionOf(string engine) => scanners.FirstOrDefault(s => s.Name == engine)?.Status.Version ?? "";

    private void Save()
    {
        try
        {
            state.Write(StateName, JsonSerializer.SerializeToUtf8Bytes(guard.Save(), SiteJson.Options));
        }
        catch (IOException e)
        {
            LogNotSaved(e);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Engine {Engine}, {Signature}: {Reason}. Its convictions hold mail instead of convicting until it is quiet, changes, or is restored")]
    private partial void LogTripped(string engine, string signature, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Engine {Engine}, {Signature}: demoted by {Actor}: {Reason}")]
    private partial void LogDemotedByPerson(string engine, string signature, string actor, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Engine {Engine}, {Signature}: restored by {Actor}")]
    private partial void LogRestoredByPerson(string engine, string signature, string actor);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Engine {Engine}, {Signature}: convicts again, it was quiet or has other signatures")]
    private partial void LogEnded(string engine, string signature);

    [LoggerMessage(Level = LogLevel.Error, Message = "The convictions of message {Reference} are not accounted for")]
    private partial void LogNotTaken(string reference, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "Whether demoted engines convict again could not be looked at; it is tried again")]
    private partial void LogNotExpired(Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "The state of the circuit breaker cannot be read; it starts without history")]
    private partial void LogNotLoaded(Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "The state of the circuit breaker cannot be stored; a restart would forget the latest")]
    private partial void LogNotSaved(Exception exception);
}
