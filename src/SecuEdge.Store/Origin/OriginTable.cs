using System.Globalization;
using System.Net;
using System.Net.Sockets;
using SecuEdge.Filter.Policy.Rules;

namespace SecuEdge.Store.Origin;

/// <summary>
/// Which network an address belongs to. Read from lines <c>start end asn country description</c>, separated by tabs, as public tables have
/// them; kept as sorted columns: half a million networks take some 15 MB.
/// </summary>
public sealed class OriginTable
{
    private readonly Ranges<uint> _four;
    private readonly Ranges<UInt128> _six;

    private OriginTable(Ranges<uint> four, Ranges<UInt128> six) => (_four, _six) = (four, six);

    public int Count => _four.Count + _six.Count;

    /// <summary>Null when the table does not know the network.</summary>
    public NetworkOrigin? Find(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return plain.AddressFamily switch
        {
            AddressFamily.InterNetwork => _four.Find(Number4(plain)),
            AddressFamily.InterNetworkV6 => _six.Find(Number6(plain)),
            _ => null,
        };
    }

    /// <summary>Reads tables one after the other. Overlapping networks are the trouble of whoever made the table: the later start wins.</summary>
    /// <exception cref="FormatException">Names the line.</exception>
    public static OriginTable Read(IEnumerable<TextReader> tables)
    {
        var (four, six) = (new List<Row<uint>>(), new List<Row<UInt128>>());
        foreach (var table in tables)
        {
            var number = 0;
            while (table.ReadLine() is { } line)
            {
                number++;
                if (line.Length > 0 && line[0] != '#')
                {
                    Add(line, number, four, six);
                }
            }
        }

        return new OriginTable(new Ranges<uint>(four), new Ranges<UInt128>(six));
    }

    private static void Add(string line, int number, List<Row<uint>> four, List<Row<UInt128>> six)
    {
        Span<System.Range> fields = stackalloc System.Range[6];
        var count = line.AsSpan().Split(fields, '\t');
        if (count < 4
            || !IPAddress.TryParse(line.AsSpan(fields[0]), out var start)
            || !IPAddress.TryParse(line.AsSpan(fields[1]), out var end)
            || start.AddressFamily != end.AddressFamily
            || !int.TryParse(line.AsSpan(fields[2]), NumberStyles.None, CultureInfo.InvariantCulture, out var system))
        {
            throw new FormatException($"line {number} is not 'start end asn country description', separated by tabs");
        }

        var country = line.AsSpan(fields[3]).Trim();
        // "None", "-" and number 0 stand for networks that nobody announces.
        var code = country is [var a, var b] && char.IsAsciiLetter(a) && char.IsAsciiLetter(b)
            ? (ushort)((char.ToUpperInvariant(a) << 8) | char.ToUpperInvariant(b))
            : (ushort)0;
        if (code == 0 && system == 0)
        {
            return;
        }

        if (start.AddressFamily == AddressFamily.InterNetwork)
        {
            four.Add(new(Number4(start), Number4(end), system, code));
        }
        else
        {
            six.Add(new(Number6(start), Number6(end), system, code));
        }
    }

    private static uint Number4(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[4];
        address.TryWriteBytes(bytes, out _);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(bytes);
    }

    private static UInt128 Number6(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }

    private readonly record struct Row<T>(T Start, T End, int System, ushort Country);

    /// <summary>Networks by their first address.</summary>
    private sealed class Ranges<T>
        where T : struct, IComparable<T>
    {
        private readonly T[] _starts;
        private readonly T[] _ends;
        private readonly int[] _systems;
        private readonly ushort[] _countries;

        public Ranges(List<Row<T>> rows)
        {
            rows.Sort((x, y) => x.Start.CompareTo(y.Start));
            _starts = [.. rows.Select(r => r.Start)];
            _ends = [.. rows.Select(r => r.End)];
            _systems = [.. rows.Select(r => r.System)];
            _countries = [.. rows.Select(r => r.Country)];
        }

        public int Count => _starts.Length;

        public NetworkOrigin? Find(T address)
        {
            var at = Array.BinarySearch(_starts, address);
            at = at >= 0 ? at : ~at - 1;
            if (at < 0 || _ends[at].CompareTo(address) < 0)
            {
                return null;
            }

            var country = _countries[at];
            return new NetworkOrigin(
                country == 0 ? null : string.Create(2, country, (text, code) => (text[0], text[1]) = ((char)(code >> 8), (char)(code & 0xFF))),
                _systems[at] == 0 ? null : _systems[at]);
        }
    }
}
