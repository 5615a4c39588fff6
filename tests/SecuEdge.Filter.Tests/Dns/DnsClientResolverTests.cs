using System.Buffers.Binary;
using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Net.Sockets;
using System.Text;
using SecuEdge.Filter.Dns;

namespace SecuEdge.Filter.Tests.Dns;

/// <summary>The resolver against a name server of our own on loopback, which answers by the first label of the name.</summary>
public sealed class DnsClientResolverTests : IAsyncDisposable
{
    private const int A = 1;
    private const int Ptr = 12;
    private const int Mx = 15;
    private const int Txt = 16;
    private const int Aaaa = 28;

    private readonly Socket _server = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly Task _serving;
    private readonly DnsClientResolver _resolver;

    public DnsClientResolverTests()
    {
        _server.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _serving = ServeAsync();
        var options = new DnsOptions { Servers = { _server.LocalEndPoint!.ToString()! }, Timeout = TimeSpan.FromMilliseconds(300), Retries = 0 };
        _resolver = new(options, TimeProvider.System);
    }

    public async ValueTask DisposeAsync()
    {
        _server.Dispose();
        await _serving;
    }

    [Fact]
    public async Task Exchangers_come_by_preference_and_equal_ones_in_changing_order()
    {
        HashSet<string> orders = [];
        for (var i = 0; i < 64 && orders.Count < 2; i++)
        {
            var answer = await _resolver.MailExchangersAsync("mx.example.org", Token);
            Assert.Equal(DnsStatus.Found, answer.Status);
            Assert.Equal([5, 10, 10], answer.Records.Select(record => record.Preference));
            Assert.Equal(new MxRecord(5, "first.example.org"), answer.Records[0]);
            orders.Add(string.Join(',', answer.Records.Select(record => record.Host)));
        }

        Assert.Equal(2, orders.Count);
    }

    [Fact]
    public async Task A_null_MX_is_one_record_without_a_host() =>
        Assert.Equal([new MxRecord(0, "")], (await _resolver.MailExchangersAsync("nullmx.example.org", Token)).Records);

    [Fact]
    public async Task Addresses_are_those_of_both_families()
    {
        var answer = await _resolver.AddressesAsync("both.example.org", Token);

        Assert.Equal([IPAddress.Parse("192.0.2.1"), IPAddress.Parse("2001:db8::1")], answer.Records);
    }

    [Fact]
    public async Task One_family_is_enough_even_when_the_other_fails() =>
        Assert.Equal((DnsStatus.Found, 1), Summary(await _resolver.AddressesAsync("v4only-v6fails.example.org", Token)));

    [Fact]
    public async Task The_strings_of_a_text_record_are_joined() =>
        Assert.Equal(["v=spf1 include:example.net -all"], (await _resolver.TextsAsync("text.example.org", Token)).Records);

    [Fact]
    public async Task Pointers_are_asked_for_in_the_reverse_zone() =>
        Assert.Equal(["host.example.org"], (await _resolver.PointersAsync(IPAddress.Parse("::ffff:192.0.2.7"), Token)).Records);

    [Theory]
    [InlineData("nxdomain.example.org", DnsStatus.NoSuchName)]
    [InlineData("nodata.example.org", DnsStatus.NoData)]
    [InlineData("servfail.example.org", DnsStatus.Temporary)]
    [InlineData("refused.example.org", DnsStatus.Temporary)]
    [InlineData("silent.example.org", DnsStatus.Temporary)]
    [InlineData("garbage.example.org", DnsStatus.Temporary)]
    [InlineData("a..example.org", DnsStatus.NoSuchName)]
    [InlineData("", DnsStatus.NoSuchName)]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123.example.org", DnsStatus.NoSuchName)]
    [InlineData("with space.example.org", DnsStatus.NoSuchName)]
    public async Task What_is_not_found_is_a_status_and_no_exception(string name, DnsStatus status)
    {
        Assert.Equal((status, 0), Summary(await _resolver.MailExchangersAsync(name, Token)));
        Assert.Equal((status, 0), Summary(await _resolver.AddressesAsync(name, Token)));
        Assert.Equal((status, 0), Summary(await _resolver.TextsAsync(name, Token)));
    }

