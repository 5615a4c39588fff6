using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
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
            RedirectedTo = r.RedirectedTo is { } other ? Address(other) : null,
            LastReply = Text(r.LastReply, record),
            TraceHeaders = null,
        })],
        HeaderFrom = HeaderFrom(record.HeaderFrom),
        Subject = Word(record.Subject, "subject-"),
        MessageId = record.MessageId.Length == 0 ? "" : $"<{Word(record.MessageId, "")}@pseudonym{NoDomain}>",
        ClientAddress = Network(record.ClientAddress),
        HeloName = Word(record.HeloName, "client-"),
        AuthenticatedAs = record.AuthenticatedAs is { } name ? Word(name, "user-") : null,

        // They are for the delivery, which is over; they quote addresses in many ways.
        TraceHeaders = "",
        Reasons = [.. record.Reasons.Select(r => r with { Why = Text(r.Why, record), Words = null, Recipients = [.. r.Recipients.Select(Address)] })],
        Findings = [.. record.Findings.Select(f => f with { Detail = Text(f.Detail, record) })],
        Events = [.. record.Events.Select(e => e with { Recipient = e.Recipient is { } recipient ? Address(recipient) : null, Text = Text(e.Text, record) })],
    };

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

    /// <summary>Sentences quote addresses, clients and what the next hop said.</summary>
    private string Text(string text, MessageRecord record)
    {
        if (record.ClientAddress.Length > 0)
        {
            text = text.Replace(record.ClientAddress, Network(record.ClientAddress), StringComparison.OrdinalIgnoreCase);
        }

        if (record.HeloName.Length > 0)
        {
            text = text.Replace(record.HeloName, Word(record.HeloName, "client-"), StringComparison.OrdinalIgnoreCase);
        }

        return AddressPattern.Replace(text, found => Address(found.Value));
    }

    private string Word(string text, string prefix) => text.Length == 0 ? "" : prefix + Hash(text, 20);

    private string Hash(string text, int digits) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text.ToLowerInvariant())))[..digits];

    [GeneratedRegex("""[^\s<>()\[\],;:"'=]{1,320}@[^\s<>()\[\],;:"']{1,255}""")]
    private static partial Regex AddressPattern { get; }

    [GeneratedRegex("^[0-9a-f]{20}@[0-9a-f]{16}\\.invalid$")]
    private static partial Regex PseudonymPattern { get; }
}
