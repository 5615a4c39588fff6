using SecuEdge.Content;

namespace SecuEdge.Filter.Checks;

/// <summary>A part and where it stands.</summary>
/// <param name="NestedArchives">Archives within archives on the way to it, itself counted: 1 is an archive in an archive.</param>
internal readonly record struct PlacedPart(MessagePart Part, int NestedArchives)
{
    /// <summary>Somebody has to open it: scripts in the body of a mail do not run in mail programs, in an attached page they do.</summary>
    public bool IsFile => Part.Kind is not PartKind.Body;

    public bool Has(ActiveContent all) => (Part.Active & all) == all;

    public bool IsHtml => Part.DetectedType is "text/html" or "application/xhtml+xml" || Part.DeclaredType is "text/html" or "application/xhtml+xml";

    public bool IsPdf => Part.DetectedType is "application/pdf";

    public bool IsSvg => Part.DetectedType is "image/svg+xml" || Part.DeclaredType is "image/svg+xml";
}
