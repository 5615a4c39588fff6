using SecuEdge.Content;

namespace SecuEdge.Appliance.MailFlow.Effects.Rewriting;

/// <summary>Bytes put in the place of others.</summary>
/// <param name="Length">0 inserts.</param>
internal sealed record Edit(long Start, long Length, byte[] With);

/// <summary>
/// A message with some bytes replaced. Only what is new is in memory; everything else is read from where it lies, so that a change of one
/// line costs one line, and what no rule touched stays as it came.
/// </summary>
internal sealed class EditedBytes : IByteSource
{
    private readonly IByteSource _source;
    private readonly List<Piece> _pieces = [];

    /// <param name="edits">In any order, without overlaps.</param>
    public EditedBytes(IByteSource source, IEnumerable<Edit> edits)
    {
        _source = source;
        long at = 0;
        foreach (var edit in edits.OrderBy(e => e.Start).ThenBy(e => e.Length))
        {
            if (edit.Start < at || edit.Start + edit.Length > source.Length)
            {
                throw new RewriteException("two changes of the message overlap");
            }

            Add(null, at, edit.Start - at);
            Add(edit.With, 0, edit.With.Length);
            at = edit.Start + edit.Length;
        }

        Add(null, at, source.Length - at);
    }

    public long Length { get; private set; }

    public ReadOnlyMemory<byte>? Memory => null;

    public string? FilePath => null;

    public Stream OpenRead() => new Reader(this, _source.OpenRead());

    private void Add(byte[]? bytes, long start, long length)
    {
        if (length > 0)
        {
            _pieces.Add(new Piece(Length, bytes, start, length));
            Length += length;
        }
    }

    /// <param name="At">Where it stands in the result.</param>
    /// <param name="Bytes">Null for bytes of the source.</param>
    private readonly record struct Piece(long At, byte[]? Bytes, long Start, long Length);

    private sealed class Reader(EditedBytes edited, Stream source) : Stream
    {
        private int _piece;
        private long _position;

        public override bool CanRead => true;

        public override bool CanSeek => true;

        public override bool CanWrite => false;

        public override long Length => edited.Length;

        public override long Position
        {
            get => _position;
            set
            {
                ArgumentOutOfRangeException.ThrowIfNegative(value);
                _position = value;
                _piece = Math.Max(0, edited._pieces.FindLastIndex(p => p.At <= value));
            }
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            if (_position >= edited.Length || buffer.IsEmpty)
            {
                return 0;
            }

            var piece = edited._pieces[_piece];
            var inside = _position - piece.At;
            var wanted = buffer[..(int)Math.Min(buffer.Length, piece.Length - inside)];
            var read = wanted.Length;
            if (piece.Bytes is { } bytes)
            {
                bytes.AsSpan((int)(piece.Start + inside), read).CopyTo(wanted);
            }
            else
            {
                source.Position = piece.Start + inside;
                read = source.Read(wanted);
                if (read == 0)
                {
                    throw new EndOfStreamException("The message is shorter than it was.");
                }
            }

            _position += read;
            if (_position >= piece.At + piece.Length)
            {
                _piece++;
            }

            return read;
        }

        public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
        {
            SeekOrigin.Begin => offset,
            SeekOrigin.Current => _position + offset,
            SeekOrigin.End => edited.Length + offset,
            _ => throw new ArgumentOutOfRangeException(nameof(origin), origin, null),
        };

        public override void Flush()
        {
        }

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                source.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}

/// <summary>The message cannot be changed as a rule asks. The text continues "… cannot be changed: ".</summary>
internal sealed class RewriteException(string message) : Exception(message);
