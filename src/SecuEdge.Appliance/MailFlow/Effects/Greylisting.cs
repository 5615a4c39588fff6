using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using SecuEdge.Appliance.Telemetry;
using SecuEdge.Filter;
using SecuEdge.Filter.Policy.Rules;
using SecuEdge.Smtp;
using SecuEdge.Store.Greylist;

namespace SecuEdge.Appliance.MailFlow.Effects;

/// <summary>
/// 451 to whom nobody knows, for messages that a rule wants greylisted: who writes mail seriously comes back. Asked after DATA, since it is
/// a rule about the message; answered for all recipients, since the sender can be told only one thing then.
/// </summary>
internal sealed class Greylisting(Greylist known, GatewayMetrics metrics)
{
    /// <returns>Null to let it pass; otherwise the reply, and the rule that wants it.</returns>
    public (SmtpReply Reply, RuleEffect Rule)? Ask(Envelope envelope, IReadOnlyList<Verdict> verdicts)
    {
        // Our own users' mail is not a stranger's; their programs show a 451 as an error.
        if (envelope.Direction == Direction.Outbound)
        {
            return null;
        }

        (TimeSpan Wait, RuleEffect Rule)? longest = null;
        var isAsked = false;
        for (var i = 0; i < verdicts.Count; i++)
        {
            var rule = verdicts[i].Action < VerdictAction.Quarantine ? verdicts[i].Effects.FirstOrDefault(e => e.Action is GreylistAction) : null;
            if (rule?.Action is not GreylistAction action)
            {
                continue;
            }

            isAsked = true;
            var wait = known.Ask(KeyOf(envelope, envelope.Recipients[i]), TimeSpan.FromMinutes(action.Minutes));
            if (wait is { } time && (longest is null || time > longest.Value.Wait))
            {
                longest = (time, rule);
            }
        }

        if (isAsked)
        {
            metrics.Greylisted(isPassed: longest is null);
        }

        if (longest is not { } answer)
        {
            return null;
        }

        var minutes = Math.Max(1, (int)Math.Ceiling(answer.Wait.TotalMinutes));
        var text = $"Greylisted, please try again in {minutes} {(minutes == 1 ? "minute" : "minutes")} [{envelope.Reference}]";
        return (new SmtpReply(451, "4.7.1", text), answer.Rule);
    }

    /// <summary>Network, sender and recipient: a server farm comes back from another address of its network.</summary>
    internal static UInt128 KeyOf(Envelope envelope, MailPath recipient)
    {
        var address = envelope.ClientAddress.IsIPv4MappedToIPv6 ? envelope.ClientAddress.MapToIPv4() : envelope.ClientAddress;
        var network = new IPNetwork(Masked(address), address.AddressFamily == AddressFamily.InterNetwork ? 24 : 64);
        var text = $"{network}\n{envelope.ReversePath}\n{recipient}".ToLowerInvariant();
        return BinaryPrimitives.ReadUInt128LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }

    private static IPAddress Masked(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        bytes.AsSpan(address.AddressFamily == AddressFamily.InterNetwork ? 3 : 8).Clear();
        return new IPAddress(bytes);
    }
}
