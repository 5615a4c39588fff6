using System.Text.Json;
using System.Text.Json.Nodes;
using SecuEdge.Appliance.Operations;
using SecuEdge.Appliance.Settings;
using SecuEdge.Appliance.Settings.Recipients;
using SecuEdge.Appliance.Tests.Operations;
using SecuEdge.Store.Settings;

namespace SecuEdge.Appliance.Tests.Settings;

/// <summary>Domains with more mailboxes than anybody lists by hand.</summary>
public sealed class LongListTests
{
    private const string Domain = "acme.example";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(101)]
    [InlineData(1_001)]
    [InlineData(60_000)]
    [InlineData(200_000)]
    public async Task A_customer_of_any_size_survives_a_restart(int count)
    {
        var rig = await TreeRig.StartAsync();
        foreach (var part in Names(count).Chunk(100_000))
        {
            Assert.Null((await rig.Recipients.ChangeAsync(Caller.Local, Domain, part, [], replace: false, null, Cancellation)).Problem);
        }

        var export = rig.SiteOperations.Export();
        rig = await rig.RestartAsync();
        await using var again = rig;
        Assert.Empty(rig.Sites.Current.Unusable);
        Assert.Equal(count + 1, rig.Domains.Get(Caller.Local, Domain).Value!.Recipients);
        var domain = rig.Sites.Current.FindDomain(Domain)!;
        Assert.All(Names(count).Append("info").Append("POSTMASTER"), name => Assert.True(domain.HasMailbox(name.ToUpperInvariant())));
        Assert.False(domain.HasMailbox($"user{count}"));
        Assert.Equal(export, rig.SiteOperations.Export());
        Assert.Empty((await rig.SiteOperations.ImportAsync(Caller.Local, export, "again", plan: false, Cancellation)).Value!.Changes);
    }

    [Fact]
    public void Many_lists_of_middling_length_fit_into_one_tenant()
    {
        Domain[] domains = [.. Enumerable.Range(0, 400).Select(i => new Domain { Name = $"d{i}.acme.example", NextHops = ["h:25"], Recipients = Names(900) })];
        Assert.Empty(SiteValidation.Check(new Site { Tenants = [new Tenant { Name = "acme", Domains = domains }] }));
    }

    [Fact]
    public async Task One_mailbox_more_writes_a_piece_and_not_the_list()
    {
        await using var rig = await TreeRig.StartAsync();
        await AddAsync(rig, Names(20_000));
        var before = rig.JournalBytes;
        await AddAsync(rig, ["one.more"]);
        Assert.InRange(rig.JournalBytes - before, 1, 20_000);
    }

    [Fact]
    public async Task A_revision_shows_what_changed_of_the_list_and_can_be_taken_back()
    {
        await using var rig = await TreeRig.StartAsync();
        await AddAsync(rig, Names(5_000));
        var known = rig.SiteOperations.Revision;
        var tenantBefore = rig.Sites.Current.FindTenant("acme")!.Revision;
        await rig.Recipients.ChangeAsync(Caller.Local, Domain, ["new.one"], ["user7"], replace: false, null, Cancellation);
        Assert.Equal(known + 1, rig.SiteOperations.Revision);
        Assert.NotEqual(tenantBefore, rig.Sites.Current.FindTenant("acme")!.Revision);

        var detail = (await rig.Revisions.GetAsync(Caller.Local, known + 1, Cancellation)).Value!;
        Assert.Equal(["tenant/acme"], detail.Revision.Documents);
        Assert.Equal(
            [Line('+', "new.one"), Line('-', "user7")],
            detail.Changes.Order(StringComparer.Ordinal));

        var plan = (await rig.Revisions.RollBackAsync(Caller.Local, known, "acme", plan: true, Cancellation)).Value!;
        Assert.Equal(2, plan.Changes.Count);
        Assert.True((await rig.Revisions.RollBackAsync(Caller.Local, known, "acme", plan: false, Cancellation)).Value!.Applied);
        Assert.True(rig.Sites.Current.FindDomain(Domain)!.HasMailbox("user7"));
        Assert.False(rig.Sites.Current.FindDomain(Domain)!.HasMailbox("new.one"));
    }

    [Fact]
    public async Task A_list_that_becomes_short_or_goes_with_its_tenant_leaves_nothing_behind()
    {
        var rig = await TreeRig.StartAsync();
        await AddAsync(rig, Names(3_000));
        Assert.NotEmpty(Pieces(rig));
        await rig.Recipients.ChangeAsync(Caller.Local, Domain, ["a", "b"], [], replace: true, null, Cancellation);
        Assert.Empty(Pieces(rig));
        Assert.Equal(["a@acme.example", "b@acme.example"], rig.Recipients.List(Caller.Local, Domain, 10, null).Value!.Items);

        await AddAsync(rig, Names(3_000));
        var site = JsonNode.Parse(rig.SiteOperations.Export())!;
        site["tenants"]!.AsArray().RemoveAll(t => t!["name"]!.ToString() == "acme");
        Assert.True((await rig.SiteOperations.ImportAsync(Caller.Local, site.ToJsonString(), "", plan: false, Cancellation)).Value!.Applied);
        Assert.Empty(Pieces(rig));
        rig = await rig.RestartAsync();
        await using var again = rig;
        Assert.Empty(rig.Sites.Current.Unusable);
    }

    [Fact]
    public async Task A_folder_of_an_older_version_is_read_and_its_list_goes_into_pieces_at_the_next_change()
    {
        var rig = await TreeRig.StartAsync();
        var tenant = rig.Sites.Current.FindTenant("acme")!.Tenant;
        var listed = tenant with { Domains = [tenant.Domains[0] with { Recipients = [.. Names(80_000)] }] };
        await rig.Store.SaveAsync([new DocumentWrite("tenant/acme", JsonSerializer.Serialize(listed, SiteJson.Options))], "older", "", Cancellation);
        rig = await rig.RestartAsync();
        Assert.True(rig.Sites.Current.FindDomain(Domain)!.HasMailbox("user79999"));
        Assert.Empty(Pieces(rig));
        await AddAsync(rig, ["one.more"]);
        Assert.NotEmpty(Pieces(rig));
        var changes = (await rig.Revisions.GetAsync(Caller.Local, rig.SiteOperations.Revision, Cancellation)).Value!.Changes;
        Assert.Equal([Line('+', "one.more")], changes);
        rig = await rig.RestartAsync();
        await using var again = rig;
        Assert.Equal(80_001, rig.Domains.Get(Caller.Local, Domain).Value!.Recipients);
    }

    [Fact]
    public async Task Pages_of_a_long_list_are_complete_and_in_order()
    {
        await using var rig = await TreeRig.StartAsync();
        await AddAsync(rig, [.. Names(1_500), "*", "a-b", "a"]);
        List<string> seen = [];
        for (string? cursor = null; ;)
        {
            var page = rig.Recipients.List(Caller.Local, Domain, 200, cursor).Value!;
            seen.AddRange(page.Items);
            if ((cursor = page.Next) is null)
            {
                break;
            }
        }

        Assert.Equal(1_504, seen.Distinct().Count());
        Assert.Equal(1_504, seen.Count);
        Assert.Equal("*", seen[0]);
    }

    [Fact]
    public async Task Each_address_is_answered_by_itself()
    {
        await using var rig = await TreeRig.StartAsync();
        await AddAsync(rig, Names(2_000));
        var results = (await rig.Recipients.ChangeAsync(
            Caller.Local, Domain, ["new", "USER1@acme.example", "x@other.example"], ["user2", "nobody", "new"], replace: false, null, Cancellation)).Value!.Results;
        Assert.Equal(
            [RecipientOutcome.Added, RecipientOutcome.Existed, RecipientOutcome.Invalid, RecipientOutcome.Removed, RecipientOutcome.Absent, RecipientOutcome.Removed],
            results.Select(r => r.Result));
        Assert.Equal(2_000, rig.Domains.Get(Caller.Local, Domain).Value!.Recipients);
    }

    [Fact]
    public async Task Too_many_and_wrong_addresses_are_named_at_their_place()
    {
        await using var rig = await TreeRig.StartAsync();
        var wrong = await rig.Recipients.ChangeAsync(Caller.Local, Domain, [.. Names(1_200), "a b"], [], replace: true, null, Cancellation);
        Assert.Equal("recipients[1200]", wrong.Problem!.Errors[0].Field);
        var many = await rig.Recipients.ChangeAsync(Caller.Local, Domain, Names(TenantValidation.MaxRecipients + 1), [], replace: true, null, Cancellation);
        Assert.Equal("domains[0].recipients", many.Problem!.Errors[0].Field);
    }

    [Fact]
    public void Whatever_comes_and_goes_a_book_is_the_set_of_it()
    {
        var random = new Random(7);
        var expected = Names(1_100).ToHashSet();
        var book = RecipientBook.Of(expected, null);
        for (var i = 0; i < 200; i++)
        {
            HashSet<string> added = [.. Enumerable.Range(0, random.Next(60)).Select(_ => $"user{random.Next(4_000)}")];
            HashSet<string> removed = [.. Enumerable.Range(0, random.Next(30)).Select(_ => $"user{random.Next(4_000)}").Except(added)];
            book = book.With(added, removed);
            expected.UnionWith(added);
            expected.ExceptWith(removed);
        }

        Assert.Equal(expected.Order(StringComparer.Ordinal), book);
        Assert.Equal(expected.Count, book.Count);
        Assert.All(Enumerable.Range(0, 4_000), i => Assert.Equal(expected.Contains($"user{i}"), book.Contains($"user{i}")));
        Assert.Equal(RecipientBook.Of(expected, book).Digest, book.Digest);
    }

    private static string[] Names(int count) => [.. Enumerable.Range(0, count).Select(i => $"user{i}")];

    private static string Line(char sign, string name) => $"{sign} tenants[acme].domains[acme.example].recipients[\"{name}\"]: \"{name}\"";

    private static List<string> Pieces(TreeRig rig) => [.. rig.Store.Documents.Keys.Where(RecipientDocuments.IsPiece)];

    private static async Task AddAsync(TreeRig rig, IReadOnlyList<string> names) =>
        Assert.Null((await rig.Recipients.ChangeAsync(Caller.Local, Domain, names, [], replace: false, null, Cancellation)).Problem);
}
