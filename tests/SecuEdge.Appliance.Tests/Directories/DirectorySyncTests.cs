using Microsoft.Extensions.Logging.Abstractions;
using SecuEdge.Appliance.Directories;
using SecuEdge.Appliance.Directories.Ldap;
using SecuEdge.Appliance.Events;
using SecuEdge.Appliance.Settings;
using SecuEdge.TestKit;

namespace SecuEdge.Appliance.Tests.Directories;

/// <summary>Reading over a socket: what is taken over, what is not, and what is said.</summary>
public sealed class DirectorySyncTests : IAsyncDisposable
{
    private static readonly DirectoryKey Key = new("acme", "office");

    private readonly FakeDirectory _server = new();
    private readonly MemoryStateFiles _files = new();
    private readonly EventHub _events = new();
    private readonly DirectoryStates _states = new();
    private readonly DirectoryOptions _options = new() { AllowedNetworks = ["127.0.0.0/8"], PageSize = 10 };
    private readonly DirectoryShelf _shelf;
    private readonly DirectorySync _sync;

    public DirectorySyncTests()
    {
        var secrets = new DirectorySecrets(_files);
        secrets.Put(Key, Office, "secret");
        _shelf = new DirectoryShelf(_files, NullLogger<DirectoryShelf>.Instance);
        _sync = new DirectorySync(
            new DirectoryReader(new LdapConnector(new DirectoryWall(_options), _options, TimeProvider.System), _options, TimeProvider.System),
            secrets, _shelf, _states, _events, _options, TimeProvider.System, NullLogger<DirectorySync>.Instance);
        _server.Entries = Office5;
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private TenantDirectory Office => new() { Name = "office", Kind = DirectoryKind.ActiveDirectory, Addresses = [$"127.0.0.1:{_server.Port}"], Tls = DirectoryTls.None, BindName = "reader", Base = "dc=corp" };

    private static FakeDirectoryEntry[] Office5 =>
    [
        .. Enumerable.Range(0, 5).Select(i => Person($"p{i}")),
        new("CN=Staff,DC=corp", true, ("cn", ["Staff"]), ("member", [.. Enumerable.Range(0, 5).Select(i => $"cn=P{i}, dc=corp")])),
    ];

    private SiteDirectory Corp => new(new Site
    {
        Tenants =
        [
            new Tenant { Name = "acme", Directories = [Office], Domains = [new Domain { Name = "corp.example", NextHops = ["127.0.0.1:25"], Directory = "office" }] },
            new Tenant { Name = "other", Domains = [new Domain { Name = "other.example", NextHops = ["127.0.0.1:25"], Recipients = ["info"] }] },
        ],
    });

    public async ValueTask DisposeAsync()
    {
        _sync.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Pages_and_large_groups_are_read_to_their_end()
    {
        _server.MaxMembers = 2;
        await SyncAsync();
        var snapshot = _shelf.Find(Key)!;
        Assert.Equal((5, 10), (snapshot.EntryCount, snapshot.Addresses.Count));
        Assert.Equal([("Staff", 5)], snapshot.Groups.Select(g => (g.Name, g.Members)));
        Assert.Equal(["acme/office/staff"], _shelf.GroupsOf(Key, "alias.P4@corp.example")!);
    }

    [Fact]
    public async Task A_large_group_that_shrinks_meanwhile_leaves_no_group_cut_short()
    {
        _server.MaxMembers = 2;
        _server.Entries = [new("CN=Board,DC=corp", true, ("cn", ["Board"]), ("member", [.. Enumerable.Range(0, 3).Select(i => $"cn=P{i}, dc=corp")])), .. Office5];
        _server.Shrinking = "CN=Board,DC=corp";
        Assert.Contains("the members of group 'CN=Board,DC=corp' changed while they were read", (await SyncAsync()).Trouble, StringComparison.Ordinal);
        Assert.Null(_shelf.Find(Key));
        _server.Shrinking = "";
        Assert.Equal("", (await SyncAsync()).Trouble);
        Assert.Equal([("Board", 3), ("Staff", 5)], _shelf.Find(Key)!.Groups.Select(g => (g.Name, g.Members)));
    }

    [Fact]
    public async Task A_directory_that_is_down_keeps_what_was_read_and_says_so_once()
    {
        using var heard = _events.Subscribe();
        await SyncAsync();
        var address = Office;
        await _server.DisposeAsync();
        for (var i = 0; i < 2; i++)
        {
            var state = await _sync.SyncAsync(Key, address, acceptLoss: false, Cancelled);
            Assert.Contains("nothing answers on this port", state.Trouble, StringComparison.Ordinal);
        }

        Assert.True(_shelf.Find(Key)!.Knows("p1@corp.example"));
        Assert.True(heard.TryRead(out var failed));
        Assert.Equal(("directory.failed", "acme", "office"), (failed.Event.Name, failed.Event.Tenant, failed.Event.Subject));
        Assert.False(heard.TryRead(out _));
        Assert.Contains(_states.Warnings(), w => w.StartsWith("directory acme/office", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_reading_that_breaks_off_is_none()
    {
        await SyncAsync();
        _server.Entries = [.. Office5, Person("new")];
        _server.HangUpAfter = 4;
        var state = await SyncAsync();
        Assert.Contains("ended the connection", state.Trouble, StringComparison.Ordinal);
        Assert.False(_shelf.Find(Key)!.Knows("new@corp.example"));
        _server.HangUpAfter = int.MaxValue;
        using var heard = _events.Subscribe();
        Assert.Equal(("", 2, 0), ((await SyncAsync()) is var done ? (done.Trouble, done.Added, done.Removed) : default));
        Assert.True(heard.TryRead(out var recovered));
        Assert.Equal("directory.recovered", recovered.Event.Name);
    }

    [Fact]
    public async Task Half_a_company_does_not_go_without_a_person_s_word()
    {
        await SyncAsync();
        _server.Entries = [Person("p0"), Office5[^1]];
        var state = await SyncAsync();
        Assert.True(state.AwaitsConsent);
        Assert.Contains("8 of 10 addresses and 0 of 1 groups would go", state.Trouble, StringComparison.Ordinal);
        Assert.True(_shelf.Find(Key)!.Knows("p4@corp.example"));
        Assert.Equal("", (await _sync.SyncAsync(Key, Office, acceptLoss: true, Cancelled)).Trouble);
        Assert.False(_shelf.Find(Key)!.Knows("p4@corp.example"));
    }

    [Fact]
    public async Task A_first_reading_that_finds_nobody_refuses_no_mail_before_a_person_s_word()
    {
        _server.Entries = [Office5[^1]];
        var recipients = new DirectoryRecipients(_shelf);
        var corp = Corp.FindDomain("corp.example")!;
        var state = await SyncAsync();
        Assert.True(state.AwaitsConsent);
        Assert.Contains("check peopleFilter, base and what the account may see", state.Trouble, StringComparison.Ordinal);
        Assert.Equal(MailboxExistence.Unknown, recipients.Find(corp, "p1"));
        Assert.Equal("", (await _sync.SyncAsync(Key, Office, acceptLoss: true, Cancelled)).Trouble);
        Assert.Equal(MailboxExistence.Missing, recipients.Find(corp, "p1"));
        // Who agreed is not asked again each half hour.
        Assert.Equal("", (await SyncAsync()).Trouble);
    }

    [Theory]
    [InlineData(4, "only a part of the entries (size limit)")]
    [InlineData(10, "references are not followed")]
    [InlineData(32, "there is no such object in the directory")]
    [InlineData(50, "the account may not do this")]
    public async Task A_search_that_the_server_does_not_finish_is_none(int code, string expected)
    {
        _server.SearchCode = code;
        Assert.Contains(expected, (await SyncAsync()).Trouble, StringComparison.Ordinal);
        Assert.Null(_shelf.Find(Key));
    }

    [Fact]
    public async Task A_wrong_password_is_tried_at_one_server_only()
    {
        _server.Password = "other";
        _server.Diagnostic = "80090308: AcceptSecurityContext error, data 52e, v4563";
        var office = Office;
        var twice = office with { Addresses = [office.Addresses[0], office.Addresses[0]] };
        Assert.Contains("was given for other addresses", (await _sync.SyncAsync(Key, twice, acceptLoss: false, Cancelled)).Trouble, StringComparison.Ordinal);
        Assert.Equal(0, _server.Binds);
        Assert.Contains("the password is wrong", (await SyncAsync()).Trouble, StringComparison.Ordinal);
        Assert.Equal(1, _server.Binds);
    }

    [Fact]
    public async Task A_server_that_stays_silent_is_left_in_time()
    {
        _server.IsSilent = true;
        _options.AnswerTimeLimit = TimeSpan.FromSeconds(1);
        Assert.Contains("did not answer within 1 seconds", (await SyncAsync()).Trouble, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_domain_is_known_however_it_is_written()
    {
        _server.Entries = [new("CN=eva,DC=corp", false, ("mail", ["Eva@MÜLLER.example"]), ("objectClass", ["user"]))];
        await SyncAsync();
        Assert.Equal(["eva@xn--mller-kva.example"], _shelf.Find(Key)!.Addresses);
    }

    [Fact]
    public async Task What_belongs_to_a_directory_goes_with_it_but_stays_while_settings_cannot_be_used()
    {
        var gone = new DirectoryKey("gone", "office");
        await SyncAsync();
        var secrets = new DirectorySecrets(_files);
        secrets.Put(gone, Office, "secret");
        _shelf.Put(gone, _shelf.Find(Key)!);
        var sites = new SiteHolder { Current = new SiteDirectory(Site.Empty) { Unusable = [new UnusableTenant("acme", "a slip", null)] } };
        using var updates = new DirectoryUpdates(_sync, _shelf, secrets, _states, sites, _options, TimeProvider.System, NullLogger<DirectoryUpdates>.Instance);
        await updates.StartAsync(Cancelled);
        await RunningGateway.EventuallyAsync(() => Task.FromResult(secrets.Find(gone, Office) is null));
        await updates.StopAsync(Cancelled);
        Assert.Equal([Key], _shelf.Keys);
        Assert.Equal("secret", secrets.Find(Key, Office));
    }

    [Fact]
    public async Task A_start_finds_what_was_read_before()
    {
        await SyncAsync();
        var site = new SiteDirectory(new Site { Tenants = [new Tenant { Name = "acme", Directories = [Office] }] });
        var next = new DirectoryShelf(_files, NullLogger<DirectoryShelf>.Instance);
        next.Load(site);
        Assert.True(next.Find(Key)!.Knows("p3@corp.example"));
    }

    [Fact]
    public async Task Domains_take_recipients_from_the_directory_they_name()
    {
        var site = Corp;
        var recipients = new DirectoryRecipients(_shelf);
        var (corp, other) = (site.FindDomain("corp.example")!, site.FindDomain("other.example")!);
        Assert.Equal(MailboxExistence.Unknown, recipients.Find(corp, "p1"));
        Assert.Equal(MailboxExistence.Exists, recipients.Find(corp, "postmaster"));
        await SyncAsync();
        Assert.Equal(MailboxExistence.Exists, recipients.Find(corp, "P1"));
        Assert.Equal(MailboxExistence.Exists, recipients.Find(corp, "alias.p1"));
        Assert.Equal(MailboxExistence.Missing, recipients.Find(corp, "nobody"));
        Assert.Equal(MailboxExistence.Missing, recipients.Find(corp, new string('x', 500)));
        Assert.Equal(MailboxExistence.Missing, recipients.Find(other, "p1"));
        Assert.Equal(4, recipients.CountBesides(corp.Domain, corp.Directory, new HashSet<string> { "p1", "extra" }));
    }

    private static FakeDirectoryEntry Person(string name) => new(
        $"CN={name},DC=corp", false, ("mail", [$"{name}@corp.example"]), ("proxyAddresses", [$"SMTP:{name}@corp.example", $"smtp:alias.{name}@corp.example", "X400:c=DE"]), ("objectClass", ["user"]));

    private Task<DirectoryState> SyncAsync() => _sync.SyncAsync(Key, Office, acceptLoss: false, Cancelled);
}
