namespace SecuEdge.Cage.Examination;

/// <summary>Mail that needs the cage cannot be examined now, which says nothing about the mail: whoever sent it tries again.</summary>
public sealed class CageUnavailableException(string why) : IOException(why);
