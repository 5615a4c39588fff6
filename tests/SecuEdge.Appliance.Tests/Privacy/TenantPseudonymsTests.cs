using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using SecuEdge.Appliance.Api;
using SecuEdge.Appliance.Privacy;
using SecuEdge.Filter;
using SecuEdge.Filter.Policy;
using SecuEdge.Store.MessageLog;

namespace SecuEdge.Appliance.Tests.Privacy;

public sealed class TenantPseudonymsTests
{
    private readonly TenantPseudonyms _pseudonyms = new(SHA256.HashData(Encoding.ASCII.GetBytes("one key")));

    private static MessageRecord Record => new()
    {
        Reference = "7K2F-9QXM",
        ReceivedAt = new DateTimeOffset(2026, 11, 20, 12, 0, 0, TimeSpan.Zero),
        Direction = Direction.Inbound,
        Tenant = "acme",
        ConnectionId = "C1",
        ClientAddress = "192.0.2.77",
        HeloName = "laptop-of-jane",
        AuthenticatedAs = "jane",
        ReversePath = "Jane@Sender.example",
        Recipients = [new RecipientRecord { Address = "bob@acme.example", Action = VerdictAction.Deliver, State = MessageState.Delivered, RedirectedTo = "bob2@acme.example", LastReply = "250 <bob@acme.example> ok" }],
        Reasons = [new RuleReason { Rule = "words", Node = "acme", Why = "Sender jane@sender.example is among those asked for.", Words = "Finds 'jane and bob'.", Recipients = ["bob@acme.example"] }],
        HeaderFrom = "Jane Doe <jane@sender.example>",
        Subject = "About Jane",
        MessageId = "<jane.1@sender.example>",
        TraceHeaders = "Received: from laptop-of-jane ([192.0.2.77]) for <bob@acme.example>\r\n",
        Findings = [new Finding("SPF_PASS", 0, MessageClass.Clean, null, "The domain allows it.", "jane@sender.example from 192.0.2.77")],
        Events = [new MessageEvent { At = default, Kind = MessageEventKind.Received, Recipient = "bob@acme.example", Text = "10 bytes from [192.0.2.77] laptop-of-jane; told jane@sender.example" }],
    };

    [Fact]
    public void Nothing_of_the_person_is_left_anywhere_in_the_record()
    {
        var text = JsonSerializer.Serialize(_pseudonyms.Hide(Record), ApiJson.Options);
        foreach (var trace in (string[])["jane", "bob", "sender.example", "acme.example", "192.0.2.77", "laptop"])
        {
            Assert.DoesNotContain(trace, text, StringComparison.OrdinalIgnoreCase);
        }

        Assert.Contains("SPF_PASS", text, StringComparison.Ordinal);
        Assert.Contains("192.0.2.0", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_a_sender_alone_everything_that_the_message_says_of_him_goes_and_the_recipient_keeps_his_story()
    {
        var hidden = _pseudonyms.HideOnly(Record, new Person("acme", "jane@sender.example"));
        var text = JsonSerializer.Serialize(hidden, ApiJson.Options);
        Assert.All((string[])["jane", "192.0.2.77", "laptop"], trace => Assert.DoesNotContain(trace, text, StringComparison.OrdinalIgnoreCase));
        Assert.Equal(("bob@acme.example", "250 <bob@acme.example> ok"), (hidden.Recipients[0].Address, hidden.Recipients[0].LastReply));
        Assert.False(hidden.IsPseudonymised);
        var later = _pseudonyms.Hide(hidden);
        Assert.Equal((true, hidden.ReversePath), (later.IsPseudonymised, later.ReversePath));
        Assert.DoesNotContain("bob", JsonSerializer.Serialize(later, ApiJson.Options), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Of_a_recipient_alone_the_sender_and_other_recipients_keep_theirs()
    {
        var both = Record with
        {
            Recipients = [.. Record.Recipients, Record.Recipients[0] with { Address = "eva@acme.example", LastReply = "250 for eva@acme.example", RedirectedTo = "bob@acme.example" }],
        };
        var hidden = _pseudonyms.HideOnly(both, new Person("acme", "bob@acme.example"));
        Assert.DoesNotContain("bob@", JsonSerializer.Serialize(hidden, ApiJson.Options), StringComparison.OrdinalIgnoreCase);
        Assert.Equal((Record.ReversePath, Record.Subject, Record.HeaderFrom), (hidden.ReversePath, hidden.Subject, hidden.HeaderFrom));
        Assert.Equal(("eva@acme.example", "250 for eva@acme.example"), (hidden.Recipients[1].Address, hidden.Recipients[1].LastReply));
        Assert.StartsWith("subject-", _pseudonyms.HideOnly(Record, new Person("acme", "bob@acme.example")).Subject, StringComparison.Ordinal);
    }

    [Fact]
    public void Twice_is_the_same_as_once()
    {
        var once = _pseudonyms.Hide(Record);
        Assert.Same(once, _pseudonyms.Hide(once));
        Assert.Equal(once.ReversePath, _pseudonyms.Address(once.ReversePath));
    }

    [Fact]
    public void The_same_person_stays_the_same_and_is_another_one_under_another_key()
    {
        Assert.Equal(_pseudonyms.Address("jane@sender.example"), _pseudonyms.Address("JANE@SENDER.EXAMPLE"));
        Assert.Equal(_pseudonyms.Hide(Record).ReversePath, _pseudonyms.Hide(Record).HeaderFrom);
        Assert.Equal(_pseudonyms.Address("a@x.example").Split('@')[1], _pseudonyms.Address("b@x.example").Split('@')[1]);
        Assert.NotEqual(_pseudonyms.Address("a@x.example"), new TenantPseudonyms(new byte[32]).Address("a@x.example"));
        Assert.True(SecuEdge.Smtp.MailPath.TryParse(_pseudonyms.Address("a@x.example"), out _));
    }

    [Theory]
    [InlineData("192.0.2.77", "192.0.2.0")]
    [InlineData("::ffff:192.0.2.77", "192.0.2.0")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1::")]
    [InlineData("", "")]
    [InlineData("nonsense", "")]
    public void Of_an_address_only_the_network_stays(string address, string network) => Assert.Equal(network, TenantPseudonyms.Network(address));
}
