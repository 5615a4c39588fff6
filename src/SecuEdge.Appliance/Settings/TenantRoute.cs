using SecuEdge.Appliance.Directories;
using SecuEdge.Appliance.Settings.Notices;
using SecuEdge.Filter.Policy;
using SecuEdge.Filter.Policy.Profiles;
using SecuEdge.Filter.Policy.Rules;
using SecuEdge.Smtp;

namespace SecuEdge.Appliance.Settings;

/// <summary>
/// A node of the tree, compiled: what it inherits joined with what it sets. Immutable, and shared with the next site as long as neither the
/// node nor one above it changes.
/// </summary>
public sealed class TenantRoute
{
    private static readonly IReadOnlyDictionary<string, string> NoLocks = new Dictionary<string, string>();
    private static readonly Lazy<RuleSet>[] ProfileRules =
    [
        .. Enum.GetValues<PolicyProfile>().Select(profile => new Lazy<RuleSet>(() => ProfileExpansion.Rules(profile))),
    ];

    private readonly RuleSet?[] _rules = new RuleSet?[ProfileRules.Length];
    private TenantPolicy? _policy;

    /// <param name="tenant">Must have passed <see cref="SiteValidation"/>.</param>
    /// <param name="parent">Null for the root alone.</param>
    public TenantRoute(Tenant tenant, TenantRoute? parent = null)
    {
        Tenant = tenant;
        Parent = parent;
        OutboundHops = SiteValidation.ParseHops(tenant.Outbound?.NextHops ?? []);
        Inherited = parent?.LocksBelow ?? NoLocks;
        LocksBelow = LocksOf(tenant, Inherited);
        Settings = JoinPolicy(parent?.Settings ?? ProfileExpansion.Settings(ProfileExpansion.Default), tenant.Policy, Inherited);
        Service = Setting.Join(Setting.OfService, parent?.Service ?? new ServiceSettings(), tenant.Service, s => Inherited.ContainsKey(s.Name));
        SuspendedSince = Earlier(parent?.SuspendedSince, OwnSuspension(tenant));
        Layer = LayerOf(tenant, Service);
        Domains = [.. tenant.Domains.Select(d => new DomainRoute(this, d))];
    }

    public Tenant Tenant { get; }

    /// <summary>
    /// The revision that last changed the tenant; 0 when none did. Text and number are one object, or a reader gets the one of before with the
    /// other of after, and his If-Match lets him undo what he never saw. Set before the site is in force, never afterwards.
    /// </summary>
    public int Revision { get; internal set; }

    /// <summary>The node above; null for the root.</summary>
    public TenantRoute? Parent { get; }

    public IReadOnlyList<DomainRoute> Domains { get; }

    /// <summary>What is set at the node or above it; null where the default is in force.</summary>
    public PolicySettings Settings { get; }

    /// <inheritdoc cref="Settings"/>
    public ServiceSettings Service { get; }

    /// <summary>The same, as messages are judged by it. Compiled when first asked for, so that rules can be checked before.</summary>
    public TenantPolicy Policy => _policy ??= Parent is not null && ReferenceEquals(Settings, Parent.Settings) && Layer is null ? Parent.Policy : PolicyOf(Settings);

    /// <summary>Empty = by MX.</summary>
    public IReadOnlyList<SmtpEndpoint> OutboundHops { get; }

    /// <summary>Setting → the node above that locks it.</summary>
    public IReadOnlyDictionary<string, string> Inherited { get; }

    /// <summary>Setting → the node that locks it for everything below this one.</summary>
    public IReadOnlyDictionary<string, string> LocksBelow { get; }

    /// <summary>From when on the node, or one above it, takes no mail; null when nothing is planned.</summary>
    public DateTimeOffset? SuspendedSince { get; }

    /// <summary>What the node adds to the rules; null when it adds nothing.</summary>
    internal PolicyLayer? Layer { get; }

    public bool IsSuspended(DateTimeOffset now) => SuspendedSince <= now;

    /// <summary>The directory of that name here, or at the nearest node above that has one; null when there is none.</summary>
    public DirectoryKey? FindDirectory(string name) =>
        Tenant.Directories.Any(d => d.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) ? new DirectoryKey(Tenant.Name, name) : Parent?.FindDirectory(name);

    /// <summary>From the root to this node.</summary>
    public IEnumerable<TenantRoute> Path() => (Parent?.Path() ?? []).Append(this);

    /// <summary>The template of that name in force at the node: the one nearest to it, or one that a node above has locked. Null when only a built-in one may have that name.</summary>
    internal PlacedNotice? FindNotice(string name)
    {
        PlacedNotice? found = null;
        for (var at = this; at is not null; at = at.Parent)
        {
            if (at.Tenant.NoticeTemplates.FirstOrDefault(t => t.Name == name) is { } own && (found is null || own.Locked))
            {
                found = new PlacedNotice(own, at.Tenant.Name);
            }
        }

        return found;
    }

