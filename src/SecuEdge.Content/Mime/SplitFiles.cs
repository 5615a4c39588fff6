using SecuEdge.Content.Files;

namespace SecuEdge.Content.Mime;

/// <summary>
/// Files that were cut into numbered pieces (<c>a.7z.001</c>, <c>a.7z.002</c>): 7-Zip and others put them together with a double click on
/// the first, so this does. A piece whose others are in another mail is <see cref="AnatomyFlags.Partial"/>.
/// </summary>
internal static class SplitFiles
{
    private const int MaxFiles = 10;
    private const int DigitsAndDot = 4;

    public static void Join(Examination examination, MessagePart root, PartDraft draft)
    {
        List<(MessagePart Part, string Name, int Number)>? pieces = null;
        foreach (var part in root.SelfAndDescendants())
        {
            if (part is { Content: not null, FileName: { } name } && NumberOf(name) is { } number)
            {
                (pieces ??= []).Add((part, name[..^DigitsAndDot], number));
            }
        }

        foreach (var file in (pieces ?? []).GroupBy(piece => piece.Name, StringComparer.OrdinalIgnoreCase).Take(MaxFiles))
        {
            var inOrder = file.DistinctBy(piece => piece.Number).OrderBy(piece => piece.Number).Select(piece => (piece.Part, piece.Number)).ToList();
            if (inOrder.Count > 1 && inOrder[0].Number == 1 && inOrder[^1].Number == inOrder.Count)
            {
                Join(examination, root, draft, file.Key, inOrder.ConvertAll(piece => piece.Part.Content!));
            }
            else
            {
                Flag(inOrder);
            }
        }
    }

    private static void Join(Examination examination, MessagePart root, PartDraft draft, string name, List<IByteSource> pieces)
    {
        var whole = examination.Parts.Decode(
            sink =>
            {
                var buffer = new byte[64 * 1024];
                foreach (var piece in pieces)
                {
                    using var stream = piece.OpenRead();
                    int count;
                    while ((count = stream.Read(buffer, 0, buffer.Length)) > 0)
                    {
                        if (!sink.TryWrite(buffer.AsSpan(0, count)))
                        {
                            return false;
                        }
                    }
                }

                return true;
            },
            pieces.Sum(piece => piece.Length));
        examination.Parts.AddReading(root, whole, draft with { IsDubious = false }, FileNames.Parse(name), isWanted: true);
    }

    /// <summary>A lone ".001" that opens is a whole file; a later piece that is nothing by itself is a piece.</summary>
    private static void Flag(List<(MessagePart Part, int Number)> pieces)
    {
        foreach (var (part, number) in pieces)
        {
            if (number == 1 ? part.Flags.HasFlag(AnatomyFlags.Broken) : part.DetectedType == FileTypes.Unknown)
            {
                part.Flags |= AnatomyFlags.Partial;
            }
        }
    }

    private static int? NumberOf(string name) =>
        name.Length > DigitsAndDot && name[^DigitsAndDot] == '.' && int.TryParse(name.AsSpan(name.Length - 3), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number) && number > 0
            ? number
            : null;
}
