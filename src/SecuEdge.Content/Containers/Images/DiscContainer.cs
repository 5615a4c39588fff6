namespace SecuEdge.Content.Containers.Images;

/// <summary>
/// Optical discs: ISO 9660 with Joliet and Rock Ridge, UDF, or both over the same files. All trees are read, each file once; files that
/// only one of them lists are what one system shows and another hides.
/// </summary>
internal sealed class DiscContainer : IContainer
{
    public const string Iso = "application/x-iso9660-image";
    public const string Udf = "application/x-udf-image";

    private const int FirstDescriptor = 16 * 2048;

    public IReadOnlyList<string> MediaTypes => [Iso, Udf];

    /// <summary>A volume descriptor where each disc has its first one, whatever the 32 KB before it pretend.</summary>
    public static bool IsDisc(ReadOnlySpan<byte> head) =>
        head.Length > FirstDescriptor + 6 && (head.Slice(FirstDescriptor + 1, 5).SequenceEqual("CD001"u8) || head.Slice(FirstDescriptor + 1, 5).SequenceEqual("BEA01"u8));

    public void Open(IByteSource bytes, ContainerVisit visit)
    {
        using var image = new ImageReader(bytes);
        var udf = new UdfTree(image, visit.Meter);
        var iso = new IsoTree(image, visit.Meter);
        var trees = iso.Read();
        if (udf.Read() is { } files)
        {
            trees.Insert(0, files);
        }

        var places = trees.Select(tree => tree.Where(file => file.Size > 0).Select(file => file.Place).ToHashSet()).ToList();
        if (places.Exists(set => !set.SetEquals(places[0])))
        {
            visit.Flag(AnatomyFlags.Ambiguous);
        }

        if (trees.Count == 0 || iso.IsBroken || udf.IsBroken)
        {
            visit.Broken("A disc image is damaged or ends too early.");
        }

        // The trees end at this many files, of which those that lie at the same place count once for the visit.
        if (trees.Exists(tree => tree.Count > visit.Meter.Budget.MaxEntries))
        {
            visit.Flag(AnatomyFlags.OverBudget);
            visit.Meter.Note(AnatomyFlags.OverBudget, $"More than {visit.Meter.Budget.MaxEntries} files on a disc.");
        }

        AddAll(bytes, trees, visit);
    }

    private static void AddAll(IByteSource bytes, List<List<ImageFile>> trees, ContainerVisit visit)
    {
        var added = new HashSet<(long, long)>();
        foreach (var file in trees.SelectMany(tree => tree))
        {
            if (file.Size > 0 && file.Inline is null && !added.Add(file.Place))
            {
                continue;
            }

            if (!visit.Add(new EntryDraft { Name = file.Name, DeclaredSize = file.Size }, () => file.Open(bytes)))
            {
                return;
            }
        }
    }
}