    /// <summary>Every template in force at the node, built-in ones too, by name.</summary>
    internal IEnumerable<PlacedNotice> Notices() =>
        Path().SelectMany(n => n.Tenant.NoticeTemplates).Concat(BuiltInNotices.All).Select(t => t.Name).Distinct().Order(StringComparer.Ordinal)
            .Select(name => FindNotice(name) ?? new PlacedNotice(BuiltInNotices.Find(name)!, BuiltInNotices.Node));

    /// <summary>What is wrong with the node's rules and lists; empty when they can be compiled.</summary>
    internal IReadOnlyList<string> CheckRules() => Layer is null ? [] : RuleSet.Check(Layer, RulesAbove(Settings.Profile ?? ProfileExpansion.Default));

    /// <summary>What a change of the node's rules and groups adds beyond what one node may have.</summary>
    /// <param name="before">As it is without the change; null when the node is new.</param>
    internal IReadOnlyList<string> CheckGrowth(TenantRoute? before) => Layer is null ? [] : RuleSet.CheckGrowth(Layer, before?.Layer);

    /// <summary>What a rule written at the node may name, and what stands above it.</summary>
    internal (PolicyLayer Layer, RuleSet Above) LayerForTrial() =>
        (Layer ?? new PolicyLayer { Node = Tenant.Name, TimeZone = TimeZoneOf(Service) }, RulesAbove(Settings.Profile ?? ProfileExpansion.Default));

    /// <summary>The policy of somewhere below the node that sets something itself.</summary>
    internal TenantPolicy PolicyOf(PolicySettings settings)
    {
        var usual = TenantPolicy.Default;
        return usual with
        {
            TagScore = settings.TagScore ?? usual.TagScore,
            QuarantineScore = settings.QuarantineScore ?? usual.QuarantineScore,
            RejectScore = settings.RejectScore ?? usual.RejectScore,
            Actions = settings.Actions ?? usual.Actions,
            Scores = settings.Scores ?? usual.Scores,
            OutbreakHold = settings.OutbreakHold ?? usual.OutbreakHold,
            ArchivePasswords = settings.ArchivePasswords ?? usual.ArchivePasswords,
            Rules = Rules(settings.Profile ?? ProfileExpansion.Default),
        };
    }

    internal static PolicySettings JoinPolicy(PolicySettings inherited, PolicySettings own, IReadOnlyDictionary<string, string> locks)
    {
        bool IsLocked(Setting setting) => locks.ContainsKey(setting.Name);
        // A locked profile brings nothing, and a locked setting is not changed by way of a profile.
        var profile = own.Profile is { } named && !locks.ContainsKey("policy.profile")
            ? Setting.Join(Setting.OfPolicy, inherited, ProfileExpansion.Settings(named), IsLocked)
            : inherited;
        return Setting.Join(Setting.OfPolicy, profile, own, IsLocked);
    }

    private RuleSet Rules(PolicyProfile profile) =>
        // Two threads may both compile; either result will do.
        _rules[(int)profile] ??= Layer is null ? RulesAbove(profile) : RuleSet.Compile(Layer, RulesAbove(profile));

    private RuleSet RulesAbove(PolicyProfile profile) => Parent?.Rules(profile) ?? ProfileRules[(int)profile].Value;

    private static PolicyLayer? LayerOf(Tenant tenant, ServiceSettings service) =>
        tenant.Rules.Count + tenant.Objects.Count + tenant.WordLists.Count + tenant.Groups.Count + tenant.Holidays.Count + tenant.Directories.Count == 0 && tenant.Service.TimeZone is null
            ? null
            : new PolicyLayer
            {
                Node = tenant.Name,
                Rules = tenant.Rules,
                Objects = tenant.Objects,
                WordLists = tenant.WordLists,
                Groups = tenant.Groups,
                Holidays = tenant.Holidays,
                Directories = [.. tenant.Directories.Select(d => d.Name)],
                TimeZone = TimeZoneOf(service),
            };

    private static TimeZoneInfo TimeZoneOf(ServiceSettings service) => service.TimeZone is { } zone ? TimeZoneInfo.FindSystemTimeZoneById(zone) : TimeZoneInfo.Utc;

    private static IReadOnlyDictionary<string, string> LocksOf(Tenant tenant, IReadOnlyDictionary<string, string> above)
    {
        if (tenant.Locks.Count == 0)
        {
            return above;
        }

        var locks = new Dictionary<string, string>(above);
        foreach (var setting in tenant.Locks.SelectMany(Setting.CoveredBy))
        {
            locks.TryAdd(setting.Name, tenant.Name);
        }

        return locks;
    }

    private static DateTimeOffset? OwnSuspension(Tenant tenant) =>
        tenant.State == TenantState.Suspended ? DateTimeOffset.MinValue
        : tenant.Trial is { AtEnd: TrialEnd.Suspend } trial ? trial.End
        : null;

    private static DateTimeOffset? Earlier(DateTimeOffset? one, DateTimeOffset? other) => one is null || other < one ? other : one;
}

/// <summary>A template and the node that it is written at.</summary>
internal sealed record PlacedNotice(NoticeTemplate Template, string Node);
