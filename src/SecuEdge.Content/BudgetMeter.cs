namespace SecuEdge.Content;

/// <summary>
/// What one examination has spent of its <see cref="AnatomyBudget"/>, shared by the whole tree so that no nesting multiplies a limit.
/// Taking answers false instead of throwing: the caller stops and what is known so far stays known.
/// </summary>
internal sealed class BudgetMeter(AnatomyBudget budget, TimeProvider timeProvider, CancellationToken cancellationToken)
{
    /// <summary>A hostile message can have a thousand faults; the first ones tell the story.</summary>
    private const int MaxTroubles = 50;

    /// <summary>
    /// All small parts of one message together; later ones become scratch files. With the one buffer of a search (64 MB at most) this
    /// is what a message can hold, whatever it is made of.
    /// </summary>
    private const int MaxBytesInMemory = 16 * 1024 * 1024;

    private readonly long _started = timeProvider.GetTimestamp();
    private readonly List<string> _troubles = [];
    private long _bytes;
    private long _bytesInMemory;
    private int _parts;
    private int _entries;
    private bool _isOutOfTime;

    public AnatomyBudget Budget => budget;

    public AnatomyFlags Flags { get; private set; }

    public IReadOnlyList<string> Troubles => _troubles;

    public TimeSpan Elapsed => timeProvider.GetElapsedTime(_started);

    public void Note(AnatomyFlags flags, string sentence)
    {
        Flags |= flags;
        if (_troubles.Count < MaxTroubles && !_troubles.Contains(sentence))
        {
            _troubles.Add(sentence);
        }
    }

    /// <summary>One MIME part or reading.</summary>
    public bool TryTakePart()
    {
        if (_parts >= budget.MaxParts)
        {
            Note(AnatomyFlags.OverBudget, $"More than {budget.MaxParts} parts.");
            return false;
        }

        _parts++;
        return HasTime();
    }

    /// <summary>
    /// One file inside a container. The limit is per archive in words, but counted over the message: a hundred archives of ten thousand
    /// entries cost what one of a million costs.
    /// </summary>
    public bool TryTakeEntry()
    {
        if (_entries >= budget.MaxEntries)
        {
            Note(AnatomyFlags.OverBudget, $"More than {budget.MaxEntries} archive entries.");
            return false;
        }

        _entries++;
        return HasTime();
    }

    public bool TryTakeBytes(int count)
    {
        _bytes += count;
        if (_bytes > budget.MaxTotalBytes)
        {
            Note(AnatomyFlags.OverBudget, $"More than {budget.MaxTotalBytes} decoded bytes.");
            return false;
        }

        return true;
    }

    /// <summary>False when these bytes belong into a file.</summary>
    public bool TryKeepInMemory(int count)
    {
        if (_bytesInMemory + count > MaxBytesInMemory)
        {
            return false;
        }

        _bytesInMemory += count;
        return true;
    }

    /// <summary>For parsers that only know tokens. The caller disposes it.</summary>
    public CancellationTokenSource NewTimeLimit()
    {
        var left = budget.MaxTime - timeProvider.GetElapsedTime(_started);
        return new CancellationTokenSource(left > TimeSpan.Zero ? left : TimeSpan.Zero, timeProvider);
    }

    public bool HasTime()
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!_isOutOfTime && timeProvider.GetElapsedTime(_started) > budget.MaxTime)
        {
            _isOutOfTime = true;
            Note(AnatomyFlags.OverBudget, $"Not finished within {budget.MaxTime.TotalSeconds:0} seconds.");
        }

        return !_isOutOfTime;
    }
}
