using SecuEdge.Content;

namespace SecuEdge.Cage.Examination;

/// <summary>What is asked of the job <c>examine</c>.</summary>
internal sealed record ExamineParameters(AnatomyBudget Budget, IReadOnlyList<string> Passwords);

/// <summary>
/// A <see cref="MessageAnatomy"/> on its way out of the cage. Flat, since a tree as deep as hostile mail can make it would need a parser
/// as deep; bytes travel beside it. A test compares its members with those of the anatomy. All are required: an answer that leaves one
/// out is void, instead of a null where no check expects it.
/// </summary>
internal sealed record AnatomyBody
{
    public required MessageHeaders Headers { get; init; }

    public required AnatomyFlags Flags { get; init; }

    public required IReadOnlyList<string> Troubles { get; init; }

    public required string Text { get; init; }

    public required IReadOnlyList<string> Urls { get; init; }

    public required string HiddenText { get; init; }

    public required string WholeText { get; init; }

    public required IReadOnlyList<Link> Links { get; init; }

    /// <summary>Root first, every part after its parent, children in their order.</summary>
    public required IReadOnlyList<PartBody> Parts { get; init; }
}

/// <summary>A <see cref="MessagePart"/> without its children.</summary>
internal sealed record PartBody
{
    /// <summary>Index of the parent; -1 for the root.</summary>
    public required int Parent { get; init; }

    public required string Path { get; init; }

    public required PartKind Kind { get; init; }

    public required string DeclaredType { get; init; }

    public required string DetectedType { get; init; }

    public string? FileName { get; init; }

    public required IReadOnlyList<string> OtherNames { get; init; }

    public string? RawFileName { get; init; }

    public required long Size { get; init; }

    public required string Sha256 { get; init; }

    public required AnatomyFlags Flags { get; init; }

    public required ActiveContent Active { get; init; }

    public required IList<string> Evidence { get; init; }

    public required string Text { get; init; }

    public ContentBody? Content { get; init; }
}

/// <summary>Where the bytes of a part are: an attachment of the answer, or a stretch of the message itself.</summary>
/// <param name="Attachment">Index from 1; 0 for the message.</param>
internal sealed record ContentBody(int Attachment, long Start, long Length);
