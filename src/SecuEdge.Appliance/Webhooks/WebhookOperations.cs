using System.Collections.Frozen;
using System.Globalization;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Events;
using SecuEdge.Appliance.Operations;
using SecuEdge.Appliance.Settings;
using SecuEdge.Store.Audit;

namespace SecuEdge.Appliance.Webhooks;

/// <summary>What a tenant does with its webhooks. A webhook of a node that the caller may not see does not exist for him.</summary>
internal sealed class WebhookOperations(
    WebhookStore store, WebhookRunner runner, WebhookCaller http, WebhookOptions options, SiteHolder sites, Auditor auditor, TimeProvider timeProvider) : IDisposable
{
    /// <summary>More than any tenant needs; each costs a look at every event.</summary>
    private const int MaxPerTenant = 20;

    private const string GoneAlready = "It was gone already.";

    private static readonly FrozenSet<Permission> s_events = new[] { Permission.Events }.ToFrozenSet();

    private readonly SemaphoreSlim _oneAtATime = new(1, 1);

    public void Dispose() => _oneAtATime.Dispose();

    public IReadOnlyList<Webhook> List(Caller caller, string? tenant) =>
        [.. store.All.Where(h => caller.May(Permission.Events, h.Tenant, sites.Current) && (tenant is null || h.Tenant.Equals(tenant, StringComparison.OrdinalIgnoreCase)))];

    public int Waiting(Webhook hook) => store.Waiting(hook.Key);

    /// <param name="tenant">Only needed when several nodes have one of this name.</param>
    public Outcome<Webhook> Find(Caller caller, string name, string? tenant)
    {
        List<Webhook> found = [.. List(caller, tenant).Where(h => h.Name.Equals(name, StringComparison.OrdinalIgnoreCase))];
        return found switch
        {
            [] => NotFound(name),
            [var one] => one,
            _ => new OperationProblem(OperationFailure.Invalid, $"several nodes have a webhook {name}; say which: {string.Join(", ", found.Select(h => h.Tenant))}", "tenant"),
        };
    }

    public Outcome<IReadOnlyList<WebhookDelivery>> Deliveries(Caller caller, string name, string? tenant)
    {
        var hook = Find(caller, name, tenant);
        return hook.Problem is { } problem ? problem : new Outcome<IReadOnlyList<WebhookDelivery>>(store.Deliveries(hook.Value!.Key), null);
    }

    public async Task<Outcome<Webhook>> CreateAsync(Caller caller, WebhookDraft draft, CancellationToken cancellationToken)
    {
        var node = draft.Tenant.Length == 0 ? OwnNode(caller) : sites.Current.FindTenant(draft.Tenant)?.Tenant.Name ?? (draft.Tenant.Equals(Tenant.Root, StringComparison.OrdinalIgnoreCase) ? Tenant.Root : null);
        if (node is null || !caller.May(Permission.Events, node, sites.Current))
        {
            return new OperationProblem(OperationFailure.NotFound, $"there is no tenant '{draft.Tenant}' whose events you may see; GET /api/v1/me says where you may", "tenant");
        }

        if (Refusal(caller, node) is { } refusal)
        {
            return refusal;
        }

        if (Wrong(draft) is { Count: > 0 } errors)
        {
            return Invalid(errors);
        }

        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            if (store.Find(Webhook.KeyOf(node, draft.Name)) is not null)
            {
                return new OperationProblem(OperationFailure.Conflict, $"{node} already has a webhook {draft.Name}; change it with PUT /api/v1/webhooks/{draft.Name}", "name");
            }

            if (store.All.Count(h => h.Tenant == node) >= MaxPerTenant)
            {
                return new OperationProblem(OperationFailure.Conflict, $"{node} has {MaxPerTenant} webhooks already; delete one first");
            }

            var hook = new Webhook
            {
                Name = draft.Name,
                Tenant = node,
                Url = draft.Url,
                Events = draft.Events,
                Enabled = draft.Enabled,
                Secret = WebhookCaller.NewSecret(),
                CreatedAt = timeProvider.GetUtcNow(),
            };
            await auditor.DoAsync(
                new Deed(caller, "webhook.create", node, hook.Name, $"Calls {hook.Url.Host} for {string.Join(", ", hook.Events)}"), () => store.Put(hook));
            return hook;
        }
        catch (IOException e) when (e is not AuditUnavailableException)
        {
            return NotStored();
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    /// <summary>Switching one on again forgets that it failed.</summary>
    public Task<Outcome<Webhook>> ChangeAsync(Caller caller, string name, string? tenant, WebhookDraft draft, CancellationToken cancellationToken) =>
        Wrong(draft) is { Count: > 0 } errors
            ? Task.FromResult<Outcome<Webhook>>(Invalid(errors))
            : ChangeAsync(
                caller, name, tenant, "webhook.change", $"Calls {draft.Url.Host} for {string.Join(", ", draft.Events)}",
                hook => hook with { Url = draft.Url, Events = draft.Events, Enabled = draft.Enabled, FailingSince = draft.Enabled && !hook.Enabled ? null : hook.FailingSince, DisabledReason = draft.Enabled ? "" : hook.DisabledReason },
                cancellationToken);

    /// <summary>A new secret; what is sent from now on is signed with it.</summary>
    public Task<Outcome<Webhook>> RotateAsync(Caller caller, string name, string? tenant, CancellationToken cancellationToken) =>
        ChangeAsync(caller, name, tenant, "webhook.rotate", "New secret", hook => hook with { Secret = WebhookCaller.NewSecret() }, cancellationToken);

    public async Task<Outcome<string>> DeleteAsync(Caller caller, string name, string? tenant, CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            var found = Find(caller, name, tenant);
            if (found.Problem is { } problem)
            {
                return problem;
            }

            var hook = found.Value!;
            var isRemoved = await auditor.DoAsync(
                new Deed(caller, "webhook.delete", hook.Tenant, hook.Name, "Deleted"), () => Task.FromResult(store.Remove(hook.Key)), done => done ? "" : GoneAlready);
            return isRemoved ? name : NotFound(name);
        }
        catch (IOException e) when (e is not AuditUnavailableException)
        {
            return NotStored();
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    /// <summary>Calls once, now, with an event that says it is a test; also when the webhook is switched off.</summary>
    public async Task<Outcome<WebhookDelivery>> TestAsync(Caller caller, string name, string? tenant, CancellationToken cancellationToken)
    {
        var found = Find(caller, name, tenant);
        if (found.Problem is { } problem)
        {
            return problem;
        }

        var hook = found.Value!;
        var now = timeProvider.GetUtcNow();
        var happened = new GatewayEvent(EventNames.WebhookTest, now, hook.Tenant, hook.Name, new WebhookHappening(hook.Name, ""));
        var call = runner.CallOf(happened, string.Create(CultureInfo.InvariantCulture, $"test-{now.ToUnixTimeMilliseconds()}"));
        await auditor.RecordAsync(caller, "webhook.test", hook.Tenant, hook.Name, $"Calls {hook.Url.Host} with a test; its answer is in the delivery log", cancellationToken);
        var delivery = await http.CallAsync(hook, call, cancellationToken);
        store.Settle(hook.Key, delivery, again: null, h => delivery.Succeeded ? h with { FailingSince = null } : h);
        return delivery;
    }

    private async Task<Outcome<Webhook>> ChangeAsync(
        Caller caller, string name, string? tenant, string action, string detail, Func<Webhook, Webhook> change, CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            var found = Find(caller, name, tenant);
            if (found.Problem is { } problem)
            {
                return problem;
            }

            if (Refusal(caller, found.Value!.Tenant) is { } refusal)
            {
                return refusal;
            }

            // While it is written down the runner may switch it off, and its tenant may go: what the store has by then is changed.
            var hook = found.Value!;
            var changed = await auditor.DoAsync(
                new Deed(caller, action, hook.Tenant, hook.Name, detail), () => Task.FromResult(store.Change(hook.Key, change)), done => done is null ? GoneAlready : "");
            return changed is null ? NotFound(name) : changed;
        }
        catch (IOException e) when (e is not AuditUnavailableException)
        {
            return NotStored();
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    /// <summary>
    /// A webhook calls for ever: whoever sets one, or learns its secret, must have the events himself and without an end. Deleting and trying one out
    /// is anybody's who sees them.
    /// </summary>
    private OperationProblem? Refusal(Caller caller, string node) =>
        caller.IsBound
            ? new OperationProblem(OperationFailure.Forbidden, "a token that ends or is bound to addresses sets no webhook, because a webhook is bound to neither; let a user do it, or a token without limits")
            : !caller.Covers(new Grant(node, s_events), sites.Current)
            ? new OperationProblem(OperationFailure.Forbidden, $"what is lent to you ends, and a webhook does not; let somebody of '{node}' set it")
            : null;

    /// <summary>Whose webhook it is when nobody says so: of the one node where the caller may.</summary>
    private static string? OwnNode(Caller caller) =>
        caller.Grants.Where(g => g.Mailbox is null && g.Permissions.Contains(Permission.Events)).Select(g => g.Node).Distinct().ToList() is [var only] ? only : null;

    private List<FieldError> Wrong(WebhookDraft draft)
    {
        List<FieldError> errors = [];
        if (draft.Name.Length is 0 or > 63 || !draft.Name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.') || draft.Name[0] is '.')
        {
            errors.Add(new FieldError("name", $"'{draft.Name}' is not 1-63 letters, digits, dots and dashes"));
        }

        if (WebhookCaller.Refuse(draft.Url, options.AllowPrivate) is { } refusal)
        {
            errors.Add(new FieldError("url", refusal));
        }

        if (draft.Events.Select(EventNames.Refusal).FirstOrDefault(r => r is not null) is { } unknown)
        {
            errors.Add(new FieldError("events", unknown));
        }

        return errors;
    }

    private static OperationProblem Invalid(List<FieldError> errors) =>
        new(OperationFailure.Invalid, string.Join("; ", errors.Select(e => $"{e.Field}: {e.Detail}"))) { Errors = errors };

    private static OperationProblem NotFound(string name) => new(OperationFailure.NotFound, $"there is no webhook {name}; GET /api/v1/webhooks lists them");

    private static OperationProblem NotStored() => new(OperationFailure.Unavailable, "the webhook could not be stored; check free disk space and try again");
}

/// <summary>What somebody asks of a webhook.</summary>
internal sealed record WebhookDraft(string Name, string Tenant, Uri Url, IReadOnlyList<string> Events, bool Enabled);
