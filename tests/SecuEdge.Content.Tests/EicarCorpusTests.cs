namespace SecuEdge.Content.Tests;

/// <summary>The string of EICAR hidden in every way that the sample folders know: found, or the obstacle is a flag.</summary>
public sealed class EicarCorpusTests
{
    private const AnatomyFlags Obstacles =
        AnatomyFlags.Bomb | AnatomyFlags.OverBudget | AnatomyFlags.Broken | AnatomyFlags.EncryptedArchive | AnatomyFlags.Unparseable;

    private const AnatomyFlags Accusations =
        Obstacles | AnatomyFlags.Ambiguous | AnatomyFlags.DeceptiveName | AnatomyFlags.TypeMismatch | AnatomyFlags.UnknownContainer | AnatomyFlags.ActiveContent | AnatomyFlags.Executable;

    [Fact]
    public void Every_dubious_message_shows_what_it_carries() => Check("eicar-mime", File.ReadAllBytes);

    [Fact]
    public void Every_archive_shows_what_it_carries() =>
        Check("eicar-archives", file => Samples.WithAttachment(File.ReadAllBytes(file), Path.GetFileName(file)));

    [Fact]
    public void Every_document_shows_what_it_carries() =>
        Check("eicar-docs", file => Samples.WithAttachment(File.ReadAllBytes(file), Path.GetFileName(file)));

    private static void Check(string folder, Func<string, byte[]> read)
    {
        var root = Samples.Require(folder);
        var failures = new List<string>();
        foreach (var line in File.ReadLines(Path.Combine(root, "manifest.tsv")))
        {
            var row = line.Split('\t');
            var message = read(Path.Combine(root, row[0]));
            using var anatomy = Samples.Examine(message);
            if (Complaint(row[0], row[1], row[2], message, anatomy) is { } complaint)
            {
                failures.Add($"{row[0]} ({row[1]}): {complaint}\n{Samples.Describe(anatomy)}");
            }
        }

        Assert.True(failures.Count == 0, string.Join('\n', failures));
    }

    private static string? Complaint(string file, string label, string note, byte[] message, MessageAnatomy anatomy)
    {
        var shows = Samples.ShowsEicar(message, anatomy);
        return label switch
        {
            "clean" when (anatomy.Flags & Accusations) != 0 => "accused",
            "infected" or "infected-or-garbage" or "evilname" when !shows => "EICAR is not shown",
            "html-smuggling,infected" when !shows => "EICAR is not shown",
            "bomb" when (anatomy.Flags & (AnatomyFlags.Bomb | AnatomyFlags.OverBudget)) == 0 => "not seen as a bomb",
            "infected" when file.StartsWith("control-", StringComparison.Ordinal) && (anatomy.Flags & (Accusations & ~AnatomyFlags.Executable)) != 0 => "a control is accused",
            "evilname" when IsTrick(note) && (anatomy.Flags & (AnatomyFlags.DeceptiveName | AnatomyFlags.Executable)) == 0 => "the name is taken at face value",
            "macro" or "pdf-js" when (anatomy.Flags & AnatomyFlags.ActiveContent) == 0 => "active content is not seen",
            "pdf-js" when !Does(anatomy, ActiveContent.JavaScript | ActiveContent.OpenAction) => "the script is not seen",
            "html-smuggling,infected" when !Does(anatomy, ActiveContent.Smuggling) => "smuggling is not seen",
            "url-file" when !Does(anatomy, ActiveContent.RemotePath) => "the share is not seen",
            "lnk" when !Does(anatomy, ActiveContent.ShortcutCommand) => "the command is not seen",
            "encrypted" when (anatomy.Flags & AnatomyFlags.EncryptedArchive) == 0 => "encryption is not seen",
            "lnk" when (anatomy.Flags & AnatomyFlags.Executable) == 0 => "the shortcut is not seen",
            _ => null,
        };
    }

    private static bool Does(MessageAnatomy anatomy, ActiveContent active) => anatomy.AllParts().Any(part => part.Active.HasFlag(active));

    private static bool IsTrick(string note) => note.Contains("RTLO", StringComparison.Ordinal) || note.Contains("control", StringComparison.Ordinal)
        || note.Contains("fullwidth", StringComparison.Ordinal) || note.Contains("blanks", StringComparison.Ordinal)
        || note.Contains("traversal", StringComparison.Ordinal) || note.Contains("differ", StringComparison.Ordinal);
}
