using System.IO.MemoryMappedFiles;
using System.Text.Json;
using SecuEdge.Cage.Yara;
using SecuEdge.Content;

namespace SecuEdge.Cage.Jobs;

/// <summary>
/// Matches the rules against one part. The worker keeps the sets it was sent, by version: a question that carries the set is the exception,
/// asked again only when the worker said that it does not have it.
/// </summary>
internal sealed class ScanRulesJob : ICageJob
{
    /// <summary>The set in force and the one before: during a swap both are asked for.</summary>
    private const int KeptSets = 2;

    // In order of arrival. One job at a time in a worker, yet nothing here depends on that.
    private readonly List<(string Version, RuleSet Rules)> _sets = [];
    private readonly Lock _lock = new();

    public string Kind => "scan-rules";

    public CageAnswer Run(CageQuestion question, CancellationToken cancellationToken)
    {
        var parameters = JsonSerializer.Deserialize(question.Parameters, RuleJson.Default.RuleScanQuestion)
            ?? throw new InvalidDataException("scan-rules needs parameters");
        lock (_lock)
        {
            var answer = YaraLibrary.Trouble is { Length: > 0 } trouble
                ? new RuleScanAnswer(false, trouble, false, [])
                : Scan(question.Bytes, parameters);
            return new CageAnswer(JsonSerializer.Serialize(answer, RuleJson.Default.RuleScanAnswer));
        }
    }

    /// <summary>The library and its tables; without it the answers will say so.</summary>
    public void WarmUp(string scratchFolder) => _ = YaraLibrary.Trouble;

    private RuleScanAnswer Scan(IByteSource bytes, RuleScanQuestion parameters)
    {
        if (parameters.RuleBytes < 0 || parameters.RuleBytes > bytes.Length)
        {
            return new RuleScanAnswer(false, "the question is shorter than the rules it says it carries", false, []);
        }

        var known = _sets.Find(set => set.Version == parameters.Version).Rules;
        if (known is null && parameters.RuleBytes == 0)
        {
            return new RuleScanAnswer(true, "", false, []);
        }

        if (bytes.Memory is { } memory)
        {
            var all = memory.Span;
            known ??= Keep(parameters.Version, all[..parameters.RuleBytes]);
            return known?.Scan(all[parameters.RuleBytes..], parameters) ?? Unreadable();
        }

        return ScanFile(bytes, known, parameters);
    }

    /// <summary>Mapped, not read: a part of 100 MB costs the worker address space only.</summary>
    private unsafe RuleScanAnswer ScanFile(IByteSource bytes, RuleSet? known, RuleScanQuestion parameters)
    {
        using var file = bytes.FilePath is { } path
            ? MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read)
            : throw new InvalidDataException("scan-rules reads memory or files");
        using var view = file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        byte* start = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        try
        {
            known ??= Keep(parameters.Version, new ReadOnlySpan<byte>(start, parameters.RuleBytes));
            return known?.Scan(start + parameters.RuleBytes, (nuint)(bytes.Length - parameters.RuleBytes), parameters) ?? Unreadable();
        }
        finally
        {
            view.SafeMemoryMappedViewHandle.ReleasePointer();
        }
    }

    private RuleSet? Keep(string version, ReadOnlySpan<byte> compiled)
    {
        if (RuleSet.Load(compiled) is not { } rules)
        {
            return null;
        }

        _sets.Add((version, rules));
        if (_sets.Count > KeptSets)
        {
            _sets[0].Rules.Dispose();
            _sets.RemoveAt(0);
        }

        return rules;
    }

    private static RuleScanAnswer Unreadable() => new(false, "the compiled rules are of another libyara, or damaged", false, []);
}
