using SecuEdge.Content.Files;

namespace SecuEdge.Content;

/// <summary>
/// Another place where bytes of a known part stand: scanners need not see them again, but who asks for names must see this one, and who takes
/// the part out must know that it is here, too. Copies have no content.
/// </summary>
internal static class Copies
{
    /// <summary>Nothing when it is the same place and tells no other name: decoders that agree are no copies.</summary>
    public static void Add(MessagePart parent, MessagePart known, string path, FileName? name, bool isUnclaimed, BudgetMeter meter)
    {
        var isAround = known.Path.Length == 0 || (path.StartsWith(known.Path, StringComparison.Ordinal) && path.Length > known.Path.Length && path[known.Path.Length] == '.');

        // The search through a whole odd message comes by the parts that the tree has, too.
        var isElsewhere = !isAround && (isUnclaimed || !PositionOf(path).IsEmpty) && !PositionOf(known.Path).SequenceEqual(PositionOf(path));
        var isRenamed = name is { } other && other.Shown != known.FileName && !known.OtherNames.Contains(other.Shown);
        if ((isElsewhere || isRenamed) && meter.TryTakePart())
        {
            parent.Children.Add(Copy(known, path, name, meter));
        }
    }

    private static MessagePart Copy(MessagePart known, string path, FileName? name, BudgetMeter meter)
    {
        var copy = new MessagePart
        {
            Path = path,
            Kind = PartKind.Reading,
            DetectedType = known.DetectedType,
            FileName = name?.Shown,
            OtherNames = name?.Others ?? [],
            RawFileName = name?.Raw,
            Size = known.Size,
            Sha256 = known.Sha256,
            Flags = known.Flags | FlagsOf(name),
        };

        // What is in an archive is in its copy. The depth is that of the known part, which was bounded; the number is once more.
        foreach (var child in known.Children)
        {
            if (!meter.TryTakeEntry())
            {
                copy.Flags |= AnatomyFlags.OverBudget;
                break;
            }

            var childName = child.FileName is { } shown ? new FileName(shown, child.RawFileName ?? shown, IsDeceptive: false) { Others = child.OtherNames } : (FileName?)null;
            copy.Children.Add(Copy(child, path + child.Path[Math.Min(known.Path.Length, child.Path.Length)..], childName, meter));
        }

        return copy;
    }

    private static AnatomyFlags FlagsOf(FileName? name) =>
        (name is { IsDeceptive: true } ? AnatomyFlags.DeceptiveName : AnatomyFlags.None)
        | (name is { } script && FileTypes.ScriptExtensions.Contains(script.Extension) ? AnatomyFlags.Executable : AnatomyFlags.None);

    /// <summary>Of the MIME part in which it stands.</summary>
    private static ReadOnlySpan<char> PositionOf(string path) => path.AsSpan().IndexOfAny('/', '~') is >= 0 and var end ? path.AsSpan(0, end) : path;
}
