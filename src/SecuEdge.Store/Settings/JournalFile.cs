using System.Collections.Immutable;
using System.Globalization;

namespace SecuEdge.Store.Settings;

/// <summary>
/// One file of the journal as read: what was in force when it was begun, and the revisions since. A file stands for itself: every
/// "before" of its revisions is in it, too.
/// </summary>
internal sealed class JournalFile
{
    public const string Prefix = "journal-";
    private const string Suffix = ".jsonl";

    private static readonly ImmutableDictionary<string, SettingsDocument> None = ImmutableDictionary.Create<string, SettingsDocument>(StringComparer.Ordinal);

    /// <summary>What was in force before the first of <see cref="Revisions"/>.</summary>
    public ImmutableDictionary<string, SettingsDocument> Start { get; private set; } = None;

    /// <summary>Number of the revision that <see cref="Start"/> shows.</summary>
    public int StartRevision { get; private set; }

    public List<JournalEntry> Revisions { get; } = [];

    /// <summary>What is in force after the last revision.</summary>
    public ImmutableDictionary<string, SettingsDocument> End { get; private set; } = None;

    public int EndRevision { get; private set; }

    /// <summary>Bytes up to the end of the last whole line; what follows was torn by a crash and never acknowledged.</summary>
    public long SoundBytes { get; private set; }

    /// <summary>Lines before the end that a disk damaged.</summary>
    public int DamagedLines { get; private set; }

    /// <summary>Whether the head or a document in force is among the damaged, so that the file alone does not tell what is in force.</summary>
    public bool IsStartDamaged { get; private set; }

    public static string NameOf(int sequence) => $"{Prefix}{sequence.ToString("d6", CultureInfo.InvariantCulture)}{Suffix}";

    /// <summary>Null when it is no file of the journal.</summary>
    public static int? SequenceOf(string path)
    {
        var name = Path.GetFileName(path);
        return name.StartsWith(Prefix, StringComparison.Ordinal) && name.EndsWith(Suffix, StringComparison.Ordinal)
            && int.TryParse(name[Prefix.Length..^Suffix.Length], NumberStyles.None, CultureInfo.InvariantCulture, out var sequence)
            ? sequence
            : null;
    }

    /// <param name="earlier">What is known from the files before, where this one's start is damaged.</param>
    public static JournalFile Read(ReadOnlyMemory<byte> bytes, JournalFile? earlier = null)
    {
        var file = new JournalFile { StartRevision = earlier?.EndRevision ?? 0 };
        var start = (earlier?.End ?? None).ToBuilder();
        var (expected, found, damaged) = (-1, 0, 0);
        for (var at = 0; at < bytes.Length;)
        {
            var length = bytes.Span[at..].IndexOf((byte)'\n');
            if (length < 0)
            {
                break;
            }

            var entry = JournalLine.Parse(bytes.Slice(at, length));
            at += length + 1;
            if (entry is null)
            {
                damaged++;
                continue;
            }

            // Only what is followed by something sound is damage; at the end it is what a crash tore.
            file.DamagedLines += damaged;
            damaged = 0;
            file.SoundBytes = at;
            if (entry.StateRevision is { } revision)
            {
                (file.StartRevision, expected) = (revision, entry.StateDocuments);
            }
            else if (entry.Document is { } document)
            {
                start[entry.Name!] = document;
                found++;
            }
            else
            {
                file.Revisions.Add(entry);
            }
        }

        file.IsStartDamaged = found != expected;
        file.Start = start.ToImmutable();
        (file.End, file.EndRevision) = file.StateAt(int.MaxValue);
        return file;
    }

    /// <summary>What was in force after the revision, and which one that really was.</summary>
    public (ImmutableDictionary<string, SettingsDocument> Documents, int Revision) StateAt(int number)
    {
        var (state, last) = (Start.ToBuilder(), StartRevision);
        foreach (var entry in Revisions.TakeWhile(r => r.Header!.Number <= number))
        {
            Apply(state, entry);
            last = entry.Header!.Number;
        }

        return (state.ToImmutable(), last);
    }

    public static void Apply(ImmutableDictionary<string, SettingsDocument>.Builder state, JournalEntry revision)
    {
        foreach (var write in revision.Writes)
        {
            if (write.Json is { } json)
            {
                state[write.Document] = new SettingsDocument(json, revision.Header!.Number);
            }
            else
            {
                state.Remove(write.Document);
            }
        }
    }
}
