using SecuEdge.Store.Accounts;
using SecuEdge.Store.Audit;

namespace SecuEdge.Appliance.Operations;

/// <summary>
/// Writes into the audit log in the caller's name. An operation that changes something, or shows content of mail, awaits it before it acts:
/// when the audit log cannot be written, an exception goes through to the caller as 503 and nothing was done.
/// A client that hangs up does not stop it: he would leave a deed that nobody can find.
/// </summary>
internal sealed class Auditor(IAuditLog log, TimeProvider timeProvider)
{
    private const string NotDone = "It could not be done; the log of the appliance says why.";

    /// <param name="action"><c>noun.verb</c>, see <see cref="AuditEntry.Action"/>.</param>
    /// <param name="tenant">The node concerned; empty = the appliance.</param>
    /// <param name="cancellationToken">Of the request; it ends what is done, never what is written down about it.</param>
    public Task RecordAsync(Caller caller, string action, string tenant, string target, string detail, CancellationToken cancellationToken, string reason = "", bool succeeded = true) =>
        RecordAsync(new Deed(caller, action, tenant, target, detail, reason), succeeded);

    /// <summary>Writes the deed down and does it. Should it fail after that, a second entry says so.</summary>
    /// <param name="act">Not to be ended by the client any more: what is written down is done.</param>
    /// <param name="trouble">Why an outcome is none after all; empty when it is one.</param>
    public async Task<T> DoAsync<T>(Deed deed, Func<Task<T>> act, Func<T, string> trouble)
    {
        await RecordAsync(deed, succeeded: true);
        T outcome;
        try
        {
            outcome = await act();
        }
        catch
        {
            await UndoAsync([deed], NotDone);
            throw;
        }

        if (trouble(outcome) is { Length: > 0 } why)
        {
            await UndoAsync([deed], why);
        }

        return outcome;
    }

    /// <inheritdoc cref="DoAsync{T}(Deed, Func{Task{T}}, Func{T, string})"/>
    public async Task DoAsync(IReadOnlyList<Deed> deeds, Func<Task> act)
    {
        await Task.WhenAll(deeds.Select(d => RecordAsync(d, succeeded: true)));
        try
        {
            await act();
        }
        catch
        {
            await UndoAsync(deeds, NotDone);
            throw;
        }
    }

    /// <inheritdoc cref="DoAsync{T}(Deed, Func{Task{T}}, Func{T, string})"/>
    public Task DoAsync(Deed deed, Action act) => DoAsync([deed], () =>
    {
        act();
        return Task.CompletedTask;
    });

    /// <summary>A change of users, tokens, sessions or delegations: decided, written down and made without anybody between.</summary>
    /// <param name="deedsOf">What the change is, once it is known; not asked when nothing changes.</param>
    public Task<T> ChangeAsync<T>(AccountStore store, Func<AccountDraft, T> change, Func<T, IReadOnlyList<Deed>> deedsOf, CancellationToken cancellationToken) =>
        store.ChangeAsync(change, (outcome, commit) => DoAsync(deedsOf(outcome), () => Committed(commit)), cancellationToken);

    /// <inheritdoc cref="ChangeAsync{T}(AccountStore, Func{AccountDraft, T}, Func{T, IReadOnlyList{Deed}}, CancellationToken)"/>
    public Task<T> ChangeAsync<T>(AccountStore store, Func<AccountDraft, T> change, Func<T, Deed> deedOf, CancellationToken cancellationToken) =>
        ChangeAsync(store, change, outcome => (IReadOnlyList<Deed>)[deedOf(outcome)], cancellationToken);

    private static Task Committed(Action commit)
    {
        commit();
        return Task.CompletedTask;
    }

    /// <summary>The trouble that is told is the first one: the disk that takes no deed may take no entry about it, either.</summary>
    private async Task UndoAsync(IReadOnlyList<Deed> deeds, string why)
    {
        try
        {
            await Task.WhenAll(deeds.Select(d => RecordAsync(d with { Detail = why }, succeeded: false)));
        }
        catch (AuditUnavailableException)
        {
            // The log itself says so, loudly.
        }
    }

    private Task<AuditEntry> RecordAsync(Deed deed, bool succeeded) =>
        log.AppendAsync(
            new AuditEntry
            {
                At = timeProvider.GetUtcNow(),
                Actor = deed.Caller.Name,
                Address = deed.Caller.Address,
                Tenant = deed.Tenant,
                Action = deed.Action,
                Target = deed.Target,
                Detail = deed.Detail,
                Reason = deed.Reason,
                Succeeded = succeeded,
            },
            CancellationToken.None);
}

/// <summary>What somebody is about to do, as the audit log tells it.</summary>
/// <param name="Action"><c>noun.verb</c>, see <see cref="AuditEntry.Action"/>.</param>
/// <param name="Tenant">The node concerned; empty = the appliance.</param>
internal sealed record Deed(Caller Caller, string Action, string Tenant, string Target, string Detail, string Reason = "");
