using System.ComponentModel.DataAnnotations;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Settings;
using SecuEdge.Filter.Policy.Profiles;
using SecuEdge.Smtp;

namespace SecuEdge.Appliance.Operations;

/// <summary>Switches on an evaluation with one call, and says everything that the customer must know.</summary>
internal sealed class TrialOperations(
    SiteEditor editor, SiteHolder sites, DomainChallenge challenge, ITokenIssuer tokens, ApplianceOptions appliance, SmtpServerOptions smtp, TimeProvider timeProvider)
{
    /// <summary>What a customer's own administrator does.</summary>
    private static readonly IReadOnlySet<Permission> CustomerPermissions = new HashSet<Permission>
    {
        Permission.MessagesRead, Permission.QuarantineRead, Permission.ContentRead, Permission.QuarantineRelease, Permission.QuarantineDelete, Permission.QueueRead,
        Permission.TenantsRead, Permission.TenantsManage, Permission.PolicyRead, Permission.PolicyWrite, Permission.Analyze, Permission.AuditRead, Permission.UsageRead,
        Permission.Events,
    };

    /// <summary>Fields of the tenant that is made, as the request has them; the first that fits.</summary>
    private static readonly IReadOnlyList<(string Field, string Sent)> Fields =
    [
        ("domains[0].name", "domain"), ("domains[0].", ""), ("outbound.networks", "networks"), ("policy.profile", "profile"), ("service.", ""),
    ];

    private readonly OwnNames _names = OwnNames.Of(appliance, smtp);

    public async Task<Outcome<TrialStarted>> StartAsync(Caller caller, TrialRequest request, CancellationToken cancellationToken)
    {
        var above = request.Parent is null ? OwnNode.Of(caller, Permission.TenantsManage, sites.Current, "parent") : request.Parent;
        if (above.Value is not { } parent)
        {
            return above.Problem!;
        }

        var now = timeProvider.GetUtcNow();
        var domain = new Domain { Name = request.Domain, NextHops = request.NextHops, Recipients = request.Recipients ?? ["*"], Ownership = request.Ownership };
        var name = (request.Name ?? domain.Name).ToLowerInvariant();
        var trial = new Trial { Start = now, End = now.AddDays(request.Days), AtEnd = request.AtEnd };
        var tenant = new Tenant
        {
            Name = name,
            Parent = parent == Tenant.Root ? null : parent,
            DisplayName = request.DisplayName ?? "",
            Trial = trial,
            Domains = [domain],
            Outbound = request.Networks is { Count: > 0 } networks ? new Outbound { Networks = networks } : null,
            Policy = new PolicySettings { Profile = request.Profile },
            Service = new ServiceSettings { Contacts = request.Contacts, Language = request.Language },
        };
        var outcome = await editor.ChangeAsync(
            caller,
            $"trial of '{name}', {request.Days} days",
            site => site.FindTenant(name) is not null
                ? new OperationProblem(OperationFailure.Conflict, $"the name '{name}' is taken; choose another one", "name")
                : new Outcome<IReadOnlyList<TenantChange>>([TenantChange.Of(site, name, tenant)], null),
            _ => [new Deed(caller, "trial.start", name, name, $"{request.Domain}, {request.Days} days, until {trial.End:yyyy-MM-dd HH:mm} UTC.")],
            placeOf: null,
            plan: false,
            cancellationToken);
        if (outcome.Value is not { } change)
        {
            return outcome.Problem!.At(AsSent);
        }

        var token = await tokens.IssueAsync(caller, new TokenOrder($"trial-{name}", name, CustomerPermissions, null), cancellationToken);
        return new TrialStarted
        {
            Tenant = name,
            Domain = domain.Name,
            Ownership = request.Ownership,
            MxName = _names.Mx,
            Smarthost = new SmarthostDetail(_names.Smarthost, _names.SmarthostPort),
            Verification = challenge.RecordFor(name, domain.Name),
            Token = token?.Secret,
            TokenPermissions = [.. (token?.Permissions ?? []).Order().Select(PermissionWords.Of)],
            Start = trial.Start,
            End = trial.End,
            AtEnd = trial.AtEnd,
            Afterwards = Afterwards(trial),
            Warnings = [.. Warnings(tenant)],
            Revision = change.Revision,
        };
    }

    /// <summary>What is not as one would think from the rest of the answer.</summary>
    private IEnumerable<string> Warnings(Tenant tenant)
    {
        foreach (var warning in _names.Warnings())
        {
            yield return warning;
        }

        if (tenant.Outbound is null)
        {
            yield return $"the smarthost refuses mail of '{tenant.Name}', because no networks were given; name the customer's servers with PATCH /api/v1/tenants/{tenant.Name} {{\"outbound\":{{\"networks\":[\"ADDRESS\"]}}}}";
        }

        if (tenant.Domains[0].Ownership == DomainOwnership.Pending)
        {
            yield return $"mail for {tenant.Domains[0].Name} waits at the senders until the record of 'verification' is in the DNS";
        }

        if (DomainRoute.TakesAny(tenant.Domains[0]))
        {
            yield return $"every address of {tenant.Domains[0].Name} is taken, there or not; list the mailboxes with POST /api/v1/domains/{tenant.Domains[0].Name}/recipients {{\"add\":[\"NAME\"],\"remove\":[\"*\"]}}";
        }
    }

    private static string AsSent(string field) =>
        Fields.Where(f => field.StartsWith(f.Field, StringComparison.Ordinal)).Select(f => f.Sent + field[f.Field.Length..]).FirstOrDefault() ?? field;

    internal static string Afterwards(Trial trial) => trial.AtEnd switch
    {
        TrialEnd.Suspend => "Mail is answered 451 from then on, so that it waits at the senders until the customer is taken on or the MX is changed back.",
        TrialEnd.Continue => "Mail goes on; the provider sees that the trial is over.",
        _ => throw new ArgumentOutOfRangeException(nameof(trial), trial.AtEnd, null),
    };
}

