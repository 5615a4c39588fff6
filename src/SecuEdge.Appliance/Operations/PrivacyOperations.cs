using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Privacy;
using SecuEdge.Appliance.Settings;
using SecuEdge.Filter;
using SecuEdge.Smtp;
using SecuEdge.Store.MessageLog;
using SecuEdge.Store.Quarantine;

namespace SecuEdge.Appliance.Operations;

/// <summary>The rights of a person whose mail passed here: to know, to get a copy, to be forgotten. Each use is audited before it begins.</summary>
internal sealed class PrivacyOperations(
    PersonData data, PersonSummaries summaries, PersonPlaces places, PersonEraser eraser, PersonOptions options, Pseudonyms pseudonyms, Auditor auditor, SiteHolder sites, TimeProvider timeProvider)
{

    public async Task<Outcome<PersonSummary>> SearchAsync(Caller caller, PersonRequest request, CancellationToken cancellationToken)
    {
        if (Check(caller, request, out var person) is { } problem)
        {
            return problem;
        }

        await AuditAsync(caller, "privacy.search", person, "Looked what is kept about a person", request.Reason, cancellationToken);
        return await summaries.OfAsync(person, new PersonErasure(), cancellationToken);
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
            Refusals = data.RefusalsAsync(person, cancellationToken),
            Usage = await data.UsageAsync(person, cancellationToken),
            Audit = data.AuditAsync(person, cancellationToken),
            Places = await places.FindAsync(person, new PersonErasure(), cancellationToken),
        };
    }

    public async Task<Outcome<PersonErased>> EraseAsync(Caller caller, PersonErasure request, CancellationToken cancellationToken)
    {
        if (Check(caller, request, out var person) is { } problem)
        {
            return problem;
        }

        if (request.Apply && string.IsNullOrWhiteSpace(request.Reason))
        {
            return new OperationProblem(OperationFailure.Invalid, "reason: say why the person is erased, such as the letter and its date; it is all that the audit log keeps of it", "reason");
        }

        if (await options.RefusalAsync(caller, person, request, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        if (!request.Apply)
        {
            // A plan tells what a search tells.
            await AuditAsync(caller, "privacy.search", person, "Looked what erasing a person would do", request.Reason, cancellationToken);
        }

        var found = await summaries.OfAsync(person, request, cancellationToken);
        var planned = new PersonErased
        {
            Applied = false,
            Messages = found.Messages,
            Quarantined = request.Quarantine ? found.Quarantined - found.QuarantinedForOthers : 0,
            Facts = found.Facts,
            Refusals = found.Refusals,
            UsageMonths = found.UsageMonths,
            Places = found.Places,
            Stays = Stays(found.Places, 0),
        };
        return request.Apply ? await ApplyAsync(caller, person, request, planned, cancellationToken) : planned;
    }

    private async Task<Outcome<PersonErased>> ApplyAsync(Caller caller, Person person, PersonErasure request, PersonErased planned, CancellationToken cancellationToken)
    {
        try
        {
            // The entry itself must not be the one place that still knows the address.
            var pseudonym = pseudonyms.Of(person.Tenant).Address(person.Address);
            await auditor.RecordAsync(caller, "privacy.erase", person.Tenant, pseudonym, $"Erases a person{With(request)}", cancellationToken, request.Reason);
            if (await options.ApplyAsync(caller, person, request, cancellationToken) is { } problem)
            {
                await auditor.RecordAsync(caller, "privacy.erase", person.Tenant, pseudonym, person.Mention.Replace(problem.Detail, pseudonym), cancellationToken, request.Reason, succeeded: false);
                return problem;
            }

            var quarantined = request.Quarantine ? await eraser.QuarantineAsync(person, cancellationToken) : 0;
            var (messages, left) = await eraser.MessagesAsync(person, cancellationToken);
            var facts = await eraser.FactsAsync(person, cancellationToken);
            var refusals = await eraser.RefusalsAsync(person, cancellationToken);
            var usage = await eraser.UsageAsync(person, cancellationToken);
            await eraser.RetroVerdictsAsync(person, cancellationToken);
            return planned with { Applied = true, Messages = messages, Quarantined = quarantined, Facts = facts, Refusals = refusals, UsageMonths = usage, Stays = Stays(planned.Places, left) };
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

    private static string With(PersonErasure request) =>
        string.Concat(new[] { (request.Quarantine, "mail in quarantine"), (request.Recipient, "mailbox in the list"), (request.Account, "user") }.Where(o => o.Item1).Select(o => $", with {o.Item2}"));

    private static List<string> Stays(IReadOnlyList<PersonPlace> places, int left)
    {
        List<string> stays = [.. places.Where(p => p.OnErase == PersonOutcome.Stays).Select(p => p.Name.Length == 0 ? p.Why : $"{p.Name}{(p.Fields.Length == 0 ? "" : $" ({p.Fields})")}: {p.Why}")];
        if (left > 0)
        {
            stays.Add($"{left} message(s) are still on their way to somebody; ask again when they have arrived.");
        }

        return stays;
    }

    /// <summary>Other recipients of the same message are persons, too. Whoever sent it knows them anyway; who is only said to have sent it does not.</summary>
    private MessageRecord OnlyOf(MessageRecord record, Person person)
    {
        if (HasSent(record, person))
        {
            return record.WithoutWords();
        }

        List<RecipientRecord> theirs = [.. record.Recipients.Where(r => person.Mention.Is(r.Address) || person.Mention.Is(r.RedirectedTo))];
        var hide = pseudonyms.Of(person.Tenant);
        return record.WithoutWords().OnlyFor(person.Mention.Is) with
        {
            Recipients = theirs.Count > 0 ? theirs : [.. record.Recipients.Select(r => new RecipientRecord { Address = hide.Address(r.Address), Action = r.Action, State = r.State })],
        };
    }

    private QuarantineEntry OnlyOf(QuarantineEntry entry, Person person) => HasSent(entry.Message, person) ? entry with { Message = entry.Message.WithoutWords() } : entry with
    {
        Recipients = [.. entry.Recipients.Where(person.Mention.Is)],
        ReleasedTo = [.. entry.ReleasedTo.Where(person.Mention.Is)],
        Message = OnlyOf(entry.Message, person),
    };

    /// <summary>The sender of incoming mail may be forged.</summary>
    private static bool HasSent(MessageRecord record, Person person) => record.Direction == Direction.Outbound && person.Mention.Is(record.ReversePath);
}
