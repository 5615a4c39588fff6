using SecuEdge.Content;

namespace SecuEdge.Filter.Checks;

/// <summary>
/// What the build of a file says without any signature: one finding per row of <see cref="StructureTable"/>, with the parts it is true of
/// and the evidence that the anatomy kept.
/// </summary>
internal sealed class StructureCheck : ICheck
{
    // Enough to recognise the mail by, and to see at a glance what the macro calls or where the shortcut leads.
    private const int MaxNamedParts = 3;
    private const int MaxEvidence = 3;
    private const int MaxEvidenceChars = 80;

    public string Name => "STRUCTURE";

    public IReadOnlyList<FindingDefinition> Findings { get; } = [.. StructureTable.Rows.Select(row => row.Definition)];

    public VerdictAction? OnFailure => VerdictAction.Quarantine;

    public Task<CheckResult> RunAsync(MessageFacts facts, CancellationToken cancellationToken)
    {
        List<PlacedPart>? interesting = null;
        foreach (var placed in Walk(facts.Anatomy.Root))
        {
            if (StructureTable.MayMatter(placed))
            {
                (interesting ??= []).Add(placed);
            }
        }

        if (interesting is null)
        {
            return Task.FromResult(CheckResult.Nothing);
        }

        List<Finding> findings = [];
        foreach (var row in StructureTable.Rows)
        {
            var matches = interesting.FindAll(placed => row.IsTrueOf(placed));
            if (matches.Count > 0)
            {
                findings.Add(row.Definition.On(Detail(matches)));
            }
        }

        return Task.FromResult(new CheckResult(findings));
    }

    // Depth first like the anatomy's own walk, and not recursive: hostile mail chooses the depth.
    private static IEnumerable<PlacedPart> Walk(MessagePart root)
    {
        var pending = new Stack<PlacedPart>();
        pending.Push(new PlacedPart(root, 0));
        while (pending.TryPop(out var placed))
        {
            yield return placed;
            for (var i = placed.Part.Children.Count - 1; i >= 0; i--)
            {
                var child = placed.Part.Children[i];
                pending.Push(new PlacedPart(child, placed.NestedArchives + (child.Flags.HasFlag(AnatomyFlags.NestedArchive) ? 1 : 0)));
            }
        }
    }

    private static string Detail(List<PlacedPart> matches)
    {
        List<string> names = [.. matches.Take(MaxNamedParts).Select(match => Describe(match.Part))];
        if (matches.Count > names.Count)
        {
            names.Add($"and {matches.Count - names.Count} more");
        }

        return string.Join(", ", names);
    }

    private static string Describe(MessagePart part)
    {
        var label = PartLabel.Of(part);
        return part.Evidence.Count == 0 ? label : $"{label}: {string.Join("; ", part.Evidence.Take(MaxEvidence).Select(Printable))}";
    }

    // Quoted from the file: it may hold anything, and a log line or a terminal is no place for its control characters.
    private static string Printable(string evidence)
    {
        var shown = evidence.Length <= MaxEvidenceChars ? evidence : evidence[..MaxEvidenceChars];
        return string.Create(shown.Length, shown, (span, text) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = char.IsControl(text[i]) || char.GetUnicodeCategory(text[i]) == System.Globalization.UnicodeCategory.Format ? ' ' : text[i];
            }
        });
    }
}
