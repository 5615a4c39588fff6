using System.Globalization;
using System.Text.Json;
using SecuEdge.Appliance.MailFlow;
using SecuEdge.Appliance.Settings;
using SecuEdge.Appliance.Telemetry;
using SecuEdge.Store.Attachments;
using SecuEdge.Store.MessageLog;
using SecuEdge.Store.State;

namespace SecuEdge.Appliance.Convictions;

/// <summary>
/// Finds those who got a file before an engine convicted it, says so once for each file and engine, and writes it into the story of each
/// message.
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

    /// <summary>Files that a list calls malware from now on.</summary>
    /// <param name="sha256s">Lower-case hex.</param>
    /// <param name="by">Name of the list.</param>
    public Task ConvictedAsync(IEnumerable<string> sha256s, string by, CancellationToken cancellationToken) =>
        ConvictedAsync("hashlist", sha256s.Distinct(StringComparer.Ordinal).ToDictionary(s => s, _ => by), $"hash list {by}", cancellationToken);

    /// <param name="signatures">Signature by SHA-256.</param>
    /// <param name="by">What brought it to light, as it stands in a sentence.</param>
    public async Task ConvictedAsync(string engine, IReadOnlyDictionary<string, string> signatures, string by, CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            // Each further mail of a wave convicts the same file again; those who got it are known by then.
            var fresh = signatures.Keys.Where(s => !_handled.Contains((s, engine))).ToHashSet(StringComparer.Ordinal);
            if (fresh.Count == 0)
            {
                return;
            }

            var sightings = await attachments.FindAsync(fresh, cancellationToken);
            Remember(fresh, engine);
            foreach (var file in sightings.GroupBy(s => s.Sha256))
            {
                await TellAsync(engine, file.Key, signatures[file.Key], by, [.. file.Select(s => s.Reference).Distinct()], cancellationToken);
            }
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    private void Remember(HashSet<string> sha256s, string engine)
    {
        if (_handled.Count + sha256s.Count > MaxHandled)
        {
            _handled.Clear();
            _handled.UnionWith(_all.Select(v => (v.Sha256, v.Engine)));
        }

        // A list of millions is imported once; it need not be remembered.
        if (sha256s.Count < MaxHandled / 10)
        {
            _handled.UnionWith(sha256s.Select(s => (s, engine)));
        }
    }

    private async Task TellAsync(string engine, string sha256, string signature, string by, List<string> references, CancellationToken cancellationToken)
    {
        var now = timeProvider.GetUtcNow();
        List<RetroMessage> messages = [];
        foreach (var reference in references)
        {
            if (await messageLog.FindAsync(reference, cancellationToken) is not { } record)
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
            Id = (_all.Count > 0 ? _all[0].Id : 0) + 1,
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
