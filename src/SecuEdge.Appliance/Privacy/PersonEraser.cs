using SecuEdge.Appliance.Convictions;
using SecuEdge.Store.Facts;
using SecuEdge.Store.MessageLog;
using SecuEdge.Store.Quarantine;
using SecuEdge.Store.Refusals;
using SecuEdge.Store.Usage;

namespace SecuEdge.Appliance.Privacy;

/// <summary>
/// Takes a person out of what is kept. Stories of messages stay without the person: they are also those of the other party. Every step can be
/// repeated, so what a crash interrupts is simply asked for again.
/// </summary>
internal sealed class PersonEraser(
    PersonData data, IMessageUpkeep upkeep, IMessageLog messageLog, IQuarantine quarantine, IUsageLog usage, Pseudonyms pseudonyms, IFactsLog facts,
    RefusalLog refusals, RetroVerdicts retroVerdicts, TimeProvider timeProvider)
{
    /// <summary>Stories of messages that are still on their way cannot be changed: they are counted and left.</summary>
    public async Task<(int Erased, int Left)> MessagesAsync(Person person, CancellationToken cancellationToken)
    {
        var hide = pseudonyms.Of(person.Tenant);
        var (erased, left) = (0, 0);
        List<string> references = [];
        await foreach (var record in data.MessagesAsync(person, cancellationToken))
        {
            if (record.Recipients.Any(r => r.State is MessageState.Queued or MessageState.Deferred or MessageState.Held))
            {
                left++;
            }
            else
            {
                references.Add(record.Reference);
            }
        }

        foreach (var reference in references)
        {
            erased += await upkeep.RewriteAsync(reference, r => hide.HideOnly(r, person), cancellationToken) ? 1 : 0;
        }

        return (erased, left);
    }

    /// <summary>What is kept for the person alone goes; from what is kept for others too, the person is taken out.</summary>
    public async Task<int> QuarantineAsync(Person person, CancellationToken cancellationToken)
    {
        List<QuarantineEntry> entries = [];
        await foreach (var entry in data.QuarantineAsync(person, cancellationToken))
        {
            entries.Add(entry);
        }

        var erased = 0;
        foreach (var entry in entries.Where(e => e.Recipients.Any(person.Mention.Is)))
        {
            List<string> others = [.. entry.Recipients.Where(r => !person.Mention.Is(r))];
            erased += others.Count == 0
                ? await DeleteAsync(entry, cancellationToken) ? 1 : 0
                : await quarantine.UpdateAsync(Without(entry, others, person), cancellationToken) ? 1 : 0;
        }

        return erased;
    }

    public Task<int> FactsAsync(Person person, CancellationToken cancellationToken) =>
        facts.EraseAsync(person.Tenant, f => PersonData.IsAbout(f, person), cancellationToken);

    public Task<int> RefusalsAsync(Person person, CancellationToken cancellationToken) =>
        refusals.EraseAsync(r => PersonData.IsAbout(r, person), cancellationToken);

    public async Task<int> UsageAsync(Person person, CancellationToken cancellationToken)
    {
        var renamed = 0;
        foreach (var address in person.Spellings)
        {
            renamed += await usage.RenameAsync(person.Tenant, address, pseudonyms.Of(person.Tenant).Address, cancellationToken);
        }

        return renamed;
    }

    public Task RetroVerdictsAsync(Person person, CancellationToken cancellationToken)
    {
        if (!retroVerdicts.All.SelectMany(v => v.Messages).Any(m => PersonPlaces.IsAbout(m, person)))
        {
            return Task.CompletedTask;
        }

        var pseudonym = pseudonyms.Of(person.Tenant).Address(person.Address);
        return retroVerdicts.RewriteAsync(
            m => !PersonPlaces.IsAbout(m, person) ? m : m with { Sender = Instead(m.Sender), Recipients = [.. m.Recipients.Select(Instead)] }, cancellationToken);

        string Instead(string address) => person.Mention.Is(address) ? pseudonym : address;
    }

    private async Task<bool> DeleteAsync(QuarantineEntry entry, CancellationToken cancellationToken)
    {
        var isDeleted = await quarantine.DeleteAsync(entry.Reference, cancellationToken);
        if (isDeleted && await messageLog.FindAsync(entry.Reference, cancellationToken) is { } record)
        {
            messageLog.Save(record with
            {
                Recipients = [.. record.Recipients.Select(r => r.State == MessageState.Quarantined ? r with { State = MessageState.Dropped } : r)],

                // A later event than the spool knows: a restart does not bring its record of the message back.
                Events = [.. record.Events, new MessageEvent { At = timeProvider.GetUtcNow(), Kind = MessageEventKind.Dropped, Text = "Deleted from quarantine: the person it waited for was erased" }],
            });
        }

        return isDeleted;
    }

    private static QuarantineEntry Without(QuarantineEntry entry, List<string> others, Person person) => entry with
    {
        Recipients = others,
        ReleasedTo = [.. entry.ReleasedTo.Where(r => !person.Mention.Is(r))],
        Message = entry.Message with
        {
            Recipients = [.. entry.Message.Recipients.Where(r => !person.Mention.Is(r.Address))],
            Reasons = [.. entry.Message.Reasons.Where(r => !r.Names(person.Spellings))],
            Events = [.. entry.Message.Events.Where(e => !person.Mention.Is(e.Recipient))],
        },
    };
}
