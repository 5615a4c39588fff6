using SecuEdge.Content;
using SecuEdge.Filter.Scanners;

namespace SecuEdge.Filter.Tests.Scanners;

internal static class ScanBytes
{
    /// <summary>Bytes that are no part of anything.</summary>
    public static Task<ScanResult> ScanAsync(this IScanner scanner, IByteSource bytes, CancellationToken cancellationToken) =>
        scanner.ScanAsync(new ScanTarget { Bytes = bytes }, cancellationToken);
}
