namespace SecuEdge.Filter.Scanners.Icap;

/// <summary>One complete answer to a file that was shown to the service.</summary>
/// <param name="HttpStatus">Status of the encapsulated HTTP response; null without one.</param>
/// <param name="Body">What came back in place of the file.</param>
/// <param name="WasSentWhole">The service had the whole file when it had finished its answer.</param>
/// <param name="IsFromPreview">It answered to the first bytes and wanted no more.</param>
internal sealed record IcapAnswer(IcapReply Reply, int? HttpStatus, IcapBody Body, bool WasSentWhole, bool IsFromPreview);

/// <summary>What came back as body.</summary>
internal enum IcapBody
{
    /// <summary>None was encapsulated.</summary>
    None,

    /// <summary>The bytes that were sent.</summary>
    Same,

    /// <summary>Other bytes: a page that says why, a cleaned file, or a file cut off.</summary>
    Other,
}
