using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using SecuEdge.Filter;
using SecuEdge.Store.MessageLog;

namespace SecuEdge.Appliance.Privacy;

/// <summary>Replaces what says who somebody is in the story of a message; what the gateway thought of the message stays.</summary>
internal sealed partial class TenantPseudonyms(byte[] key)
{
    // RFC 6761 §6.4: a name that nobody can ever own.
    private const string NoDomain = ".invalid";

    /// <summary>Everything in the story that is about persons. Twice is the same as once.</summary>
    public MessageRecord Hide(MessageRecord record) => record.IsPseudonymised ? record : record with
    {
        IsPseudonymised = true,
        ReversePath = Address(record.ReversePath),
        Recipients = [.. record.Recipients.Select(r => r with
        {
            Address = Address(r.Address),
            LastReply = Text(r.LastReply, record),
            RedirectedTo = r.RedirectedTo is { } to ? Address(to) : null,
            TraceHeaders = null,
        })],
        HeaderFrom = HeaderFrom(record.HeaderFrom),
        Subject = Word(record.Subject, "subject-"),
        MessageId = HiddenId(record.MessageId),
        ClientAddress = Network(record.ClientAddress),
        HeloName = Word(record.HeloName, "client-"),
        AuthenticatedAs = record.AuthenticatedAs is { } name ? Word(name, "user-") : null,

        // They are for the delivery, which is over; they quote addresses in many ways.
        TraceHeaders = "",
        Reasons = [.. record.Reasons.Select(r => r with { Why = Text(r.Why, record), Words = null, Recipients = [.. r.Recipients.Select(Address)] })],
        Findings = [.. record.Findings.Select(f => f with { Detail = Text(f.Detail, record) })],
        Events = [.. record.Events.Select(e => e with { Recipient = e.Recipient is { } recipient ? Address(recipient) : null, Text = Text(e.Text, record), Actor = e.Actor is { } actor ? Text(actor, record) : null })],
    };

    /// <summary>
    /// Only one person. What a message says of its sender goes when he is the one: header From, subject, client. Whoever else is in the story keeps
    /// his own: a recipient is asked for what he got, and a sender for what he wrote.
    /// </summary>
    public MessageRecord HideOnly(MessageRecord record, Person person)
    {
        if (record.IsPseudonymised)
        {
            return record;
        }

        var (who, pseudonym) = (person.Mention, Address(person.Address));
        var isSender = who.Is(record.ReversePath) || who.In(record.HeaderFrom);

        // To him alone: nobody of the tenant is left whose mail the subject describes.
        var isAlone = isSender || (record.Direction == Direction.Inbound && record.Recipients.All(r => who.Is(r.Address)));
        return record with
        {
            ReversePath = who.Is(record.ReversePath) ? pseudonym : record.ReversePath,
            Recipients =
            [
                .. record.Recipients.Select(r => r with
                {
                    Address = who.Is(r.Address) ? pseudonym : r.Address,
                    LastReply = Said(r.LastReply),
                    RedirectedTo = r.RedirectedTo is { } to ? who.Replace(to, pseudonym) : null,
                    TraceHeaders = isSender || who.Is(r.Address) ? null : r.TraceHeaders is { } headers ? Said(headers) : null,
                }),
            ],
            HeaderFrom = isSender ? HeaderFrom(record.HeaderFrom) : record.HeaderFrom,
            Subject = isAlone ? Word(record.Subject, "subject-") : Said(record.Subject),
            MessageId = isSender ? HiddenId(record.MessageId) : record.MessageId,
            ClientAddress = isSender ? Network(record.ClientAddress) : record.ClientAddress,
            HeloName = isSender ? Word(record.HeloName, "client-") : record.HeloName,
            AuthenticatedAs = record.AuthenticatedAs is { } name ? isSender ? Word(name, "user-") : Said(name) : null,
            TraceHeaders = isSender ? "" : Said(record.TraceHeaders),
            Reasons =
            [
                .. record.Reasons.Select(r => r with
                {
                    Why = Said(r.Why),
                    Words = !isAlone && r.Words is { } words ? Said(words) : null,
                    Recipients = [.. r.Recipients.Select(a => who.Is(a) ? pseudonym : a)],
                }),
            ],
            Findings = [.. record.Findings.Select(f => f with { Detail = Said(f.Detail) })],
            Events =
            [
                .. record.Events.Select(e => e with
                {
                    Recipient = who.Is(e.Recipient) ? pseudonym : e.Recipient,
                    Text = Said(e.Text),
                    Actor = e.Actor is { } actor ? Said(actor) : null,
                }),
            ],
        };

        string Said(string text) => who.Replace(isSender ? WithoutClient(text, record) : text, pseudonym);
    }

    /// <summary>Pseudonyms of the mailbox and of the domain, so that both still group.</summary>
    public string Address(string address)
    {
        if (address.Length == 0 || IsPseudonym(address))
        {
            return address;
        }

        var domain = address[(address.LastIndexOf('@') + 1)..];
        return $"{Hash(address, 20)}@{Hash("@" + domain, 16)}{NoDomain}";
    }

    public static bool IsPseudonym(string address) => PseudonymPattern.IsMatch(address);

    /// <summary>The network a client is in: /24 or /48 name a site, not a person.</summary>
    public static string Network(string address)
    {
        if (!IPAddress.TryParse(address, out var parsed))
        {
            return "";
        }

        var plain = parsed.IsIPv4MappedToIPv6 ? parsed.MapToIPv4() : parsed;
        var bytes = plain.GetAddressBytes();
        bytes.AsSpan(plain.AddressFamily == AddressFamily.InterNetwork ? 3 : 6).Clear();
        return new IPAddress(bytes).ToString();
    }

    private string HeaderFrom(string from) =>
        from.Length == 0 ? "" : AddressPattern.Match(from) is { Success: true } found ? Address(found.Value) : Word(from, "from-");

    private string HiddenId(string messageId) => messageId.Length == 0 ? "" : $"<{Word(messageId, "")}@pseudonym{NoDomain}>";

    /// <summary>Sentences quote addresses, clients and what the next hop said.</summary>
    private string Text(string text, MessageRecord record) => AddressPattern.Replace(WithoutClient(text, record), found => Address(found.Value));

    private string WithoutClient(string text, MessageRecord record)
    {
        if (record.ClientAddress.Length > 0)
        {
            text = text.Replace(record.ClientAddress, Network(record.ClientAddress), StringComparison.OrdinalIgnoreCase);
        }

        if (record.HeloName.Length > 0)
        {
            text = text.Replace(record.HeloName, Word(record.HeloName, "client-"), StringComparison.OrdinalIgnoreCase);
        }

        return text;
    }

    private string Word(string text, string prefix) => text.Length == 0 ? "" : prefix + Hash(text, 20);

    private string Hash(string text, int digits) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text.ToLowerInvariant())))[..digits];

    [GeneratedRegex("""[^\s<>()\[\],;:"'=]{1,320}@[^\s<>()\[\],;:"']{1,255}""")]
    private static partial Regex AddressPattern { get; }

    [GeneratedRegex("^[0-9a-f]{20}@[0-9a-f]{16}\\.invalid$")]
    private static partial Regex PseudonymPattern { get; }
}
