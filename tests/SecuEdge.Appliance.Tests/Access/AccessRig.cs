using System.Collections.Frozen;
using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Access.Oidc;
using SecuEdge.Appliance.Access.Passkeys;
using SecuEdge.Appliance.Operations;
using SecuEdge.Appliance.Settings;
using SecuEdge.Appliance.Telemetry;
using SecuEdge.Store;
using SecuEdge.Store.Accounts;
using SecuEdge.Store.Audit;
using SecuEdge.TestKit;

namespace SecuEdge.Appliance.Tests.Access;

/// <summary>Who may, without HTTP: a reseller with two customers beside a customer of the provider's own, and a clock that stands still.</summary>
internal sealed class AccessRig : IAsyncDisposable
{
    public const string Password = "a meadow full of cows";

    private readonly TempFolder _folder = new(inMemory: true);

    public AccessRig(string publicAddress = "https://mail.test.example")
    {
        Store = AccountStore.Open(new StoreOptions { DataFolder = _folder.Path }, Time, NullLogger.Instance);
        SetTenants(
            new Tenant { Name = "north", Kind = TenantKind.Reseller },
            new Tenant { Name = "acme", Parent = "north", Domains = [new Domain { Name = "acme.example" }] },
            new Tenant { Name = "bolt", Parent = "north", Domains = [new Domain { Name = "bolt.example" }] },
            new Tenant { Name = "shop", Domains = [new Domain { Name = "shop.example" }] });
        Grants = new GrantBook(Store, Sites, Time);
        Book = new TokenBook(Store, Grants, Time);
        Auditor = new Auditor(Audit, Time);
        Sessions = new SessionBook(Store, Grants, new AccessOptions(), Auditor, Time);
        Limiter = new LoginLimiter(Time);
        Notes = new LoginNotes(Auditor, new AccessMetrics(Gateway, Sessions), Time);
        Users = new UserOperations(Store, Grants, Sessions, Hasher, Sites, Auditor, Time);
        Tokens = new TokenOperations(Store, Grants, Sites, Auditor, Time);
        Delegations = new DelegationOperations(Store, Grants, Sites, Auditor, Time);
        var party = new RelyingParty(new AccessOptions { PublicAddress = publicAddress }, new OidcOptions());
        Ceremonies = new PasskeyCeremonies(Store, party, Time, NullLogger<PasskeyCeremonies>.Instance);
        Logins = new LoginOperations(Store, Sessions, Hasher, Ceremonies, Limiter, Notes, Time);
        var proof = new OwnProof(Store, Hasher, Ceremonies, Limiter, Notes, Time);
        Own = new OwnAccountOperations(Store, Sessions, Hasher, proof, Auditor, Time);
        Passkeys = new PasskeyOperations(Store, Sessions, Ceremonies, party, proof, Auditor);
        PasskeyLogins = new PasskeyLoginOperations(Ceremonies, party, Sessions, Limiter, Notes, Time);
        SessionList = new SessionOperations(Store, Sessions, Users, Auditor);
    }

    public static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 11, 23, 8, 0, 0, TimeSpan.Zero));

    public AccountStore Store { get; }

    public SiteHolder Sites { get; } = new();

    public MemoryAuditLog Audit { get; } = new();

    public GatewayMetrics Gateway { get; } = new();

    public PasswordHasher Hasher { get; } = new();

    public GrantBook Grants { get; }

    public TokenBook Book { get; }

    public SessionBook Sessions { get; }

    public Auditor Auditor { get; }

    public LoginLimiter Limiter { get; }

    public LoginNotes Notes { get; }

    public UserOperations Users { get; }

    public TokenOperations Tokens { get; }

    public DelegationOperations Delegations { get; }

    public LoginOperations Logins { get; }

    public OwnAccountOperations Own { get; }

    public PasskeyCeremonies Ceremonies { get; }

    public PasskeyOperations Passkeys { get; }

    public PasskeyLoginOperations PasskeyLogins { get; }

    public SessionOperations SessionList { get; }

    public void SetTenants(params Tenant[] tenants) => Sites.Current = new SiteDirectory(new Site { Tenants = tenants });

    /// <summary>A user who is there, made by the operator.</summary>
    public async Task<Account> AddUserAsync(string name, string node, string? password = null, params AccountRole[] roles)
    {
        var outcome = await Users.CreateAsync(Caller.Local, new UserDraft(name, node, "", "", "", roles, password, ""), Cancelled);
        Assert.Null(outcome.Problem);
        return outcome.Value!;
    }

    public Task<Account> AddUserAsync(string name, string node, Role role, string? password = null) =>
        AddUserAsync(name, node, password, new AccountRole(Roles.Word(role), node));

    /// <summary>As authentication would make him now.</summary>
    public Caller CallerOf(Account account) => new(account.Name) { AccountId = account.Id, Grants = Grants.GrantsOf(Store.FindAccount(account.Id)!), Address = "192.0.2.1" };

    public static Caller CallerWith(string node, params Permission[] permissions) =>
        new("somebody") { Grants = [new Grant(node, permissions.ToFrozenSet())], Address = "192.0.2.1" };

    public async Task<(ApiToken Token, string Secret)> AddTokenAsync(Caller caller, string node, Permission[] permissions, DateTimeOffset? expiresAt = null, params string[] networks)
    {
        var outcome = await Tokens.CreateAsync(caller, new TokenDraft("ci", node, permissions, "", expiresAt, networks), Cancelled);
        Assert.Null(outcome.Problem);
        return outcome.Value;
    }

    public Task<LoginAnswer> LoginAsync(string user, string password = Password, string code = "", string address = "192.0.2.1", string? earlier = null, PasskeyInput? passkey = null) =>
        Logins.LoginAsync(new LoginInput(user, password, code, earlier, IPAddress.Parse(address), "test", passkey), Cancelled);

    /// <summary>Newest last.</summary>
    public async Task<IReadOnlyList<AuditEntry>> AuditAsync(string action) =>
        [.. (await Audit.SearchAsync(new AuditQuery { Limit = 200 }, Cancelled)).Items.Where(e => e.Action == action).Reverse()];

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        Ceremonies.Dispose();
        Hasher.Dispose();
        _folder.Dispose();
    }
}
