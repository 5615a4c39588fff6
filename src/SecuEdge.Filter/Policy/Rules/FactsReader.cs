namespace SecuEdge.Filter.Policy.Rules;

/// <summary>Takes from a judged message what rules may ask, once for all recipients.</summary>
/// <param name="sources">What is known of the world around the message; null knows nothing.</param>
public sealed class FactsReader(IFactSources? sources = null)
{
    public PolicyFacts Read(MessageFacts message, FilterReport report)
    {
        var (envelope, headers) = (message.Envelope, message.Anatomy.Headers);
        return new PolicyFacts
        {
            Reference = envelope.Reference,
            At = envelope.ReceivedAt,
            Tenant = envelope.Tenant,
            Direction = envelope.Direction,
            Sender = envelope.ReversePath.ToString(),
            HeaderFrom = headers.FromAddress,
            Recipients = [.. envelope.Recipients.Select(r => r.ToString())],
            ClientAddress = envelope.ClientAddress.ToString(),
            IsFirstContact = sources?.IsFirstContact(envelope),
            Subject = headers.Subject,
            SizeBytes = message.Message.Length,
            Flags = message.Anatomy.Flags,
            Findings = report.Findings,
            Convictions = [.. report.Engines.SelectMany(e => e.Convictions.Select(c => new ConvictionFact(e.Name, c.Signature)))],
            Text = new MessageText(headers.Subject, message.Anatomy.Text, []),
        };
    }
}
