using SecuEdge.Store.Quarantine;

namespace SecuEdge.Appliance.Privacy;

/// <summary>Counts what is kept about a person, everywhere, and says of each place what erasing does to it.</summary>
internal sealed class PersonSummaries(PersonData data, PersonPlaces places)
{
    private const string AuditStays = "Audit entries stay as they are until their retention ends: they prove who did what, and a changed entry would break the chain.";
    private const string MessagesHidden = "The address becomes a pseudonym; of what the person sent also subject, header From, message id and client. Others in the story keep theirs.";
    private const string QuarantineGoes = "Deleted; of what waits for others too, the person is taken out.";
    private const string QuarantineStays = "Mail in quarantine stays until its retention ends, or is asked for with quarantine=true.";
    private const string OthersQuarantine = "Mail that waits for somebody else is his: it stays until he or the retention ends it, and when it is released, its story names the sender again.";
    private const string FactsGo = "Nobody reads them but back-tests.";
    private const string RefusalsGo = "What was refused before it was a message; kept for a short time.";
    private const string UsageHidden = "The mailbox was billed; its address becomes a pseudonym.";

    private static readonly IReadOnlyList<string> Notes =
    [
        "Messages that name the address only in header From are not found, but for copies and forwards of those that are: the envelope decides.",
        "Steps that the person took as a user in stories of others' mail are found in the audit log, which has them all.",
        "Not looked for: bytes of mail on its way, and hashes of correspondents, which end by themselves and from which no address can be read.",
        AuditStays,
    ];

    public async Task<PersonSummary> OfAsync(Person person, PersonErasure erasure, CancellationToken cancellationToken)
    {
        var (quarantined, ofOthers) = (0, 0);
        await foreach (var entry in data.QuarantineAsync(person, cancellationToken))
        {
            if (IsFor(entry, person))
            {
                quarantined++;
            }
            else
            {
                ofOthers++;
            }
        }

        var summary = new PersonSummary
        {
            Address = person.Address,
            Tenant = person.Tenant,
            Messages = await data.MessagesAsync(person, cancellationToken).CountAsync(cancellationToken),
            Quarantined = quarantined + ofOthers,
            QuarantinedForOthers = ofOthers,
            Facts = await data.FactsAsync(person, cancellationToken).CountAsync(cancellationToken),
            Refusals = await data.RefusalsAsync(person, cancellationToken).CountAsync(cancellationToken),
            UsageMonths = (await data.UsageAsync(person, cancellationToken)).Count,
            AuditEntries = await data.AuditAsync(person, cancellationToken).CountAsync(cancellationToken),
            Notes = Notes,
        };
        return summary with { Places = [.. Places(summary, erasure), .. await places.FindAsync(person, erasure, cancellationToken)] };
    }

    private static IEnumerable<PersonPlace> Places(PersonSummary found, PersonErasure erasure) => new[]
    {
        Of(PersonPlaceKind.Messages, found.Messages, PersonOutcome.Pseudonymised, MessagesHidden),
        Of(PersonPlaceKind.Quarantine, found.Quarantined - found.QuarantinedForOthers, erasure.Quarantine ? PersonOutcome.Erased : PersonOutcome.Stays, erasure.Quarantine ? QuarantineGoes : QuarantineStays),
        Of(PersonPlaceKind.QuarantineOfOthers, found.QuarantinedForOthers, PersonOutcome.Stays, OthersQuarantine),
        Of(PersonPlaceKind.Facts, found.Facts, PersonOutcome.Erased, FactsGo),
        Of(PersonPlaceKind.Refusals, found.Refusals, PersonOutcome.Erased, RefusalsGo),
        Of(PersonPlaceKind.Usage, found.UsageMonths, PersonOutcome.Pseudonymised, UsageHidden),
        Of(PersonPlaceKind.Audit, found.AuditEntries, PersonOutcome.Stays, AuditStays),
    }.Where(p => p.Count > 0);

    private static PersonPlace Of(PersonPlaceKind kind, int count, PersonOutcome onErase, string why) => new() { Kind = kind, Count = count, OnErase = onErase, Why = why };

    private static bool IsFor(QuarantineEntry entry, Person person) => entry.Recipients.Any(person.Mention.Is);
}
