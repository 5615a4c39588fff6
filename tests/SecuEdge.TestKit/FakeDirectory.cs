using System.Formats.Asn1;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SecuEdge.TestKit;

/// <summary>An entry of a <see cref="FakeDirectory"/>.</summary>
/// <param name="IsGroup">Found by searches that do not ask for classes.</param>
public sealed record FakeDirectoryEntry(string Name, bool IsGroup, params (string Attribute, string[] Values)[] Attributes);

/// <summary>
/// A server of LDAP that does what a test tells it: it gives all people, or all groups, page by page, and large groups in pieces as Active
/// Directory does. It evaluates no filters.
/// </summary>
public sealed class FakeDirectory : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Task _accepting;

    public FakeDirectory()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public IReadOnlyList<FakeDirectoryEntry> Entries { get; set; } = [];

    public string Password { get; set; } = "secret";

    /// <summary>Diagnostic text with a wrong password.</summary>
    public string Diagnostic { get; set; } = "";

    /// <summary>Result of every search after its entries; 0 = success.</summary>
    public int SearchCode { get; set; }

    /// <summary>Members given at once; more are asked for by range.</summary>
    public int MaxMembers { get; set; } = int.MaxValue;

    /// <summary>A group that shrinks while it is read: behind its first piece there is nobody any more.</summary>
    public string Shrinking { get; set; } = "";

    public int PageSize { get; set; } = 2;

    /// <summary>Takes the question and never answers.</summary>
    public bool IsSilent { get; set; }

    /// <summary>Hangs up after this many entries of a search.</summary>
    public int HangUpAfter { get; set; } = int.MaxValue;

    public int Binds { get; private set; }

    /// <summary>A test may do it before its end, to have no server there.</summary>
    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _end.CancelAsync();
        await _accepting;
    }

    private async Task AcceptAsync()
    {
        List<Task> sessions = [];
        try
        {
            while (true)
            {
                sessions.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_end.Token)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(sessions);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                while (await ReceiveAsync(stream) is { } question)
                {
                    if (IsSilent)
                    {
                        await Task.Delay(Timeout.Infinite, _end.Token);
                    }

                    foreach (var answer in Answer(question))
                    {
                        await stream.WriteAsync(answer, _end.Token);
                    }
                }
            }
            catch (Exception e) when (e is IOException or OperationCanceledException or HangUpException)
            {
                // The client went, or the test ends.
            }
        }
    }

    private IEnumerable<byte[]> Answer(byte[] bytes)
    {
        var message = new AsnReader(bytes, AsnEncodingRules.BER).ReadSequence();
        message.TryReadInt32(out var id);
        var operation = message.PeekTag();
        switch (operation.TagValue)
        {
            case 0:
                Binds++;
                var bind = message.ReadSequence(operation);
                bind.ReadInteger();
                bind.ReadOctetString();
                var isRight = Encoding.UTF8.GetString(bind.ReadOctetString(new Asn1Tag(TagClass.ContextSpecific, 0))) == Password;
                return [Result(id, 1, isRight ? 0 : 49, isRight ? "" : Diagnostic, null)];
            case 3:
                return Search(id, message, operation);
            default:
                return [];
        }
    }

    private IEnumerable<byte[]> Search(int id, AsnReader message, Asn1Tag operation)
    {
        var search = message.ReadSequence(operation);
        var at = Encoding.UTF8.GetString(search.ReadOctetString());
        var isBaseOnly = search.ReadEnumeratedBytes().Span[^1] == 0;
        search.ReadEncodedValue();
        search.ReadInteger();
        search.ReadInteger();
        search.ReadBoolean();
        search.ReadEncodedValue();
        List<string> asked = [];
        var list = search.ReadSequence();
        while (list.HasData)
        {
            asked.Add(Encoding.UTF8.GetString(list.ReadOctetString()));
        }

        var found = Entries.Where(e => isBaseOnly ? e.Name == at : e.IsGroup != asked.Contains("objectClass")).ToList();
        var from = isBaseOnly ? 0 : Cookie(message);
        var page = found.Skip(from).Take(isBaseOnly ? 1 : PageSize).ToList();
        for (var i = 0; i < page.Count; i++)
        {
            yield return from + i < HangUpAfter ? Entry(id, page[i], asked) : throw new HangUpException();
        }

        var next = from + page.Count < found.Count ? Encoding.ASCII.GetBytes($"{from + page.Count}") : [];
        yield return Result(id, 5, SearchCode, "", isBaseOnly ? null : next);
    }

    private static int Cookie(AsnReader message)
    {
        var control = message.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 0, isConstructed: true)).ReadSequence();
        control.ReadOctetString();
        var value = new AsnReader(control.ReadOctetString(), AsnEncodingRules.BER).ReadSequence();
        value.ReadInteger();
        var cookie = Encoding.ASCII.GetString(value.ReadOctetString());
        return cookie.Length == 0 ? 0 : int.Parse(cookie, System.Globalization.CultureInfo.InvariantCulture);
    }

    private byte[] Entry(int id, FakeDirectoryEntry entry, List<string> asked) => Message(id, writer =>
    {
        using (writer.PushSequence(new Asn1Tag(TagClass.Application, 4, isConstructed: true)))
        {
            writer.WriteOctetString(Encoding.UTF8.GetBytes(entry.Name));
            using (writer.PushSequence())
            {
                foreach (var (attribute, values) in entry.Attributes)
                {
                    if (asked.FirstOrDefault(a => a.Split(';')[0].Equals(attribute, StringComparison.OrdinalIgnoreCase)) is not { } wanted)
                    {
                        continue;
                    }

                    var from = wanted.Contains("range=", StringComparison.Ordinal) ? int.Parse(wanted.Split('=', '-')[1], System.Globalization.CultureInfo.InvariantCulture) : 0;
                    if (from > 0 && entry.Name == Shrinking)
                    {
                        continue;
                    }

                    var piece = values.Skip(from).Take(attribute == "member" ? MaxMembers : int.MaxValue).ToArray();
                    var isLast = from + piece.Length >= values.Length;
                    var type = from == 0 && isLast ? attribute : $"{attribute};range={from}-{(isLast ? "*" : from + piece.Length - 1)}";
                    Write(writer, type, piece);
                }
            }
        }
    });

    private static void Write(AsnWriter writer, string type, string[] values)
    {
        using (writer.PushSequence())
        {
            writer.WriteOctetString(Encoding.UTF8.GetBytes(type));
            using (writer.PushSetOf())
            {
                foreach (var value in values)
                {
                    writer.WriteOctetString(Encoding.UTF8.GetBytes(value));
                }
            }
        }
    }

    private static byte[] Result(int id, int operation, int code, string diagnostic, byte[]? cookie) => Message(id, writer =>
    {
        using (writer.PushSequence(new Asn1Tag(TagClass.Application, operation, isConstructed: true)))
        {
            writer.WriteEncodedValue([0x0A, 0x01, (byte)code]);
            writer.WriteOctetString([]);
            writer.WriteOctetString(Encoding.UTF8.GetBytes(diagnostic));
        }

        if (cookie is not null)
        {
            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0, isConstructed: true)))
            using (writer.PushSequence())
            {
                writer.WriteOctetString(Encoding.ASCII.GetBytes("1.2.840.113556.1.4.319"));
                var value = new AsnWriter(AsnEncodingRules.BER);
                using (value.PushSequence())
                {
                    value.WriteInteger(0);
                    value.WriteOctetString(cookie);
                }

                writer.WriteOctetString(value.Encode());
            }
        }
    });

    private static byte[] Message(int id, Action<AsnWriter> write)
    {
        var writer = new AsnWriter(AsnEncodingRules.BER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(id);
            write(writer);
        }

        return writer.Encode();
    }

    private async Task<byte[]?> ReceiveAsync(NetworkStream stream)
    {
        var head = new byte[2];
        if (await stream.ReadAtLeastAsync(head, 2, throwOnEndOfStream: false, _end.Token) < 2)
        {
            return null;
        }

        var digits = head[1] > 0x7F ? new byte[head[1] & 0x7F] : [];
        await stream.ReadExactlyAsync(digits, _end.Token);
        var length = digits.Length == 0 ? head[1] : digits.Aggregate(0, (sum, digit) => (sum << 8) | digit);
        var rest = new byte[length];
        await stream.ReadExactlyAsync(rest, _end.Token);
        return [.. head, .. digits, .. rest];
    }

    private sealed class HangUpException : Exception;
}
