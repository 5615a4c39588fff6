using System.Buffers;
using System.Text;
using SecuEdge.Smtp.Tests.Fakes;

namespace SecuEdge.Smtp.Tests;

public sealed class ProxyProtocolTests
{
    private const string Signature = "0D0A0D0A000D0A515549540A";

    /// <summary>Header (text, or hex digits of version 2), source and destination; empty where the header has none.</summary>
    public static TheoryData<string, string, string> ValidHeaders => new()
    {
        { "PROXY TCP4 192.0.2.7 198.51.100.1 4711 25\r\n", "192.0.2.7:4711", "198.51.100.1:25" },
        { "PROXY TCP6 2001:db8::7 2001:db8::1 65535 25\r\n", "[2001:db8::7]:65535", "[2001:db8::1]:25" },
        { "PROXY UNKNOWN\r\n", "", "" },
        { "PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n", "", "" },
        { Signature + "2111000CC0000207C633640112670019", "192.0.2.7:4711", "198.51.100.1:25" },
        { Signature + "21110010C0000207C63364011267001904000100", "192.0.2.7:4711", "198.51.100.1:25" },
        { Signature + "2121002420010DB800000000000000000000000720010DB800000000000000000000000112670019", "[2001:db8::7]:4711", "[2001:db8::1]:25" },
        { Signature + "20000000", "", "" },
        { Signature + "2011000CC0000207C633640112670019", "", "" },
        { Signature + "21000000", "", "" },
    };

    [Theory]
    [MemberData(nameof(ValidHeaders))]
    public void A_valid_header_is_read(string header, string source, string destination)
    {
        var bytes = Bytes(header);
        Assert.Equal(ProxyHeaderStatus.Complete, Read([.. bytes, .. "EHLO x\r\n"u8], out var parsed));
        Assert.Equal(source, parsed.Source?.ToString() ?? "");
        Assert.Equal(destination, parsed.Destination?.ToString() ?? "");
        Assert.Equal(bytes.Length, parsed.Length);
    }

    [Theory]
    [MemberData(nameof(ValidHeaders))]
    public void An_incomplete_header_waits(string header, string source, string destination)
    {
        Assert.NotNull(source + destination);
        var bytes = Bytes(header);
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.Equal(ProxyHeaderStatus.Incomplete, Read(bytes[..length], out _));
        }
    }

    [Theory]
    [InlineData("EHLO x\r\n")]
    [InlineData("PROXZ")]
    [InlineData("PROXY \r\n")]
    [InlineData("PROXY TCP4 192.0.2.7 198.51.100.1 4711\r\n")]
    [InlineData("PROXY TCP4 192.0.2.7 198.51.100.1 4711 25 1\r\n")]
    [InlineData("PROXY TCP4 192.0.2.7 198.51.100.1 4711 65536\r\n")]
    [InlineData("PROXY TCP4 192.0.2.7 198.51.100.1 -1 25\r\n")]
    [InlineData("PROXY TCP4 mail.example.net 198.51.100.1 4711 25\r\n")]
    [InlineData("PROXY UDP4 192.0.2.7 198.51.100.1 4711 25\r\n")]
    [InlineData("PROXY TCP4 192.0.2.7 198.51.100.1 4711 25\n" + "12345678901234567890123456789012345678901234567890123456789012345678901234567890")]
    [InlineData(Signature + "1111000CC0000207C633640112670019")]
    [InlineData(Signature + "2211000CC0000207C633640112670019")]
    [InlineData(Signature + "2111000BC0000207C6336401126700")]
    [InlineData(Signature + "2111FFFF")]
    public void An_invalid_header_is_refused(string header) => Assert.Equal(ProxyHeaderStatus.Invalid, Read(Bytes(header), out _));

    [Theory]
    [InlineData("192.0.2.0/24", "192.0.2.0/24")]
    [InlineData("192.0.2.7", "192.0.2.7/32")]
    [InlineData("2001:db8::/32", "2001:db8::/32")]
    [InlineData("::1", "::1/128")]
    public void A_network_may_be_one_address(string text, string expected)
    {
        Assert.True(ProxyProtocol.TryParseNetwork(text, out var network));
        Assert.Equal(expected, network.ToString());
    }

    [Fact]
    public async Task The_gateway_sees_the_client_behind_the_load_balancer()
    {
        await using var session = Behind("PROXY TCP4 203.0.113.9 198.51.100.1 4711 25\r\n");
        Assert.Equal("220 mx.example.org ESMTP", await session.Client.ReadReplyAsync());
        Assert.True(session.Gateway.Connections.TryPeek(out var connection));
        Assert.Equal("203.0.113.9:4711", connection.Remote.ToString());
        Assert.Equal("198.51.100.1:25", connection.Local.ToString());
    }

    [Fact]
    public async Task A_health_check_of_the_load_balancer_keeps_its_own_address()
    {
        await using var session = Behind("PROXY UNKNOWN\r\n");
        await session.Client.ReadReplyAsync();
        Assert.True(session.Gateway.Connections.TryPeek(out var connection));
        Assert.Equal("10.1.2.3:4711", connection.Remote.ToString());
    }

    [Fact]
    public async Task A_load_balancer_that_sends_no_header_is_refused()
    {
        await using var session = Behind("EHLO client.example.net\r\n");
        Assert.StartsWith("421 4.3.5 ", await session.Client.ReadReplyAsync(), StringComparison.Ordinal);
        Assert.Null(await session.Client.ReadReplyAsync());
        Assert.Empty(session.Gateway.Connections);
    }

    [Fact]
    public async Task A_header_from_anyone_else_is_not_believed()
    {
        await using var session = Behind("PROXY TCP4 203.0.113.9 198.51.100.1 4711 25\r\n", remote: "10.2.0.1:4711");
        Assert.StartsWith("521 5.5.1 ", await session.Client.ReadReplyAsync(), StringComparison.Ordinal);
        Assert.True(session.Gateway.Connections.TryPeek(out var connection));
        Assert.Equal("10.2.0.1:4711", connection.Remote.ToString());
    }

    [Fact]
    public async Task A_client_behind_the_load_balancer_that_speaks_early_is_refused()
    {
        await using var session = Behind("PROXY TCP4 203.0.113.9 198.51.100.1 4711 25\r\nEHLO client.example.net\r\n");
        Assert.StartsWith("521 5.5.1 ", await session.Client.ReadReplyAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_that_ends_inside_the_header_never_becomes_a_session()
    {
        await using var session = Behind("PROXY TCP4");
        await session.Client.CloseAsync();
        await session.EndAsync();
        Assert.Empty(session.Gateway.Connections);
    }

    private static TestSession Behind(string header, string remote = "10.1.2.3:4711")
    {
        var options = TestSession.Options();
        options.ProxyNetworks.Add("10.1.0.0/16");
        return new TestSession(options: options, remote: remote, earlyBytes: header);
    }

    private static byte[] Bytes(string header) =>
        header.StartsWith(Signature, StringComparison.Ordinal) ? Convert.FromHexString(header) : Encoding.Latin1.GetBytes(header);

    private static ProxyHeaderStatus Read(byte[] bytes, out ProxyHeader header) => ProxyProtocol.Read(new ReadOnlySequence<byte>(bytes), out header);
}
