using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Text;

namespace SecuEdge.Smtp;

/// <summary>What the start of a connection is, as far as it has arrived.</summary>
internal enum ProxyHeaderStatus
{
    Complete,
    Incomplete,
    Invalid,
}

/// <summary>The addresses a load balancer told; null where it speaks for itself (health checks) or does not know.</summary>
/// <param name="Length">Bytes the header took.</param>
internal readonly record struct ProxyHeader(IPEndPoint? Source, IPEndPoint? Destination, int Length);

/// <summary>
/// The PROXY protocol, versions 1 and 2 (HAProxy's proxy-protocol.txt), so that the client's address survives a load balancer. The header is
/// read only from, and then required of, configured networks: anyone else could put any address into it.
/// </summary>
internal static class ProxyProtocol
{
    /// <summary>Section 2.1: the longest line of version 1, CRLF included.</summary>
    private const int MaxTextBytes = 107;

    /// <summary>Section 2.2: signature, command, family, length.</summary>
    private const int BinaryStartBytes = 16;

    /// <summary>Addresses and extensions of version 2. Real ones stay below 600 (a TLS client's name among them).</summary>
    private const int MaxBinaryBytes = 4096;

    private static ReadOnlySpan<byte> TextStart => "PROXY "u8;

    private static ReadOnlySpan<byte> BinaryStart => "\r\n\r\n\0\r\nQUIT\n"u8;

    /// <summary>Reads the header at the start of a connection.</summary>
    public static ProxyHeaderStatus Read(ReadOnlySequence<byte> bytes, out ProxyHeader header)
    {
        var start = bytes.Slice(0, Math.Min(bytes.Length, BinaryStartBytes + MaxBinaryBytes)).ToArray().AsSpan();
        header = default;
        if (IsStart(start, TextStart))
        {
            return ReadText(start, out header);
        }

        return IsStart(start, BinaryStart) ? ReadBinary(start, out header) : ProxyHeaderStatus.Invalid;
    }

    /// <summary>Parses a network of the settings; a single address is a network of one.</summary>
    public static bool TryParseNetwork(string text, out IPNetwork network)
    {
        if (!text.Contains('/') && IPAddress.TryParse(text, out var address))
        {
            network = new IPNetwork(address, address.GetAddressBytes().Length * 8);
            return true;
        }

        return IPNetwork.TryParse(text, out network);
    }

    // So far as both go: the rest may still come.
    private static bool IsStart(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> start)
    {
        var length = Math.Min(bytes.Length, start.Length);
        return bytes[..length].SequenceEqual(start[..length]);
    }

    private static ProxyHeaderStatus ReadText(ReadOnlySpan<byte> bytes, out ProxyHeader header)
    {
        header = default;
        var end = bytes[..Math.Min(bytes.Length, MaxTextBytes)].IndexOf("\r\n"u8);
        if (end < 0)
        {
            return bytes.Length < MaxTextBytes ? ProxyHeaderStatus.Incomplete : ProxyHeaderStatus.Invalid;
        }

        var words = Encoding.ASCII.GetString(bytes[..end]).Split(' ');
        if (words[1] == "UNKNOWN")
        {
            header = new ProxyHeader(null, null, end + 2);
            return ProxyHeaderStatus.Complete;
        }

        if (words is not [_, "TCP4" or "TCP6", var sourceAddress, var targetAddress, var sourcePort, var targetPort]
            || !TryParseEndPoint(sourceAddress, sourcePort, out var source)
            || !TryParseEndPoint(targetAddress, targetPort, out var target))
        {
            return ProxyHeaderStatus.Invalid;
        }

        header = new ProxyHeader(source, target, end + 2);
        return ProxyHeaderStatus.Complete;
    }

    private static bool TryParseEndPoint(string address, string port, out IPEndPoint endPoint)
    {
        endPoint = new IPEndPoint(IPAddress.None, 0);
        if (!IPAddress.TryParse(address, out var parsed) || !ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        endPoint = new IPEndPoint(parsed, number);
        return true;
    }

    private static ProxyHeaderStatus ReadBinary(ReadOnlySpan<byte> bytes, out ProxyHeader header)
    {
        const int local = 0x20;
        const int proxy = 0x21;
        const int tcp4 = 0x11;
        const int tcp6 = 0x21;
        header = default;
        if (bytes.Length < BinaryStartBytes)
        {
            return ProxyHeaderStatus.Incomplete;
        }

        var command = bytes[12];
        var bodyLength = BinaryPrimitives.ReadUInt16BigEndian(bytes[14..]);
        if (command is not (local or proxy) || bodyLength > MaxBinaryBytes)
        {
            return ProxyHeaderStatus.Invalid;
        }

        var length = BinaryStartBytes + bodyLength;
        if (bytes.Length < length)
        {
            return ProxyHeaderStatus.Incomplete;
        }

        var body = bytes[BinaryStartBytes..length];
        var addressBytes = (command, bytes[13]) switch
        {
            (proxy, tcp4) => 4,
            (proxy, tcp6) => 16,

            // Health checks, Unix sockets, unknown families: the connection's own addresses hold.
            _ => 0,
        };
        if (addressBytes == 0)
        {
            header = new ProxyHeader(null, null, length);
            return ProxyHeaderStatus.Complete;
        }

        if (body.Length < (2 * addressBytes) + 4)
        {
            return ProxyHeaderStatus.Invalid;
        }

        var ports = body[(2 * addressBytes)..];
        header = new ProxyHeader(
            new IPEndPoint(new IPAddress(body[..addressBytes]), BinaryPrimitives.ReadUInt16BigEndian(ports)),
            new IPEndPoint(new IPAddress(body[addressBytes..(2 * addressBytes)]), BinaryPrimitives.ReadUInt16BigEndian(ports[2..])),
            length);
        return ProxyHeaderStatus.Complete;
    }
}
