using System.Text;
using MimeKit;
using SecuEdge.Content.Files;

namespace SecuEdge.Content.Mime;

/// <summary>
/// The name of a part. A sender can give up to four (filename, filename*, name, name*), and mail programs disagree on which counts, so
/// the most dangerous one is taken. The others are kept: a rule may be about one of them.
/// </summary>
internal static class PartNames
{
    public static FileName? Choose(MimeEntity entity, HeaderBlock? header)
    {
        var names = new List<string>(2);
        Add(names, entity.ContentDisposition?.FileName);
        Add(names, entity.ContentType.Name);
        foreach (var parameter in (header?.Disposition?.Parameters ?? []).Concat(header?.ContentType?.Parameters ?? []))
        {
            // MimeKit has decoded these already, and dropped the backslashes of a path as quoting.
            if (parameter.Key is "filename" or "name" && !parameter.Value.Contains("=?", StringComparison.Ordinal) && Ascii.IsValid(parameter.Value))
            {
                Add(names, parameter.Value);
            }

            // A dot in two bytes, as sloppy decoders of UTF-8 take it (RFC 3629 §10).
            if (parameter.Key is "filename*" or "name*" && parameter.Value.Contains("%C0%AE", StringComparison.OrdinalIgnoreCase))
            {
                Add(names, parameter.Value[(parameter.Value.LastIndexOf('\'') + 1)..].Replace("%C0%AE", ".", StringComparison.OrdinalIgnoreCase));
            }
        }

        // Outlook shows the description of a part that has no name.
        if (names.Count == 0 && FileNames.Parse(entity.Headers[HeaderId.ContentDescription]) is { } description && IsDangerous(description))
        {
            names.Add(description.Raw);
        }

        FileName? chosen = null;
        var deceptive = false;
        foreach (var raw in names)
        {
            var name = FileNames.Parse(raw);
            deceptive |= name is { IsDeceptive: true } || (name is { } next && chosen is { } before && Contradict(before, next));
            if (name is { } candidate && (chosen is null || (!IsDangerous(chosen.Value) && IsDangerous(candidate))))
            {
                deceptive |= chosen is { } other && !string.Equals(other.Extension, candidate.Extension, StringComparison.Ordinal);
                chosen = candidate;
            }
        }

        return chosen is { } best ? best with { IsDeceptive = deceptive, Others = OthersThan(best, names) } : null;
    }

    private static List<string> OthersThan(FileName chosen, List<string> names) =>
        [.. names.Select(raw => FileNames.Parse(raw)?.Shown).OfType<string>().Where(shown => shown != chosen.Shown).Distinct(StringComparer.Ordinal)];

    /// <summary>Different mail programs would save different kinds of files. That one of the names has no extension is everyday.</summary>
    private static bool Contradict(FileName one, FileName other) =>
        FileTypes.OfExtension(one.Extension) is { } first && FileTypes.OfExtension(other.Extension) is { } second && first.MediaType != second.MediaType;

    private static bool IsDangerous(FileName name) => FileTypes.IsExecutableExtension(name.Extension);

    private static void Add(List<string> names, string? name)
    {
        if (string.IsNullOrWhiteSpace(name) || names.Contains(name))
        {
            return;
        }

        names.Add(name);
        if (name.Contains('%', StringComparison.Ordinal) && Uri.UnescapeDataString(name) is var decoded && !names.Contains(decoded))
        {
            names.Add(decoded);
        }
    }
}
