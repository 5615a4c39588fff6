using System.Globalization;
using System.Text.Json;
using SecuEdge.Appliance.MailFlow;
using SecuEdge.Appliance.Settings;
using SecuEdge.Appliance.Telemetry;
using SecuEdge.Filter.Scanners.HashLists;
using SecuEdge.Store.Attachments;
using SecuEdge.Store.MessageLog;
using SecuEdge.Store.State;

namespace SecuEdge.Appliance.Convictions;

/// <summary>
/// Finds those who got a file before an engine convicted it, says so once for each file and engine, and writes it into the story of each
/// message. Nothing is said of what a person let out although that engine had convicted it.
/// </summary>
internal sealed partial class RetroVerdicts(
    IAttachmentLog attachments, IMessageLog messageLog, MailQueue queue, IStateFiles state, GatewayMetrics metrics, TimeProvider timeProvider,
    ILogger<RetroVerdicts> logger) : IDisposable
{
    private const string StateName = "retro-verdicts";
    private const int MaxVerdicts = 500;
    private const int MaxMessages = 200;
    private const int MaxHandled = 10_000;

    private readonly SemaphoreSlim _oneAtATime = new(1, 1);
    private readonly HashSet<(string Sha256, string Engine)> _handled = [];
    private volatile List<RetroVerdict> _all = [];

    /// <summary>Newest first.</summary>
    public IReadOnlyList<RetroVerdict> All => _all;

    public void Dispose() => _oneAtATime.Dispose();

    /// <summary>Before the first message: what was found earlier.</summary>
    public void Load()
    {
        try
        {
            if (state.Read(StateName) is { } bytes && JsonSerializer.Deserialize<List<RetroVerdict>>(bytes, SiteJson.Options) is { } saved)
            {
                _all = saved;
                _handled.UnionWith(saved.Select(v => (v.Sha256, v.Engine)));
            }
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            LogNotLoaded(e);
        }
    }

    /// <summary>Takes the messages of a tenant out; a verdict that has none left goes with them.</summary>
    /// <exception cref="IOException">The disk cannot take it; what is shown is without them already.</exception>
    public Task EraseAsync(string tenant, CancellationToken cancellationToken) => RewriteAsync(m => IsOf(m, tenant) ? null : m, cancellationToken);

    /// <summary>Puts other messages in the place of those told of; null takes one out.</summary>
    /// <exception cref="IOException">The disk cannot take it; what is shown is rewritten already.</exception>
    public async Task RewriteAsync(Func<RetroMessage, RetroMessage?> rewrite, CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            _all =
            [
                .. _all.Select(v => (Verdict: v, Messages: v.Messages.Select(rewrite).OfType<RetroMessage>().ToList()))
                    .Select(v => v.Verdict with { Messages = v.Messages, MessageCount = v.Verdict.MessageCount - (v.Verdict.Messages.Count - v.Messages.Count) })
                    .Where(v => v.MessageCount > 0),
            ];
            state.Write(StateName, JsonSerializer.SerializeToUtf8Bytes(_all, SiteJson.Options));
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    /// <summary>Files that a list calls malware from now on.</summary>
    public Task ListedAsync(HashListChange change, CancellationToken cancellationToken) => TellAllAsync(
        "hashlist",
        () => attachments.FindAsync(sha256 => change.Find(sha256) is not null, cancellationToken),
        _ => change.List.Name,
        $"hash list {change.List.Name}",
        change.List.Tenant,
        cancellationToken);

    /// <param name="signatures">Signature by SHA-256.</param>
    /// <param name="by">What brought it to light, as it stands in a sentence.</param>
    public Task ConvictedAsync(string engine, IReadOnlyDictionary<string, string> signatures, string by, CancellationToken cancellationToken)
    {
        // Each further mail of a wave convicts the same file again; those who got it are known by then.
        var fresh = signatures.Keys.Where(s => !_handled.Contains((s, engine))).ToHashSet(StringComparer.Ordinal);
        return fresh.Count == 0
            ? Task.CompletedTask
            : TellAllAsync(engine, () => attachments.FindAsync(fresh, cancellationToken), sha256 => signatures[sha256], by, tenant: "", cancellationToken, fresh);
    }

    private async Task TellAllAsync(
        string engine, Func<Task<IReadOnlyList<AttachmentSighting>>> find, Func<string, string> signatureOf, string by, string tenant,
        CancellationToken cancellationToken, IReadOnlySet<string>? asked = null)
    {
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            var files = (await find()).GroupBy(s => s.Sha256).Where(file => !_handled.Contains((file.Key, engine))).ToList();
            Remember(asked ?? files.Select(file => file.Key).ToHashSet(StringComparer.Ordinal), engine);
            foreach (var file in files)
            {
                await TellAsync(engine, file.Key, signatureOf(file.Key), by, tenant, [.. file.Select(s => s.Reference).Distinct()], cancellationToken);
            }
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    private void Remember(IReadOnlySet<string> sha256s, string engine)
    {
        if (_handled.Count + sha256s.Count > MaxHandled)
        {
            _handled.Clear();
            _handled.UnionWith(_all.Select(v => (v.Sha256, v.Engine)));
        }

        _handled.UnionWith(sha256s.Take(MaxHandled).Select(s => (s, engine)));
    }

    private static bool IsOf(RetroMessage message, string tenant) => message.Tenant.Equals(tenant, StringComparison.OrdinalIgnoreCase);

    /// <summary>The same engine called it the same when a person let it out: he knew, and is not told again. What another one finds is news.</summary>
    private static bool WasKnown(MessageRecord record, string engine, string sha256, string signature) =>
        record.Events.Any(e => e is { Kind: MessageEventKind.Released, Actor: not null })
        && record.Engines.Any(e => e.Name == engine && e.Convictions.Any(c => c.Sha256 == sha256 && c.Signature == signature && !c.IsAdvisory));

    private async Task TellAsync(string engine, string sha256, string signature, string by, string tenant, List<string> references, CancellationToken cancellationToken)
    {
        var now = timeProvider.GetUtcNow();
        List<RetroMessage> messages = [];
        foreach (var reference in references)
        {
            if (await messageLog.FindAsync(reference, cancellationToken) is not { } record || (tenant.Length > 0 && record.Tenant != tenant)
                || WasKnown(record, engine, sha256, signature))
            {
                continue;
            }

            List<string> got = [.. record.Recipients.Where(r => r.State == MessageState.Delivered).Select(r => r.Address)];
            if (got.Count == 0)
            {
                continue;
            }

            messages.Add(new RetroMessage(reference, record.Tenant, record.ReceivedAt, record.ReversePath, got));
            if (!queue.Contains(reference))
            {
                // A message that is still on its way to others belongs to the queue, which would write over it.
                var text = $"Delivered to {string.Join(", ", got)}, and now {engine} calls an attachment {signature} (SHA-256 {sha256}), by {by}";
                messageLog.Save(record.Add([new MessageEvent { At = now, Kind = MessageEventKind.RetroConvicted, Text = text }]));
            }
        }

        if (messages.Count == 0)
        {
            return;
        }

        var verdict = new RetroVerdict
        {
            Id = Math.Max(_all.Count > 0 ? _all[0].Id + 1 : 0, now.UtcTicks / TimeSpan.TicksPerMicrosecond),
            Sha256 = sha256,
            Engine = engine,
            Signature = signature,
            At = now,
            By = by,
            Messages = [.. messages.OrderByDescending(m => m.ReceivedAt).Take(MaxMessages)],
            MessageCount = messages.Count,
        };
        _all = [verdict, .. _all.Take(MaxVerdicts - 1)];
        metrics.RetroConvicted(messages.Count);
        LogConvicted(engine, signature, sha256, messages.Count, messages.Sum(m => m.Recipients.Count).ToString(CultureInfo.InvariantCulture));
        try
        {
            state.Write(StateName, JsonSerializer.SerializeToUtf8Bytes(_all, SiteJson.Options));
        }
        catch (IOException e)
        {
            LogNotSaved(e);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Engine {Engine} now calls a delivered file malware ({Signature}, SHA-256 {Sha256}): {Messages} messages to {Recipients} recipients had it")]
    private partial void LogConvicted(string engine, string signature, string sha256, int messages, string recipients);

    [LoggerMessage(Level = LogLevel.Error, Message = "The list of retro-verdicts cannot be read; it starts empty")]
    private partial void LogNotLoaded(Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "The list of retro-verdicts cannot be stored; a restart would forget the latest")]
    private partial void LogNotSaved(Exception exception);
}
