using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using SecuEdge.Appliance.Directories;
using SecuEdge.Appliance.MailFlow;
using SecuEdge.Appliance.Settings;
using SecuEdge.Filter;
using SecuEdge.Smtp;
using SecuEdge.TestKit;

namespace SecuEdge.Appliance.Tests.MailFlow;

/// <summary>The whole table of listeners, clients and recipients: the gateway is never an open relay.</summary>
public sealed class RelayRuleTests
{
    private static readonly SiteDirectory Site = new(SiteJson.Read("""
        {"tenants":[
          {"name":"acme","domains":[{"name":"acme.example","nextHops":["127.0.0.1:2600"],"recipients":["info"]}],"outbound":{"networks":["10.0.0.0/24"]}},
          {"name":"shop","domains":[{"name":"shop.example","nextHops":["127.0.0.1:2600"]}],"outbound":{"networks":["10.0.1.0/24"]}},
          {"name":"fresh","domains":[{"name":"fresh.example","nextHops":["127.0.0.1:2600"],"ownership":"pending"},{"name":"shop.example","nextHops":["127.0.0.1:2600"],"ownership":"pending"},{"name":"wanted.example","nextHops":["127.0.0.1:2600"],"ownership":"pending"}]},
          {"name":"second","domains":[{"name":"wanted.example","nextHops":["127.0.0.1:2600"],"ownership":"pending"}]},
          {"name":"rex","kind":"reseller"},
          {"name":"thief","parent":"rex","domains":[{"name":"huge.example","nextHops":["127.0.0.1:2600"],"recipients":["me"]}],"outbound":{"networks":["10.0.3.0/24"]}}]}
        """).Site!);

    [Theory]
    [InlineData(ListenerRole.Inbound, "198.51.100.1", "info@acme.example", "acme inbound")]
    [InlineData(ListenerRole.Inbound, "198.51.100.1", "INFO@ACME.example", "acme inbound")]
    [InlineData(ListenerRole.Inbound, "198.51.100.1", "nobody@acme.example", "550 5.1.1")]
    [InlineData(ListenerRole.Inbound, "198.51.100.1", "any@shop.example", "shop inbound")]
    [InlineData(ListenerRole.Inbound, "198.51.100.1", "a@elsewhere.example", "554 5.7.1")]
    [InlineData(ListenerRole.Inbound, "198.51.100.1", "a@fresh.example", "451 4.7.1")]
    [InlineData(ListenerRole.Internal, "127.0.0.1", "info@acme.example", "acme inbound")]
    [InlineData(ListenerRole.Internal, "10.0.0.5", "a@elsewhere.example", "554 5.7.1")]
    [InlineData(ListenerRole.Inbound, "198.51.100.1", "a%elsewhere.example@acme.example", "550 5.1.1")]
    [InlineData(ListenerRole.Inbound, "198.51.100.1", "a@sub.acme.example", "554 5.7.1")]
    [InlineData(ListenerRole.Inbound, "10.0.0.5", "a@elsewhere.example", "554 5.7.1")]
    [InlineData(ListenerRole.Inbound, "10.0.0.5", "info@acme.example", "acme inbound")]
    [InlineData(ListenerRole.Inbound, "198.51.100.1", "postmaster", "554 5.7.1")]
    [InlineData(ListenerRole.Outbound, "10.0.0.5", "a@elsewhere.example", "acme outbound")]
    [InlineData(ListenerRole.Outbound, "10.0.1.5", "info@acme.example", "shop outbound")]
    [InlineData(ListenerRole.Outbound, "10.0.1.5", "nobody@acme.example", "550 5.1.1")]
    [InlineData(ListenerRole.Outbound, "198.51.100.1", "a@elsewhere.example", "554 5.7.1")]
    [InlineData(ListenerRole.Outbound, "198.51.100.1", "info@acme.example", "554 5.7.1")]
    [InlineData(ListenerRole.Outbound, "10.0.0.5", "anybody@huge.example", "acme outbound")]
    [InlineData(ListenerRole.Outbound, "10.0.3.5", "anybody@huge.example", "550 5.1.1")]
    [InlineData(ListenerRole.Outbound, "10.0.2.1", "a@elsewhere.example", "554 5.7.1")]
    [InlineData(ListenerRole.Submission, "10.0.0.5", "a@elsewhere.example", "acme outbound")]
    [InlineData(ListenerRole.Submission, "198.51.100.1", "a@elsewhere.example", "554 5.7.1")]
    public void Who_may_send_where(ListenerRole role, string client, string recipient, string expected)
    {
        var path = MailPath.TryParse(recipient, out var parsed) ? parsed : new MailPath(recipient, "");
        var decision = RelayRule.Decide(Site, new DirectoryRecipients(new DirectoryShelf(new MemoryStateFiles(), NullLogger<DirectoryShelf>.Instance)), Connection(role, client), path, DateTimeOffset.UnixEpoch);
        var outcome = decision.Refusal is { } refusal
            ? $"{refusal.Code} {refusal.EnhancedCode}"
            : $"{decision.Tenant!.Name} {(decision.Direction == Direction.Inbound ? "inbound" : "outbound")}";
        Assert.Equal(expected, outcome);
    }

    [Theory]
    [InlineData(ListenerRole.Inbound, "198.51.100.1", "nobody@acme.example", "UnknownMailbox acme")]
    [InlineData(ListenerRole.Inbound, "198.51.100.1", "a@elsewhere.example", "Relay provider")]
    [InlineData(ListenerRole.Inbound, "10.0.0.5", "a@elsewhere.example", "Relay acme")]
    [InlineData(ListenerRole.Inbound, "198.51.100.1", "a@fresh.example", "Pending provider, claimed by fresh")]
    [InlineData(ListenerRole.Inbound, "198.51.100.1", "a@wanted.example", "Pending provider")]
    [InlineData(ListenerRole.Outbound, "198.51.100.1", "info@acme.example", "Relay provider")]
    [InlineData(ListenerRole.Outbound, "10.0.1.5", "nobody@acme.example", "UnknownMailbox acme,shop")]
    [InlineData(ListenerRole.Outbound, "10.0.0.5", "nobody@acme.example", "UnknownMailbox acme")]
    public void Whom_a_refusal_concerns(ListenerRole role, string client, string recipient, string expected)
    {
        Assert.True(MailPath.TryParse(recipient, out var path));
        var decision = RelayRule.Decide(Site, new DirectoryRecipients(new DirectoryShelf(new MemoryStateFiles(), NullLogger<DirectoryShelf>.Instance)), Connection(role, client), path, DateTimeOffset.UnixEpoch);
        Assert.Equal(expected, $"{decision.Reason} {string.Join(',', decision.Concerned)}{(decision.Claimant is { } claimant ? $", claimed by {claimant}" : "")}");
    }

    private static SmtpConnection Connection(ListenerRole role, string client) => new()
    {
        Id = "c1",
        Role = role,
        Remote = new IPEndPoint(IPAddress.Parse(client), 40000),
        Local = new IPEndPoint(IPAddress.Loopback, 2525),
        OpenedAt = DateTimeOffset.UnixEpoch,
    };
}
