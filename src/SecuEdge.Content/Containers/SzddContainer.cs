namespace SecuEdge.Content.Containers;

/// <summary>What COMPRESS.EXE of MS-DOS wrote and <c>expand</c> of Windows still opens: LZSS over a window of 4 KB.</summary>
internal sealed class SzddContainer : IContainer
{
    private const int Header = 14;
    private const int Window = 4096;

    public IReadOnlyList<string> MediaTypes => ["application/x-ms-compress-szdd"];

    public void Open(IByteSource bytes, ContainerVisit visit) =>
        visit.Add(new EntryDraft(), () => new Decoder(new BufferedStream(bytes.Slice(Header, bytes.Length - Header).OpenRead(), 16 * 1024)));

    private sealed class Decoder : ForwardStream
    {
        private readonly Stream _source;
        private readonly byte[] _window = new byte[Window];
        private int _position = Window - 16;
        private int _flags = 1;
        private int _match;
        private int _matchLeft;

        public Decoder(Stream source)
        {
            _source = source;
            Array.Fill(_window, (byte)' ');
        }

        public override int Read(Span<byte> buffer)
        {
            for (var i = 0; i < buffer.Length; i++)
            {
                var next = Next();
                if (next < 0)
                {
                    return i;
                }

                buffer[i] = (byte)next;
            }

            return buffer.Length;
        }

        /// <summary>Eight items per flag byte: a set bit is a byte, a clear one a place in the window and a length from 3 to 18.</summary>
        private int Next()
        {
            if (_matchLeft == 0)
            {
                _flags = _flags == 1 ? _source.ReadByte() | 0x100 : _flags;
                if (_flags < 0)
                {
                    return -1;
                }

                var isByte = (_flags & 1) != 0;
                _flags >>= 1;
                var first = _source.ReadByte();
                if (first < 0 || isByte)
                {
                    return first < 0 ? -1 : Keep((byte)first);
                }

                var second = _source.ReadByte();
                if (second < 0)
                {
                    return -1;
                }

                _match = first | ((second & 0xf0) << 4);
                _matchLeft = (second & 0x0f) + 3;
            }

            _matchLeft--;
            return Keep(_window[_match++ & (Window - 1)]);
        }

        private byte Keep(byte value) => _window[_position++ & (Window - 1)] = value;

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                _source.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
