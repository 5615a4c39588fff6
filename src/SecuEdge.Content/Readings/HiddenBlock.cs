namespace SecuEdge.Content.Readings;

/// <summary>Ways of putting a file into text that no MIME header announces.</summary>
internal enum HiddenEncoding
{
    /// <summary>Lines of nothing but base64.</summary>
    Base64Lines,

    /// <summary>base64 after a word that says so (data: URI, iCalendar, vCard) or as a string of a script.</summary>
    Base64Inline,

    /// <summary>A data: URI with percent-encoding.</summary>
    Percent,

    /// <summary>A <c>begin 644 name</c> block. Outlook and others still make an attachment of it.</summary>
    UuEncode,

    /// <summary>The same with another alphabet.</summary>
    XxEncode,

    /// <summary>A <c>=ybegin</c> block of news readers.</summary>
    YEnc,

    /// <summary>BinHex 4.0 of old Macintoshes (RFC 1741).</summary>
    BinHex,
}

/// <summary>Where encoded bytes lie in a text.</summary>
internal readonly record struct HiddenBlock(HiddenEncoding Encoding, int Start, int Length, string? Name = null);
