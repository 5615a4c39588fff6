using System.Collections.Concurrent;

namespace SecuEdge.Appliance.Directories;

/// <summary>How the reading of one directory goes. What was read is <see cref="DirectoryShelf"/>'s.</summary>
internal sealed record DirectoryState
{
    public static DirectoryState New { get; } = new();

    public DateTimeOffset? LastTry { get; init; }

    /// <summary>Since the start.</summary>
    public DateTimeOffset? LastSuccess { get; init; }

    /// <summary>Empty when the last reading was taken over.</summary>
    public string Trouble { get; init; } = "";

    public DateTimeOffset? FailingSince { get; init; }

    /// <summary>Tries that failed one after the other.</summary>
    public int Failures { get; init; }

    /// <summary>The last reading was complete, and lost so much, or found so little, that a person must agree.</summary>
    public bool AwaitsConsent { get; init; }

    /// <summary>Addresses that the last change brought.</summary>
    public int Added { get; init; }

    public int Removed { get; init; }

    public DateTimeOffset NextTry { get; init; }
}

/// <summary>The states of all directories.</summary>
internal sealed class DirectoryStates
{
    private readonly ConcurrentDictionary<DirectoryKey, DirectoryState> _states = new();

    public IEnumerable<KeyValuePair<DirectoryKey, DirectoryState>> All => _states;

    public DirectoryState this[DirectoryKey key]
    {
        get => _states.GetValueOrDefault(key, DirectoryState.New);
        set => _states[key] = value;
    }

    /// <summary>For readiness: which directories are not read, without saying why, since the reasons name servers.</summary>
    public IEnumerable<string> Warnings()
    {
        const int Shown = 5;
        var failing = _states.Where(s => s.Value.FailingSince is not null).OrderBy(s => s.Value.FailingSince).ToList();
        foreach (var (key, state) in failing.Take(Shown))
        {
            yield return $"directory {key}: not taken over since {state.FailingSince!.Value.UtcDateTime:yyyy-MM-dd HH:mm} UTC, what was read before stays in force; GET /api/v1/directories/{key.Name}?tenant={key.Tenant} says why";
        }

        if (failing.Count > Shown)
        {
            yield return $"directories: {failing.Count - Shown} more are not read; GET /api/v1/directories lists them";
        }
    }

    public void Remove(Func<DirectoryKey, bool> isGone)
    {
        foreach (var key in _states.Keys.Where(isGone))
        {
            _states.TryRemove(key, out _);
        }
    }
}
