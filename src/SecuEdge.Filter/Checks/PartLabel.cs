using SecuEdge.Content;

namespace SecuEdge.Filter.Checks;

/// <summary>How a finding names the part it is about.</summary>
internal static class PartLabel
{
    /// <summary>Path within the message and file name, <c>1.2 (invoice.zip)</c>; entries carry their name in the path already.</summary>
    public static string Of(MessagePart part) =>
        part.FileName is { Length: > 0 } name && !part.Path.EndsWith(name, StringComparison.Ordinal) ? $"{part.Path} ({name})" : part.Path;
}
