namespace SecuEdge.Content.Files;

/// <summary>Kinds of content that must not pass for one another.</summary>
public enum FileFamily
{
    /// <summary>Nothing is known, so nothing contradicts it.</summary>
    Unknown,

    /// <summary>Plain text, HTML, XML, calendars: read by eyes or a viewer.</summary>
    Text,

    Image,

    /// <summary>Sound and film.</summary>
    Media,

    Font,

    /// <summary>Office documents, PDF, RTF.</summary>
    Document,

    /// <summary>Archives, compressed files and disk images.</summary>
    Archive,

    /// <summary>Programs, scripts, shortcuts, installers.</summary>
    Executable,

    /// <summary>A message inside.</summary>
    Message,

    /// <summary>Signatures, certificates and encrypted envelopes.</summary>
    Cryptographic,
}

/// <summary>One row of <see cref="FileTypes.All"/>.</summary>
/// <param name="Extensions">Usual extensions, without dots, separated by blanks.</param>
/// <param name="Signatures">Each is text at an offset, <c>257:ustar</c>; offset 0 may be left out. Bytes are characters of Latin-1.</param>
internal sealed record FileType(string MediaType, FileFamily Family, string Extensions, params string[] Signatures)
{
    /// <summary>Other names under which the type is declared, separated by blanks.</summary>
    public string Aliases { get; init; } = "";

    /// <summary>Text to the eye: shown in a body it does nothing, and calling it text is no lie.</summary>
    public bool IsText { get; init; }

    /// <summary>A container that no reader here opens.</summary>
    public bool IsUnopenedContainer { get; init; }
}
