using SecuEdge.Content;

namespace SecuEdge.Appliance.Api.Requests;

/// <summary>
/// A body that comes at a least rate on the whole, or not at all. Kestrel's own limit cannot be set for one request of HTTP/2, and counts all
/// streams of such a connection together, so that a second one would keep the first alive. Only time spent waiting for the client counts.
/// </summary>
internal sealed class PacedBody(Stream body, TimeProvider timeProvider) : ForwardStream
{
    /// <summary>The slowest line an office has.</summary>
    internal const long BytesPerSecond = 16 * 1024;

    /// <summary>A line may stall once.</summary>
    internal static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    private TimeSpan _waited;
    private long _bytesRead;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var left = Grace + TimeSpan.FromSeconds((double)_bytesRead / BytesPerSecond) - _waited;
        using var limit = new CancellationTokenSource(left > TimeSpan.Zero ? left : TimeSpan.Zero, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var started = timeProvider.GetTimestamp();
        try
        {
            var read = await body.ReadAsync(buffer, either.Token);
            _bytesRead += read;
            return read;
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new BadHttpRequestException($"the body came with less than {BytesPerSecond >> 10} KB a second; send it again over a faster line", StatusCodes.Status408RequestTimeout);
        }
        finally
        {
            _waited += timeProvider.GetElapsedTime(started);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>Kestrel refuses it anyway: a thread would wait for a stranger.</summary>
    public override int Read(Span<byte> buffer) => throw new NotSupportedException();
}