    [Fact]
    public async Task The_callers_cancellation_is_thrown_before_and_during_the_look_up()
    {
        using var cancelled = new CancellationTokenSource();

        var running = _resolver.TextsAsync("silent.example.org", cancelled.Token);
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _resolver.TextsAsync("text.example.org", cancelled.Token));
    }

    [Theory]
    [InlineData("192.0.2.1", true)]
    [InlineData("192.0.2.1:5353", true)]
    [InlineData("[2001:db8::1]:53", true)]
    [InlineData("dns.example.org", false)]
    [InlineData("", false)]
    public void Servers_are_addresses(string server, bool isValid)
    {
        var options = new DnsOptions { Servers = { server } };

        Assert.Equal(isValid, Validator.TryValidateObject(options, new ValidationContext(options), [], validateAllProperties: true));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static (DnsStatus Status, int Count) Summary<T>(DnsAnswer<T> answer) => (answer.Status, answer.Records.Count);

    private async Task ServeAsync()
    {
        var query = new byte[512];
        try
        {
            while (true)
            {
                var received = await _server.ReceiveFromAsync(query, new IPEndPoint(IPAddress.Any, 0), CancellationToken.None);
                if (Answer(query.AsSpan(0, received.ReceivedBytes)) is { } answer)
                {
                    await _server.SendToAsync(answer, received.RemoteEndPoint, CancellationToken.None);
                }
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    // RFC 1035 §4.1: header, the question repeated, and records whose name points to the question.
    private static byte[]? Answer(ReadOnlySpan<byte> query)
    {
        var label = Encoding.ASCII.GetString(query.Slice(13, query[12]));
        var nameEnd = 12 + query[12..].IndexOf((byte)0) + 1;
        int type = BinaryPrimitives.ReadUInt16BigEndian(query[nameEnd..]);
        var question = query[12..(nameEnd + 4)];
        (int Code, byte[][] Records)? answer = (label, type) switch
        {
            ("silent", _) => null,
            ("nxdomain", _) => (3, []),
            ("servfail", _) or ("v4only-v6fails", Aaaa) => (2, []),
            ("refused", _) => (5, []),
            ("mx", Mx) => (0, [Exchanger(10, "second"), Exchanger(5, "first"), Exchanger(10, "third")]),
            ("nullmx", Mx) => (0, [[0, 0, 0]]),
            ("both" or "v4only-v6fails", A) => (0, [[192, 0, 2, 1]]),
            ("both", Aaaa) => (0, [IPAddress.Parse("2001:db8::1").GetAddressBytes()]),
            ("text", Txt) => (0, [[.. CharacterString("v=spf1 include:example.net"), .. CharacterString(" -all")]]),
            ("7", Ptr) => (0, [Name("host")]),
            _ => (0, []),
        };
        if (label == "garbage")
        {
            return [.. query[..2], 1, 2, 3];
        }

        if (answer is not { } found)
        {
            return null;
        }

        List<byte> reply = [.. query[..2], 0x81, (byte)(0x80 | found.Code), 0, 1, 0, (byte)found.Records.Length, 0, 0, 0, 0, .. question];
        foreach (var record in found.Records)
        {
            // No time to live: each look-up asks again.
            reply.AddRange([0xC0, 12, 0, (byte)type, 0, 1, 0, 0, 0, 0, 0, (byte)record.Length, .. record]);
        }

        return [.. reply];
    }

    private static byte[] Exchanger(byte preference, string host) => [0, preference, .. Name(host)];

    private static byte[] Name(string host) => [.. CharacterString(host), .. CharacterString("Example"), .. CharacterString("org"), 0];

    private static byte[] CharacterString(string text) => [(byte)text.Length, .. Encoding.ASCII.GetBytes(text)];
}
