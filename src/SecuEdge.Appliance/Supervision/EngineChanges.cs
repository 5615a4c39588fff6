using System.Text.Json;
using SecuEdge.Appliance.MailFlow;
using SecuEdge.Appliance.Settings;
using SecuEdge.Appliance.Telemetry;
using SecuEdge.Filter.Scanners;
using SecuEdge.Store.State;

namespace SecuEdge.Appliance.Supervision;

/// <summary>
/// Every change of an engine's version is an event: it is told, counted, kept in a short list, and held mail is judged again. A change while
/// the appliance was down is one, too.
/// </summary>
internal sealed partial class EngineChanges(
    IReadOnlyList<IScanner> scanners, MailQueue queue, IStateFiles state, GatewayMetrics metrics, TimeProvider timeProvider, ILogger<EngineChanges> logger)
{
    private const string StateName = "engines";
    private const int MaxChanges = 100;

    // An engine that changes all the time must not keep all engines busy with held mail.
    private static readonly TimeSpan ReviewInterval = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, string> _versions = new(StringComparer.Ordinal);
    private DateTimeOffset _reviewedAt = DateTimeOffset.MinValue;
    private bool _isReviewDue;
    private volatile IReadOnlyList<EngineChange> _recent = [];

    /// <summary>Newest first.</summary>
    public IReadOnlyList<EngineChange> Recent => _recent;

    /// <summary>Before the first look.</summary>
    public void Load()
    {
        try
        {
            if (state.Read(StateName) is { } bytes && JsonSerializer.Deserialize<Known>(bytes, SiteJson.Options) is { } known)
            {
                _recent = known.Changes;
                foreach (var (engine, version) in known.Versions)
                {
                    _versions[engine] = version;
                }
            }
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            LogNotLoaded(e);
        }
    }

    /// <summary>Compares all engines with what was known; several changes at once are one reason to judge held mail again.</summary>
    public void Look()
    {
        List<EngineChange> changes = [];
        var isNews = false;
        foreach (var scanner in scanners)
        {
            var version = scanner.Status.Version;
            // An engine that is away has no version; it has changed when it comes back with another one.
            if (version.Length == 0 || (_versions.TryGetValue(scanner.Name, out var before) && before == version))
            {
                continue;
            }

            isNews = true;
            _versions[scanner.Name] = version;
            if (before is { Length: > 0 })
            {
                changes.Add(new EngineChange(scanner.Name, timeProvider.GetUtcNow(), before, version));
                metrics.EngineChanged(scanner.Name);
                LogChanged(scanner.Name, before, version);
            }
        }

        if (changes.Count > 0)
        {
            _recent = [.. changes, .. _recent.Take(MaxChanges - changes.Count)];
            _isReviewDue = true;
        }

        AskReview();

        if (isNews)
        {
            Save();
        }
    }

    private void AskReview()
    {
        if (!_isReviewDue || timeProvider.GetUtcNow() - _reviewedAt < ReviewInterval)
        {
            return;
        }

        (_isReviewDue, _reviewedAt) = (false, timeProvider.GetUtcNow());
        var held = queue.AskReview();
        if (held > 0)
        {
            LogReview(held);
        }
    }

    private void Save()
    {
        try
        {
            state.Write(StateName, JsonSerializer.SerializeToUtf8Bytes(new Known(_versions, _recent), SiteJson.Options));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogNotSaved(e);
        }
    }

    private sealed record Known(IReadOnlyDictionary<string, string> Versions, IReadOnlyList<EngineChange> Changes);

    [LoggerMessage(Level = LogLevel.Information, Message = "Engine {Engine} changed from {Before} to {Now}")]
    private partial void LogChanged(string engine, string before, string now);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Count} held messages are judged again")]
    private partial void LogReview(int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The known versions of engines cannot be read")]
    private partial void LogNotLoaded(Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The versions of engines cannot be stored; after a restart they will look changed")]
    private partial void LogNotSaved(Exception exception);
}

/// <summary>An engine has other signatures, or is another version itself.</summary>
public sealed record EngineChange(string Engine, DateTimeOffset At, string From, string To);
