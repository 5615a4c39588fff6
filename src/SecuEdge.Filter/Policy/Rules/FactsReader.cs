using SecuEdge.Content;
using SecuEdge.Filter.Policy.Lexical;

namespace SecuEdge.Filter.Policy.Rules;

/// <summary>Takes from a judged message what rules may ask, once for all recipients. What of it is kept is <see cref="RecordedFacts"/>.</summary>
/// <param name="sources">What is known of the world around the message; null knows nothing.</param>
public sealed class FactsReader(IFactSources? sources = null)
{
    /// <summary>Not all of it was looked at: what was not found may be there.</summary>
    private const AnatomyFlags Unread = AnatomyFlags.OverBudget | AnatomyFlags.Unparseable | AnatomyFlags.Failed;

    public PolicyFacts Read(MessageFacts message, FilterReport report)
    {
        var (envelope, headers) = (message.Envelope, message.Anatomy.Headers);
        var origin = sources?.OriginOf(envelope.ClientAddress);
        var (attachments, areCut) = AttachmentReader.Read(message.Anatomy.Root);
        var text = message.Anatomy.Text;
        var shown = text.Length > 0 ? text : message.Anatomy.HiddenText;
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
            IsFirstContact = message.IsFirstContact ?? sources?.IsFirstContact(envelope, headers.FromAddress),
            Country = origin?.Country,
            AutonomousSystem = origin?.AutonomousSystem,
            Subject = headers.Subject,
            Headers = headers.All,
            SizeBytes = message.Message.Length,
            Flags = message.Anatomy.Flags,
            Attachments = attachments,
            AreAttachmentsCut = areCut || (message.Anatomy.Flags & (Unread | AnatomyFlags.Bomb)) != 0,
            Language = LanguageDetector.Detect(shown.Length > 0 ? shown : headers.Subject),
            Findings = report.Findings,
            Convictions = [.. report.Engines.SelectMany(e => e.Convictions.Select(c => new ConvictionFact(e.Name, c.Signature)))],
            Text = TextOf(message.Anatomy),
        };
    }

    private static MessageText TextOf(MessageAnatomy anatomy) => new(anatomy.Headers.Subject, anatomy.Text, new AttachmentTexts(anatomy.Root))
    {
        OtherBodies = [.. new[] { anatomy.HiddenText, anatomy.WholeText }.Where(t => t.Length > 0)],
        IsBodyCut = (anatomy.Flags & Unread) != 0 || anatomy.AllParts().Any(p => p.Kind == PartKind.Body && p.Flags.HasFlag(AnatomyFlags.TextCut)),
    };
}
