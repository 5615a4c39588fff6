namespace SecuEdge.Content.Readings;

/// <summary>Single bytes on their way into a sink. Once the sink refuses, nothing more is taken.</summary>
internal sealed class SinkWriter(PartSink sink)
{
    private readonly byte[] _buffer = new byte[8 * 1024];
    private int _used;

    public bool IsRefused { get; private set; }

    public void Add(byte value)
    {
        if (_used == _buffer.Length)
        {
            TryFlush();
        }

        _buffer[_used++] = value;
    }

    /// <summary>False when the budget ended, now or before.</summary>
    public bool TryFlush()
    {
        IsRefused = IsRefused || !sink.TryWrite(_buffer.AsSpan(0, _used));
        _used = 0;
        return !IsRefused;
    }
}
