using System.Net;
using SecuEdge.Appliance.Operations;
using SecuEdge.Appliance.Telemetry;

namespace SecuEdge.Appliance.Access;

/// <summary>
/// Writes down who did not get in. A program that repeats a dead token all day makes one entry a minute, not a full disk; the metrics count
/// every attempt.
/// </summary>
internal sealed class LoginNotes(Auditor auditor, AccessMetrics metrics, TimeProvider timeProvider)
{
    private const int MaxRemembered = 10_000;
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, DateTimeOffset> _noted = [];
    private readonly Lock _lock = new();

    /// <summary>A token, or a browser's write, that was refused.</summary>
    /// <param name="name">Of the token when it is known; never what was sent.</param>
    public Task RefusedAsync(LoginFailure failure, string name, string node, IPAddress? address, CancellationToken cancellationToken)
    {
        metrics.Failed(failure);
        return IsDue($"{AddressRanges.Client(address)} {name}")
            ? RecordAsync("login.failed", name, node, address, Sentence(failure), cancellationToken)
            : Task.CompletedTask;
    }

    /// <summary>A login that was refused; the limits of logins bound how many there are.</summary>
    /// <param name="name">Of the user when there is one; never what was typed, which now and then is a password.</param>
    /// <param name="reason">More than the failure says by itself; a sentence of ours, never what was sent.</param>
    public async Task LoginFailedAsync(
        LoginFailure failure, string name, string node, bool isNowLocked, IPAddress? address, CancellationToken cancellationToken, string reason = "")
    {
        metrics.Failed(failure);
        await RecordAsync("login.failed", name, node, address, reason.Length > 0 ? reason : Sentence(failure), cancellationToken);
        if (isNowLocked)
        {
            await RecordAsync("login.locked", name, node, address, "Too many failures: from now on each further one makes a longer pause.", cancellationToken);
        }
    }

    /// <summary>Not looked at because of earlier failures, which are written down.</summary>
    public void Paused() => metrics.Failed(LoginFailure.Locked);

    private Task RecordAsync(string action, string name, string node, IPAddress? address, string detail, CancellationToken cancellationToken) =>
        auditor.RecordAsync(
            new Caller(name.Length == 0 ? "unknown" : name) { Address = address is null ? "" : AddressRanges.Plain(address).ToString() },
            action,
            node,
            name,
            detail,
            cancellationToken,
            succeeded: false);

    private bool IsDue(string key)
    {
        var now = timeProvider.GetUtcNow();
        lock (_lock)
        {
            if (_noted.TryGetValue(key, out var last) && now - last < Interval)
            {
                return false;
            }

            if (_noted.Count >= MaxRemembered)
            {
                foreach (var old in _noted.Where(n => now - n.Value >= Interval).Select(n => n.Key).ToList())
                {
                    _noted.Remove(old);
                }

                if (_noted.Count >= MaxRemembered)
                {
                    // So many clients at once are an attack; the metrics show it.
                    return false;
                }
            }

            _noted[key] = now;
            return true;
        }
    }

    private static string Sentence(LoginFailure failure) => failure switch
    {
        LoginFailure.UnknownUser => "There is no such user.",
        LoginFailure.Password => "The password was wrong.",
        LoginFailure.SecondFactor => "The one-time code was missing, wrong or used before.",
        LoginFailure.Disabled => "The user is disabled.",
        LoginFailure.Locked => "Too many failures before.",
        LoginFailure.Passkey => "The answer of the passkey was not accepted.",
        LoginFailure.Oidc => "What the identity provider said was not accepted.",
        LoginFailure.TokenUnknown => "The token or session is not known.",
        LoginFailure.TokenExpired => "The token has expired.",
        LoginFailure.TokenNetwork => "The token was sent from an address it is not for.",
        LoginFailure.TokenOrphaned => "The node of the token, or the user who made it, is gone or disabled.",
        LoginFailure.Csrf => "A write of a browser came without the token of its session.",
        _ => throw new ArgumentOutOfRangeException(nameof(failure), failure, null),
    };
}
