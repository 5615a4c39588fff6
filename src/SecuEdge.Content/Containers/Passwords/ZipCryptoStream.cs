using System.Text;

namespace SecuEdge.Content.Containers.Passwords;

/// <summary>Traditional encryption of PKWARE (APPNOTE 6.1): three keys that go on with every byte.</summary>
internal sealed class ZipCryptoStream : ForwardStream
{
    public const int HeaderBytes = 12;

    private readonly Stream _source;
    private uint _key0 = 0x12345678;
    private uint _key1 = 0x23456789;
    private uint _key2 = 0x34567890;

    private ZipCryptoStream(Stream source, byte[] password)
    {
        _source = source;
        foreach (var value in password)
        {
            Update(value);
        }
    }

    /// <summary>The data behind the header; null when the last byte of the header says that the password is another (true for one wrong in 256).</summary>
    public static ZipCryptoStream? Open(Stream source, string password, byte check)
    {
        var stream = new ZipCryptoStream(source, Encoding.UTF8.GetBytes(password));
        var header = new byte[HeaderBytes];
        if (stream.ReadAtLeast(header, HeaderBytes, throwOnEndOfStream: false) == HeaderBytes && header[^1] == check)
        {
            return stream;
        }

        stream.Dispose();
        return null;
    }

    public override int Read(Span<byte> buffer)
    {
        var count = _source.Read(buffer);
        for (var i = 0; i < count; i++)
        {
            var temporary = (ushort)(_key2 | 2);
            buffer[i] ^= (byte)((temporary * (temporary ^ 1)) >> 8);
            Update(buffer[i]);
        }

        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _source.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Update(byte value)
    {
        _key0 = Crc32.Step(_key0, value);
        _key1 = ((_key1 + (byte)_key0) * 134_775_813) + 1;
        _key2 = Crc32.Step(_key2, (byte)(_key1 >> 24));
    }
}
