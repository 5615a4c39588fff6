using SecuEdge.Appliance.Settings;
using SecuEdge.Content;
using SecuEdge.Filter;
using SecuEdge.Filter.Policy;
using SecuEdge.Filter.Policy.Rules;
using SecuEdge.Smtp;

namespace SecuEdge.Appliance.Tests.Import;

/// <summary>Asks a converted site about a message, with everything inherited: what a rule looks like says little about what the rules do together.</summary>
internal static class ImportedPolicy
{
    /// <param name="from">Header From; null = the same as the envelope sender.</param>
    /// <param name="score">Of the findings, before rules.</param>
    public static Verdict Decide(Site site, string tenant, string sender, string recipient, string? from = null, double score = 0, AnatomyFlags flags = default)
    {
        Assert.Empty(SiteValidation.Check(site));
        var to = MailPath.TryParse(recipient, out var path) ? path : throw new ArgumentException("is no address", nameof(recipient));
        var facts = new PolicyFacts
        {
            Reference = "R",
            At = new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero),
            Tenant = tenant,
            Direction = Direction.Inbound,
            Sender = sender,
            HeaderFrom = from ?? sender,
            Recipients = [recipient],
            Flags = flags,
            Findings = score == 0 ? [] : [new Finding("SPAM_WORDS", score, MessageClass.Spam, null, "Words of spam.", "")],
        };
        return Policy.Decide(facts, new SiteDirectory(site).PolicyFor(tenant, to), to);
    }
}
