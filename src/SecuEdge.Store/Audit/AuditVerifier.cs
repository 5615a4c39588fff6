namespace SecuEdge.Store.Audit;

/// <summary>
/// Walks through the whole chain and says where it breaks first. It reads the files alone, so it works beside a running appliance and on
/// a copy: the anchor is read before the entries, which can only be more by then.
/// </summary>
public sealed class AuditVerifier
{
    private readonly AuditFolder _folder;
    private readonly List<AuditMonth> _months = [];
    private readonly List<AuditEntry> _recorded = [];
    private readonly List<AuditHead> _wanted = [];
    private readonly Dictionary<long, string> _foundHashes = [];
    private AuditHead _head = AuditHead.None;
    private AuditHead? _missingStart;
    private AuditBreak? _break;

    private AuditVerifier(AuditFolder folder) => _folder = folder;

    /// <param name="known">Heads that somebody wrote down elsewhere, from the log of the appliance or a syslog server.</param>
    public static AuditVerification Run(StoreOptions options, IReadOnlyList<AuditHead> known, CancellationToken cancellationToken)
    {
        var verifier = new AuditVerifier(new AuditFolder(options.Files, options.DataFolder));
        return verifier.Run(known, cancellationToken);
    }

    private AuditVerification Run(IReadOnlyList<AuditHead> known, CancellationToken cancellationToken)
    {
        var anchor = AuditAnchor.Read(_folder.AnchorPath);
        _wanted.AddRange(anchor is null ? known : [anchor, .. known]);
        foreach (var month in _folder.Months())
        {
            cancellationToken.ThrowIfCancellationRequested();
            CheckMonth(month);
            if (_break is not null)
            {
                break;
            }
        }

        if (_break is null)
        {
            CheckStart();
            CheckEnd(anchor, known);
        }

        return new AuditVerification
        {
            Months = _months,
            Head = _head,
            Anchor = anchor,
            Break = _break,
            Recorded = _recorded,
        };
    }

    private void CheckMonth(int month)
    {
        var path = _folder.PathOf(month);
        var (line, count, first) = (0L, 0L, _head.Number + 1);
        foreach (var placed in AuditLines.Forward(path, 0, long.MaxValue))
        {
            line++;
            var problem = CheckLine(placed.Bytes, month, isFirst: line == 1, out var entry);
            if (problem.Length > 0)
            {
                _break = new AuditBreak(_head.Number + 1, AuditFolder.NameOf(month), line, problem);
                break;
            }

            first = count == 0 ? entry!.Number : first;
            count++;
        }

        _months.Add(new AuditMonth(month, count, count == 0 ? 0 : first, count == 0 ? 0 : _head.Number));
    }

    private string CheckLine(byte[] bytes, int month, bool isFirst, out AuditEntry? entry)
    {
        entry = AuditLine.Read(bytes);
        if (entry is null)
        {
            return "the line is no entry";
        }

        if (!AuditLine.HasRightHash(bytes))
        {
            return "the entry was changed: its hash is not that of its content";
        }

        if (isFirst && _months.Count == 0 && entry.Number > 1)
        {
            // Older months were deleted; an entry further on must say so.
            _missingStart = new AuditHead(entry.Number - 1, entry.PreviousHash);
        }
        else if (entry.PreviousHash != _head.Hash || entry.Number != _head.Number + 1)
        {
            return $"the entry does not follow the one before: it is number {entry.Number} after {_head.Number}{(entry.PreviousHash == _head.Hash ? "" : ", and it was made after another entry")}";
        }

        if (AuditFolder.MonthOf(entry.At) > month)
        {
            return $"an entry of {entry.At:yyyy-MM-dd} cannot be in this month";
        }

        Note(entry);
        return "";
    }

    private void Note(AuditEntry entry)
    {
        _head = new AuditHead(entry.Number, entry.Hash);
        if (entry.Action == AuditLog.BrokenAction)
        {
            _recorded.Add(entry);
        }

        if (_missingStart is not null && entry.Action == AuditLog.ExpiredAction && entry.Target == _missingStart.ToString())
        {
            _missingStart = null;
        }

        foreach (var wanted in _wanted)
        {
            if (wanted.Number == entry.Number)
            {
                _foundHashes[entry.Number] = entry.Hash;
            }
        }
    }

    private void CheckStart()
    {
        if (_missingStart is not null)
        {
            _break = new AuditBreak(_missingStart.Number, AuditFolder.NameOf(_months[0].Month), 1, $"the log begins behind entry {_missingStart.Number}, and no entry says that those before were deleted after their retention");
        }
    }

    private void CheckEnd(AuditHead? anchor, IReadOnlyList<AuditHead> known)
    {
        var last = _months.Count == 0 ? "" : AuditFolder.NameOf(_months[^1].Month);
        var lines = _months.Count == 0 ? 0 : _months[^1].Entries;
        if (anchor is null && _head.Number > 0)
        {
            _break ??= new AuditBreak(_head.Number, last, lines, "the anchor is missing: whether entries were cut off the end cannot be seen");
        }

        foreach (var (wanted, who) in known.Select(k => (k, "the given head")).Prepend((anchor ?? AuditHead.None, "the anchor")))
        {
            if (wanted.Number > _head.Number)
            {
                _break ??= new AuditBreak(_head.Number + 1, last, lines + 1, $"entries were cut off the end: {who} is {wanted.Number}, the last entry is {_head.Number}");
            }
            else if (_foundHashes.TryGetValue(wanted.Number, out var hash) && hash != wanted.Hash)
            {
                _break ??= new AuditBreak(wanted.Number, last, lines, $"entries were replaced: {who} has another hash for entry {wanted.Number}");
            }
        }
    }
}

/// <summary>What <see cref="AuditVerifier"/> found.</summary>
public sealed record AuditVerification
{
    public required IReadOnlyList<AuditMonth> Months { get; init; }

    /// <summary>The last good entry.</summary>
    public required AuditHead Head { get; init; }

    /// <summary>Null when there is none.</summary>
    public required AuditHead? Anchor { get; init; }

    /// <summary>The first one; null when the chain is whole.</summary>
    public required AuditBreak? Break { get; init; }

    /// <summary>Entries by which the appliance itself recorded at a start that the end was not where it should be.</summary>
    public required IReadOnlyList<AuditEntry> Recorded { get; init; }

    public long Entries => Months.Sum(m => m.Entries);

    public bool IsWhole => Break is null && Recorded.Count == 0;
}

/// <param name="Month">Year and month as one number.</param>
public sealed record AuditMonth(int Month, long Entries, long First, long Last);

/// <summary>Where the chain breaks.</summary>
/// <param name="Number">The entry that should be there.</param>
/// <param name="Line">From 1.</param>
public sealed record AuditBreak(long Number, string File, long Line, string Problem);