/// <summary>An evaluation to switch on.</summary>
public sealed record TrialRequest
{
    /// <summary>Name of the new tenant; the domain when absent.</summary>
    public string? Name { get; init; }

    /// <summary>The reseller above it; when absent, your own node.</summary>
    public string? Parent { get; init; }

    /// <summary>As people call it.</summary>
    [MaxLength(200)]
    public string? DisplayName { get; init; }

    /// <summary>The customer's mail domain.</summary>
    [Required]
    public required string Domain { get; init; }

    /// <summary>The customer's mail servers as <c>host:port</c>.</summary>
    [Required, MinLength(1)]
    public required IReadOnlyList<string> NextHops { get; init; }

    /// <summary>Mailboxes that exist; any when absent.</summary>
    public IReadOnlyList<string>? Recipients { get; init; }

    /// <summary>Addresses or CIDR networks of servers that send through the smarthost.</summary>
    public IReadOnlyList<string>? Networks { get; init; }

    /// <summary>30 is what peers give.</summary>
    [Range(1, 365)]
    public int Days { get; init; } = 30;

    /// <summary>The rules to begin with; inherited when absent.</summary>
    public PolicyProfile? Profile { get; init; }

    /// <summary>What happens at the end.</summary>
    public TrialEnd AtEnd { get; init; } = TrialEnd.Suspend;

    /// <summary><c>vouched</c> takes mail at once on your word; <c>pending</c> waits for the record in the DNS.</summary>
    public DomainOwnership Ownership { get; init; } = DomainOwnership.Vouched;

    /// <summary>Who is told about the end.</summary>
    public IReadOnlyList<string>? Contacts { get; init; }

    /// <summary>Language of notices: <c>en</c> or <c>fr</c>.</summary>
    public string? Language { get; init; }
}

/// <summary>An evaluation that runs: what to tell the customer.</summary>
public sealed record TrialStarted
{
    public required string Tenant { get; init; }

    public required string Domain { get; init; }

    /// <summary>Pending waits for <see cref="Verification"/> and takes no mail until then.</summary>
    public required DomainOwnership Ownership { get; init; }

    /// <summary>Target of the domain's MX record.</summary>
    public required string MxName { get; init; }

    /// <summary>Where the customer's servers send outgoing mail.</summary>
    public required SmarthostDetail Smarthost { get; init; }

    /// <summary>The record that proves the domain; not needed where it was vouched for.</summary>
    public required DnsRecord Verification { get; init; }

    /// <summary>API token of the customer, shown this once; absent when the appliance makes none.</summary>
    public required string? Token { get; init; }

    /// <summary>What the token may do at the tenant: as much of a customer's administrator as you may do yourself.</summary>
    public required IReadOnlyList<string> TokenPermissions { get; init; }

    public required DateTimeOffset Start { get; init; }

    public required DateTimeOffset End { get; init; }

    public required TrialEnd AtEnd { get; init; }

    /// <summary>The same in a sentence for the customer, in his language.</summary>
    public required string Afterwards { get; init; }

    /// <summary>What does not work yet, and what to do: a smarthost without networks, an MX name that nobody can resolve.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>The revision that made it.</summary>
    public required int Revision { get; init; }
}

/// <summary>Where to send outgoing mail.</summary>
public sealed record SmarthostDetail(string Name, int Port);
