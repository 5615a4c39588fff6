using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using SecuEdge.Appliance.MailFlow;
using SecuEdge.Smtp;
using SecuEdge.Store.MessageLog;
using SecuEdge.TestKit;

namespace SecuEdge.Appliance.Tests.MailFlow;

/// <summary>A customer's next hop by name does not lead to what only the appliance can reach.</summary>
public sealed class HopAddressTests
{
    [Theory]
    [InlineData("hop.example", "127.0.0.1", "")]
    [InlineData("hop.example", "127.8.9.1", "")]
    [InlineData("hop.example", "::1", "")]
    [InlineData("hop.example", "::ffff:127.0.0.1", "")]
    [InlineData("hop.example", "0.0.0.0", "")]
    [InlineData("hop.example", "::", "")]
    [InlineData("hop.example", "169.254.169.254", "")]
    [InlineData("hop.example", "fe80::1", "")]
    [InlineData("hop.example", "fd00:ec2::254", "")]
    [InlineData("hop.example", "127.0.0.1 192.0.2.1", "192.0.2.1")]
    [InlineData("hop.example", "10.0.0.5", "10.0.0.5")]
    [InlineData("hop.example", "192.168.1.5 fd00::5", "192.168.1.5 fd00::5")]
    [InlineData("hop.example", "2001:db8::1", "2001:db8::1")]
    [InlineData("LOCAL.example.", "127.0.0.1", "127.0.0.1")]
    [InlineData("localhost", "127.0.0.1 ::1", "127.0.0.1 ::1")]
    public async Task Addresses_of_the_appliance_are_left_out_unless_the_provider_means_them(string host, string resolved, string expected)
    {
        var found = await Hops(resolved).FindAsync(host, TestContext.Current.CancellationToken);
        Assert.Equal(expected, string.Join(' ', found.Addresses));
        Assert.Equal(expected.Length == 0, found.Trouble.Length > 0);
    }

    [Fact]
    public async Task Mail_to_such_a_hop_waits_with_a_clear_word_and_goes_out_once_the_name_is_mended()
    {
        await using var sink = new SmtpSink();
        await using var rig = new DeliveryRig { Site = DeliveryRig.SiteOf([$"hop.example:{sink.Port}"], []) };
        rig.Hosts["hop.example"] = new HostAddresses([IPAddress.Loopback], "");
        await rig.StartAsync();
        var deferred = await rig.WaitForAsync(await rig.SubmitAsync("a@acme.example"), MessageState.Deferred);
        Assert.Empty(sink.Messages);
        Assert.Contains("the name leads to 127.0.0.1, which is the mail gateway itself", deferred.Recipients[0].LastReply, StringComparison.Ordinal);
        Assert.Contains(deferred.Events, e => e.Kind == MessageEventKind.Deferred && e.Text.Contains("127.0.0.1", StringComparison.Ordinal));

        rig.Options.LocalHops.Add("hop.example");
        await rig.PassRetryAsync(deferred);
        await rig.WaitUntilFinishedAsync(deferred.Reference);
        Assert.Single(sink.Messages);
    }

    [Fact]
    public async Task What_was_looked_at_is_what_is_connected_to()
    {
        await using var sink = new SmtpSink();
        var asked = 0;
        var connector = new SmtpClientConnector(
            new SmtpClientOptions(), TimeProvider.System, (_, _) => Task.FromResult(new HostAddresses([asked++ == 0 ? IPAddress.Loopback : IPAddress.None], "")));
        var connected = await connector.ConnectAsync(new SmtpEndpoint("hop.example", sink.Port), "hop.example", TestContext.Current.CancellationToken);
        await using var client = connected.Client;
        Assert.NotNull(client);
        Assert.Equal(1, asked);
    }

    private static HopAddresses Hops(string resolved) => new(
        new QueueOptions { LocalHops = { "local.example" } },
        NullLogger<HopAddresses>.Instance,
        (_, _) => Task.FromResult(new HostAddresses([.. resolved.Split(' ').Select(IPAddress.Parse)], "")));
}
