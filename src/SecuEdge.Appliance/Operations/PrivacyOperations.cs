using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Privacy;
using SecuEdge.Appliance.Settings;
using SecuEdge.Smtp;
using SecuEdge.Store.MessageLog;
using SecuEdge.Store.Quarantine;

namespace SecuEdge.Appliance.Operations;

/// <summary>The rights of a person whose mail passed here: to know, to get a copy, to be forgotten. Each use is audited before it begins.</summary>
internal sealed class PrivacyOperations(PersonData data, PersonEraser eraser, Pseudonyms pseudonyms, Auditor auditor, SiteHolder sites, TimeProvider timeProvider)
{
    private const string AuditStays = "Audit entries stay as they are until their retention ends: they prove who did what, and a changed entry would break the chain.";
    private const string HeaderOnly = "Messages that name the address only in header From are not found: the envelope decides.";

    public async Task<Outcome<PersonSummary>> SearchAsync(Caller caller, PersonRequest request, CancellationToken cancellationToken)
    {
        if (Check(caller, request, out var person) is { } problem)
        {
            return problem;
        }

        await AuditAsync(caller, "privacy.search", person, "Looked what is kept about a person", request.Reason, cancellationToken);
        return await SummaryAsync(person, cancellationToken);
    }

    public async Task<Outcome<PersonExport>> ExportAsync(Caller caller, PersonRequest request, CancellationToken cancellationToken)
    {
        if (Check(caller, request, out var person) is { } problem)
        {
            return problem;
        }

        await AuditAsync(caller, "privacy.export", person, "Exported what is kept about a person", request.Reason, cancellationToken);
        return new PersonExport
        {
            Address = person.Address,
            Tenant = person.Tenant,
            At = timeProvider.GetUtcNow(),
            Messages = data.MessagesAsync(person, cancellationToken).Select(m => OnlyOf(m, person)),
            Quarantine = data.QuarantineAsync(person, cancellationToken).Select(e => OnlyOf(e, person)),
            Facts = data.FactsAsync(person, cancellationToken),
            Usage = await data.UsageAsync(person, cancellationToken),
            Audit = data.AuditAsync(person, cancellationToken),
        };
    }

    public async Task<Outcome<PersonErased>> EraseAsync(Caller caller, PersonErasure request, CancellationToken cancellationToken)
    {
        if (Check(caller, request, out var person) is { } problem)
        {
            return problem;
        }

        if (!request.Apply)
        {
            var found = await SummaryAsync(person, cancellationToken);
            var quarantined = request.Quarantine ? await data.QuarantineAsync(person, cancellationToken).CountAsync(e => IsFor(e, person), cancellationToken) : 0;
            return Erased(false, found.Messages, quarantined, found.Facts, found.UsageMonths, Stays(request, 0));
        }

        try
        {
            // The entry itself must not be the one place that still knows the address.
            var pseudonym = pseudonyms.Of(person.Tenant).Address(person.Address);
            await auditor.RecordAsync(caller, "privacy.erase", person.Tenant, pseudonym, $"Erases a person{(request.Quarantine ? ", with mail in quarantine" : "")}", cancellationToken, request.Reason);
            var quarantined = request.Quarantine ? await eraser.QuarantineAsync(person, cancellationToken) : 0;
            var (messages, left) = await eraser.MessagesAsync(person, cancellationToken);
            var facts = await eraser.FactsAsync(person, cancellationToken);
            var usage = await eraser.UsageAsync(person, cancellationToken);
            return Erased(true, messages, quarantined, facts, usage, Stays(request, left));
        }
        catch (IOException e) when (e is not Store.Audit.AuditUnavailableException)
        {
            return new OperationProblem(OperationFailure.Unavailable, "not everything could be erased; check free disk space and call it again");
        }
    }

    private OperationProblem? Check(Caller caller, PersonRequest request, out Person person)
    {
        person = new Person(request.Tenant, request.Address);
        if (!caller.May(Permission.PrivacyManage, request.Tenant, sites.Current) || sites.Current.FindTenant(request.Tenant) is not { } route)
        {
            return new OperationProblem(OperationFailure.NotFound, $"there is no tenant '{request.Tenant}'");
        }

        if (!MailPath.TryParse(request.Address, out var path) || path.IsNull || path.Domain.Length == 0)
        {
            return new OperationProblem(OperationFailure.Invalid, $"address: '{request.Address}' is not an address, such as jane@example.com", "address");
        }

        person = new Person(route.Tenant.Name, path.ToString());
        return null;
    }

    private Task AuditAsync(Caller caller, string action, Person person, string detail, string reason, CancellationToken cancellationToken) =>
        auditor.RecordAsync(caller, action, person.Tenant, person.Address, detail, cancellationToken, reason);

    private async Task<PersonSummary> SummaryAsync(Person person, CancellationToken cancellationToken) => new()
    {
        Address = person.Address,
        Tenant = person.Tenant,
        Messages = await data.MessagesAsync(person, cancellationToken).CountAsync(cancellationToken),
        Quarantined = await data.QuarantineAsync(person, cancellationToken).CountAsync(cancellationToken),
        Facts = await data.FactsAsync(person, cancellationToken).CountAsync(cancellationToken),
        UsageMonths = (await data.UsageAsync(person, cancellationToken)).Count,
        AuditEntries = await data.AuditAsync(person, cancellationToken).CountAsync(cancellationToken),
        Notes = [HeaderOnly, AuditStays],
    };

    private static PersonErased Erased(bool applied, int messages, int quarantined, int facts, int usage, IReadOnlyList<string> stays) =>
        new() { Applied = applied, Messages = messages, Quarantined = quarantined, Facts = facts, UsageMonths = usage, Stays = stays };

    private static List<string> Stays(PersonErasure request, int left)
    {
        List<string> stays = [AuditStays];
        if (!request.Quarantine)
        {
            stays.Add("Mail in quarantine stays until its retention ends, or is asked for with quarantine=true.");
        }

        if (left > 0)
        {
            stays.Add($"{left} message(s) are still on their way to somebody; ask again when they have arrived.");
        }

        return stays;
    }

    private static bool IsFor(QuarantineEntry entry, Person person) => entry.Recipients.Contains(person.Address, StringComparer.OrdinalIgnoreCase);

    /// <summary>Other recipients of the same message are persons, too. Whoever sent it knows them anyway.</summary>
    private static MessageRecord OnlyOf(MessageRecord record, Person person) => Is(record.ReversePath, person) ? record.WithoutWords() : record.WithoutWords() with
    {
        Recipients = [.. record.Recipients.Where(r => Is(r.Address, person) || (r.RedirectedTo is { } other && Is(other, person)))],
        Reasons = [.. record.WithoutWords().Reasons.Where(r => r.IsFor(person.Address)).Select(r => r with { Recipients = [] })],
        Events = [.. record.Events.Where(e => e.Recipient is null || Is(e.Recipient, person))],
    };

    private static QuarantineEntry OnlyOf(QuarantineEntry entry, Person person) => Is(entry.Message.ReversePath, person) ? entry with { Message = entry.Message.WithoutWords() } : entry with
    {
        Recipients = [.. entry.Recipients.Where(r => Is(r, person))],
        ReleasedTo = [.. entry.ReleasedTo.Where(r => Is(r, person))],
        Message = OnlyOf(entry.Message, person),
    };

    private static bool Is(string address, Person person) => address.Equals(person.Address, StringComparison.OrdinalIgnoreCase);
}
