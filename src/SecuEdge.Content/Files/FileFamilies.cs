namespace SecuEdge.Content.Files;

/// <summary>Which kind of file a media type is, for other rooms.</summary>
public static class FileFamilies
{
    /// <param name="mediaType">As in <see cref="MessagePart.DetectedType"/>.</param>
    public static FileFamily Of(string mediaType) => FileTypes.FamilyOf(mediaType);
}
