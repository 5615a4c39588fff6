using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SecuEdge.Appliance.Operations;
using SecuEdge.Appliance.Settings;
using SecuEdge.Appliance.Tests.Operations;
using SecuEdge.Smtp;
using SecuEdge.Store;
using SecuEdge.Store.Settings;
using SecuEdge.TestKit;

namespace SecuEdge.Appliance.Tests.Settings;

/// <summary>A domain is one domain, however it is written.</summary>
public sealed class DomainNameTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("acme.example", "acme.example")]
    [InlineData("ACME.Example.", "acme.example")]
    [InlineData("müller.example", "xn--mller-kva.example")]
    [InlineData("MÜLLER.example.", "xn--mller-kva.example")]
    [InlineData("XN--MLLER-KVA.example", "xn--mller-kva.example")]
    [InlineData("mu\u0308ller.example", "xn--mller-kva.example")]
    [InlineData("acme\u3002example", "acme.example")]
    [InlineData("[192.0.2.1]", "[192.0.2.1]")]
    [InlineData("", "")]
    [InlineData(".", "")]
    public void A_domain_has_one_form(string written, string expected)
    {
        Assert.Equal(expected, DomainName.Canonical(written));
        Assert.Equal(expected, DomainName.Canonical(expected));
    }

    [Theory]
    [InlineData("acme.example..")]
    [InlineData("acme..example")]
    [InlineData("mül ler.example")]
    [InlineData("")]
    public void What_is_no_domain_is_refused(string name)
    {
        var (_, errors) = SiteJson.Read($$"""{"tenants":[{"name":"a","domains":[{"name":"{{name}}","nextHops":["h:25"]}]}]}""");
        Assert.Contains("is not a domain name", Assert.Single(errors), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("müller.example", "XN--mller-kva.EXAMPLE")]
    [InlineData("acme.example", "acme.example.")]
    public void Two_tenants_cannot_own_two_spellings(string one, string other)
    {
        var (_, errors) = SiteJson.Read($$"""
            {"tenants":[{"name":"a","domains":[{"name":"{{one}}","nextHops":["h:25"]}]},{"name":"b","domains":[{"name":"{{other}}","nextHops":["h:25"]}]}]}
            """);
        Assert.Contains("already belongs to tenant 'a'", Assert.Single(errors), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("eva@xn--mller-kva.example")]
    [InlineData("eva@müller.example")]
    [InlineData("boss@MÜLLER.example")]
    public void Mail_in_every_spelling_comes_to_the_same_domain(string recipient)
    {
        var site = new SiteDirectory(SiteJson.Read("""
            {"tenants":[{"name":"shop","domains":[{"name":"müller.example","nextHops":["h:25"],"recipients":["eva@MÜLLER.example","boss@xn--mller-kva.example"]}]}]}
            """).Site!);
        Assert.True(MailPath.TryParse(recipient, out var path));
        Assert.True(site.FindDomain(path.Domain)!.HasMailbox(path.LocalPart));
    }

    [Fact]
    public async Task Operations_find_a_domain_by_every_spelling()
    {
        await using var rig = await TreeRig.StartAsync();
        var made = await rig.Domains.CreateAsync(Caller.Local, "shop", new Domain { Name = "Müller.example.", NextHops = ["h:25"], Recipients = [] }, Cancellation);
        Assert.Equal("xn--mller-kva.example", made.Value!.Name);
        Assert.Equal(OperationFailure.Conflict, (await rig.Domains.CreateAsync(Caller.Local, "shop", new Domain { Name = "xn--mller-kva.example", NextHops = ["h:25"] }, Cancellation)).Problem!.Failure);
        Assert.Equal("shop", rig.Domains.Get(Caller.Local, "müller.example").Value!.Tenant);
        var added = await rig.Recipients.ChangeAsync(Caller.Local, "müller.example", ["eva@müller.example", "EVA@xn--mller-kva.example"], [], replace: false, null, Cancellation);
        Assert.Equal([RecipientOutcome.Added, RecipientOutcome.Added], added.Value!.Results.Select(r => r.Result));
        Assert.Equal(["eva@xn--mller-kva.example"], rig.Recipients.List(Caller.Local, "müller.example", 200, null).Value!.Items);
        Assert.Null(await rig.Domains.DeleteAsync(Caller.Local, "MÜLLER.example", null, Cancellation));
        Assert.Null(rig.Sites.Current.FindDomain("xn--mller-kva.example"));
    }

    [Fact]
    public async Task Spellings_stored_by_two_tenants_do_not_stop_the_start_and_the_later_one_waits_for_its_proof()
    {
        using var folder = new TempFolder(inMemory: true);
        await using var store = await SettingsStore.OpenAsync(new StoreOptions { DataFolder = folder.Path }, new FakeTimeProvider(), NullLogger.Instance, Cancellation);
        await StoreAsync(store, "zoo", """{"name":"zoo","domains":[{"name":"müller.example","nextHops":["zoo:25"]}]}""");
        await StoreAsync(store, "acme", """{"name":"acme","domains":[{"name":"xn--mller-kva.example","nextHops":["acme:25"]}]}""");
        for (var start = 0; start < 2; start++)
        {
            var holder = new SiteHolder();
            using var editor = new SiteEditor(store, holder, new Auditor(new MemoryAuditLog(), TimeProvider.System), new RevisionBudget(TimeProvider.System));
            var (unusable, settled) = await editor.LoadAsync(Cancellation);
            Assert.Empty(unusable);
            Assert.Equal("zoo", holder.Current.FindDomain("müller.example")!.Tenant.Tenant.Name);
            Assert.Equal(DomainOwnership.Pending, Assert.Single(holder.Current.FindTenant("acme")!.Tenant.Domains).Ownership);
            Assert.Equal(start == 0 ? ["acme"] : [], settled.Select(s => s.Tenant));
            // What is written later by the other one changes nothing of it.
            await StoreAsync(store, "zoo", """{"name":"zoo","displayName":"Zoo","domains":[{"name":"müller.example","nextHops":["zoo:25"]}]}""");
        }
    }

    [Fact]
    public async Task Spellings_stored_by_one_tenant_become_one_domain_with_the_mailboxes_of_both()
    {
        using var folder = new TempFolder(inMemory: true);
        await using var store = await SettingsStore.OpenAsync(new StoreOptions { DataFolder = folder.Path }, new FakeTimeProvider(), NullLogger.Instance, Cancellation);
        await StoreAsync(store, "acme", """
            {"name":"acme","domains":[{"name":"acme.example.","nextHops":["h:25"],"recipients":["a","b@acme.example."]},{"name":"acme.example","nextHops":["h:25"],"recipients":["B","c"]}]}
            """);
        var holder = new SiteHolder();
        using var editor = new SiteEditor(store, holder, new Auditor(new MemoryAuditLog(), TimeProvider.System), new RevisionBudget(TimeProvider.System));
        var (unusable, settled) = await editor.LoadAsync(Cancellation);
        Assert.Empty(unusable);
        Assert.Single(settled);
        var domain = Assert.Single(holder.Current.FindTenant("acme")!.Domains);
        Assert.All(["a", "b", "c"], name => Assert.True(domain.HasMailbox(name)));
    }

    private static Task<RevisionHeader?> StoreAsync(SettingsStore store, string tenant, string json) =>
        store.SaveAsync([new DocumentWrite($"tenant/{tenant}", json)], "test", "", Cancellation);
}
