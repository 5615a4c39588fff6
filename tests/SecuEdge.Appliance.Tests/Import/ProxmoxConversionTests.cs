using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using SecuEdge.Appliance.Import;
using SecuEdge.Appliance.Settings;
using SecuEdge.Filter;
using SecuEdge.Filter.Policy.Rules;

namespace SecuEdge.Appliance.Tests.Import;

public sealed class ProxmoxConversionTests
{
    // Tables, columns and object types as PMG's own backup writes them; the content is ours. Values of bytea columns are \\x and hex.
    private const string RuleDatabase = """
        SET client_encoding = 'SQL_ASCII';
        BEGIN TRANSACTION;

        COPY objectgroup (id, name, info, class) FROM stdin;
        1	Blocked senders	Global list	who
        2	Our people	\\N	who
        3	Office hours		when
        4	Dangerous files		what
        5	Spam level 5		what
        6	Directory		who
        7	Block		action
        8	Quarantine		action
        9	Mark subject		action
        10	Disclaimer		action
        11	Tell		action
        12	Mystery		action
        13	Archive		action
        \.

        COPY object (id, objecttype, objectgroup_id, value) FROM stdin;
        1	1001	1	\\x73706d406261642e6578616d706c65
        2	1002	1	\\x6261642e6578616d706c65
        3	1000	1	\\x2e2a40282e2a5c2e293f6576696c5c2e6578616d706c65
        4	1002	2	\\x61636d652e6578616d706c65
        5	2000	3	\\x30383a30302d31363a3030
        6	3003	4	\\x636f6e74656e742d747970653a6170706c69636174696f6e2f782d6d732d646f732d65786563757461626c65
        7	3004	4	\\x2e2a5c2e287662737c70696629
        8	3000	5	\\x35
        9	1005	6	\\x70726f66696c653a636e3d7374616666
        10	4001	7	\\x
        11	4006	8	\\x
        12	4003	9	\\x7375626a6563743a5350414d3a205f5f5355424a4543545f5f
        13	4009	10	\\x436f6e666964656e7469656c2e3c62723e4d65726369
        14	4002	11	\\x5f5f41444d494e5f5f
        15	4242	12	\\x3f
        16	4005	13	\\x313a617263686976654061636d652e6578616d706c65
        \.

        COPY attribut (object_id, name, value) FROM stdin;
        14	subject	\\x4e6f74652d
        \.

        COPY objectgroup_attributes (objectgroup_id, name, value) FROM stdin;
        \.

        COPY rule (id, name, priority, active, direction, count) FROM stdin;
        1	Block listed	98	1	0	0
        2	Dangerous files out of hours	93	1	0	0
        3	Mark spam	80	1	0	0
        4	Disclaimer	60	0	1	0
        5	From directory	50	1	2	0
        6	Only a mystery	40	1	2	0
        7	Copy everything	30	1	0	0
        \.

        COPY rule_attributes (rule_id, name, value) FROM stdin;
        2	when-invert	\\x31
        \.

        COPY rulegroup (objectgroup_id, rule_id, grouptype) FROM stdin;
        1	1	0
        7	1	4
        3	2	2
        4	2	3
        8	2	4
        11	2	4
        5	3	3
        9	3	4
        2	4	0
        10	4	4
        6	5	0
        7	5	4
        12	6	4
        13	7	4
        \.

        COPY userprefs (pmail, name, data, mtime) FROM stdin;
        eva@acme.example	WL	friend@partner.example,*@good.example	1
        eva@acme.example	BL	annoying.example	1
        \.

        COMMIT TRANSACTION;
        """;

    [Fact]
    public void Rules_come_with_their_order_direction_and_state()
    {
        var (site, _) = Convert();
        var rules = site.Tenants[0].Rules;
        Assert.Equal(
            [("block-listed", 98, true), ("dangerous-files-out-of-hours", 93, true), ("mark-spam", 80, true), ("disclaimer", 60, false), ("from-directory", 50, false)],
            rules.Take(5).Select(r => (r.Name, r.Priority, r.Enabled)));
        Assert.Equal(RuleDirection.Outbound, rules[3].Direction);
    }

    [Fact]
    public void Who_objects_become_senders_and_a_regular_expression_that_no_pattern_can_say_is_listed()
    {
        var (site, notes) = Convert();
        Assert.False(site.Tenants[0].Rules.Single(r => r.Name == "from-directory").Enabled);
        Assert.Contains(notes, n => n.Where.Contains("profile:cn=staff", StringComparison.Ordinal) && n.Outcome == ConversionOutcome.NotTaken);
        var senders = site.Tenants[0].Rules[0].When is AnyCondition any ? any.Of.OfType<SenderCondition>() : [(SenderCondition)site.Tenants[0].Rules[0].When!];
        Assert.Equal(["spm@bad.example", "@bad.example", "*@*.evil.example", "*@evil.example"], senders.SelectMany(s => s.Addresses));
    }

    [Theory]
    [InlineData("x@bad.example", "x@fine.example", VerdictAction.Reject)]
    [InlineData("x@sub.evil.example", "x@fine.example", VerdictAction.Reject)]
    [InlineData("x@fine.example", "x@bad.example", VerdictAction.Deliver)]
    [InlineData("x@fine.example", "x@sub.evil.example", VerdictAction.Deliver)]
    public void A_who_object_asks_the_envelope_sender_alone(string sender, string from, VerdictAction expected) =>
        Assert.Equal(expected, ImportedPolicy.Decide(Convert().Site, "acme", sender, "tom@acme.example", from).Action);

    [Fact]
    public void Categories_are_joined_with_and_and_inversion_is_kept()
    {
        var all = Assert.IsType<AllCondition>(Convert().Site.Tenants[0].Rules[1].When);
        var time = Assert.IsType<TimeCondition>(Assert.IsType<NotCondition>(all.Of[0]).Of);
        Assert.Equal((new TimeOnly(8, 0), new TimeOnly(16, 1)), (time.From!.Value, time.To!.Value));
        var files = Assert.IsType<AnyCondition>(all.Of[1]);
        Assert.Equal(["application/x-ms-dos-executable"], Assert.IsType<AttachmentCondition>(files.Of[0]).Types);
        Assert.Equal(["*.vbs", "*.pif"], Assert.IsType<AttachmentCondition>(files.Of[1]).Names);
    }

    [Fact]
    public void Actions_find_their_counterparts_and_unknown_ones_are_listed()
    {
        var (site, notes) = Convert();
        var rules = site.Tenants[0].Rules;
        Assert.IsType<RejectAction>(Assert.Single(rules[0].Then));
        Assert.Equal("SPAM:", Assert.IsType<TagAction>(Assert.Single(rules[2].Then)).Subject);
        Assert.Equal("Confidentiel.\nMerci", Assert.IsType<BannerAction>(Assert.Single(rules[3].Then)).Text);
        Assert.Equal([NotifyWhom.Administrator], rules[1].Then.OfType<NotifyAction>().Single().Whom);
        Assert.Contains(notes, n => n.Outcome == ConversionOutcome.Unknown && n.Text.Contains("4242", StringComparison.Ordinal));
        Assert.Contains(notes, n => n.Where == "rule 'Only a mystery'");
    }

    [Theory]
    [InlineData("1", BannerPlace.Top)]
    [InlineData("0", BannerPlace.Bottom)]
    [InlineData("", BannerPlace.Bottom)]
    public void A_disclaimer_stands_where_it_stood(string top, BannerPlace expected)
    {
        var (action, notes) = ConvertAction(4009, "External <b>mail</b>", ("top", top), ("separator", "1"));
        Assert.Equal(("External mail", expected), (Assert.IsType<BannerAction>(action).Text, ((BannerAction)action).At));
        Assert.Empty(notes);
    }

    [Theory]
    [InlineData(4009, "From __SENDER__ for<br>you, __SUBJECT__", "__SENDER__, __SUBJECT__")]
    [InlineData(4009, "<img src=x>", "no text")]
    [InlineData(4005, "1:__SENDER__", "__SENDER__")]
    [InlineData(4005, "1:__SENDER__,a@acme.example,b@acme.example", "__SENDER__", "b@acme.example")]
    [InlineData(4003, "subject:Spam __SPAMLEVEL__: __SUBJECT__", "__SPAMLEVEL__")]
    public void What_Proxmox_fills_in_is_noted_and_never_sent_as_it_stands(int type, string value, params string[] noted)
    {
        var (action, notes) = ConvertAction(type, value);
        Assert.All(noted, n => Assert.Contains(notes, note => note.Where == "an action of rule 'Only'" && note.Text.Contains(n, StringComparison.Ordinal)));
        Assert.DoesNotContain("__", JsonSerializer.Serialize(action, SiteJson.Options), StringComparison.Ordinal);
        Assert.Equal(noted.Length == 2, action is CopyAction { To: "a@acme.example" });
    }

    [Theory]
    [InlineData(300, 300)]
    [InlineData(2048, 2000)]
    public void The_note_for_a_removed_file_keeps_its_text_or_says_that_it_is_cut(int chars, int expected)
    {
        var (action, notes) = ConvertAction(4007, "0,0:" + new string('x', chars));
        Assert.Equal(expected, Assert.IsType<RemoveAttachmentsAction>(action).Text.Length);
        Assert.Equal(chars > expected, notes.Any(n => n.Text.Contains("cut at 2000", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_notification_that_had_the_message_with_it_says_that_it_has_not()
    {
        var (action, notes) = ConvertAction(4002, "__ADMIN__", ("attach", "O"));
        Assert.IsType<NotifyAction>(action);
        Assert.Contains(notes, n => n.Outcome == ConversionOutcome.NotTaken && n.Text.Contains("attached", StringComparison.Ordinal));
    }

    [Fact]
    public void A_user_s_welcome_list_spares_him_the_spam_check_and_no_other_rule()
    {
        var site = Convert().Site;
        foreach (var sender in (string[])["friend@partner.example", "x@good.example"])
        {
            var wanted = ImportedPolicy.Decide(site, "acme", sender, "eva@acme.example", score: 20);
            Assert.Equal(VerdictAction.Deliver, wanted.Action);
            Assert.Equal("archive@acme.example", Assert.IsType<CopyAction>(Assert.Single(wanted.Effects).Action).To);
            var unwanted = ImportedPolicy.Decide(site, "acme", sender, "tom@acme.example", score: 20);
            Assert.Equal(VerdictAction.Reject, unwanted.Action);
            Assert.Contains(unwanted.Effects, e => e.Action is TagAction);
        }
    }

    [Fact]
    public void A_user_s_block_list_keeps_mail_for_him_alone()
    {
        var site = Convert().Site;
        Assert.Equal(VerdictAction.Quarantine, ImportedPolicy.Decide(site, "acme", "x@annoying.example", "eva@acme.example").Action);
        Assert.Equal(VerdictAction.Deliver, ImportedPolicy.Decide(site, "acme", "x@annoying.example", "tom@acme.example").Action);
    }

    [Fact]
    public void A_whole_backup_brings_domains_transports_and_networks()
    {
        using var backup = Backup(new Dictionary<string, string>
        {
            ["etc/pmg/domains"] = "#ours\nacme.example 1\nbranch.example 1\n",
            ["etc/pmg/transport"] = "branch.example smtp:[192.0.2.7]:2525\nold.example lmtp:inet:mail:24\n",
            ["etc/pmg/mynetworks"] = "192.0.2.0/24 #office\n",
            ["etc/pmg/pmg.conf"] = "section: mail\n\trelay mail.acme.example\n\tsmarthost out.example\n\tbanner hello\n\nsection: admin\n\temail x@acme.example\n",
            ["etc/pmg/ldap.conf"] = "ldap: profile\n\tmode ldaps\n\tserver1 dc1.acme.example\n\tserver2 2001:db8::7\n\tport 3269\n\tbasedn dc=acme,dc=example\n\tbinddn cn=pmg,dc=acme\n\tbindpw c2VjcmV0\n\tfilter objectClass=person\n\tgroupbasedn ou=groups,dc=acme,dc=example\n\nldap: empty\n\tmode ldap\n",
        });
        var (site, notes) = ProxmoxConversion.Read(backup, new ConversionOptions { Tenant = "acme" });
        var tenant = Assert.Single(site.Tenants);
        Assert.Equal([("acme.example", "mail.acme.example:25"), ("branch.example", "192.0.2.7:2525")], tenant.Domains.Select(d => (d.Name, Assert.Single(d.NextHops))));
        Assert.Equal(("192.0.2.0/24", "out.example:25"), (Assert.Single(tenant.Outbound!.Networks), Assert.Single(tenant.Outbound.NextHops)));
        var directory = Assert.Single(tenant.Directories);
        Assert.Equal(("profile", DirectoryTls.Ldaps, "cn=pmg,dc=acme", "dc=acme,dc=example"), (directory.Name, directory.Tls, directory.BindName, directory.Base));
        Assert.Equal(["dc1.acme.example:3269", "[2001:db8::7]:3269"], directory.Addresses);
        Assert.StartsWith("(&(objectClass=person)(|(mail=*)(userPrincipalName=*)", directory.PeopleFilter, StringComparison.Ordinal);
        Assert.Equal("(|(objectClass=group)(objectClass=univentionGroup)(objectClass=ipausergroup))", directory.GroupFilter);
        Assert.Contains(notes, n => n.Where == "ldap profile 'profile'" && n.Text.Contains("without its password", StringComparison.Ordinal));
        Assert.Contains(notes, n => n.Where == "ldap profile 'profile'" && n.Text.Contains("choose one above both", StringComparison.Ordinal));
        Assert.Contains(tenant.Rules, r => JsonSerializer.Serialize(r, SiteJson.Options).Contains("\"profile/staff\"", StringComparison.Ordinal));
        Assert.Contains(notes, n => n.Where == "ldap profile 'empty'" && n.Outcome == ConversionOutcome.NotTaken);
        Assert.DoesNotContain(notes, n => n.Text.Contains("c2VjcmV0", StringComparison.Ordinal));
        Assert.Contains(notes, n => n.Where == "transport old.example");
        Assert.Contains(notes, n => n.Where.Contains("banner", StringComparison.Ordinal));
        Assert.Empty(SiteValidation.Check(site));
    }

    [Theory]
    [InlineData("stores.example lmtp:inet:[192.0.2.7]:24", "relay mail.acme.example", null)]
    [InlineData("stores.example smtp:[192.0.2.7", "relay mail.acme.example", null)]
    [InlineData("stores.example lmtp:inet:[192.0.2.7]:24", "relay mail.acme.example", "192.0.2.8:25")]
    [InlineData("", "relay mail.acme.example\n\trelayprotocol lmtp\n\trelayport 24", null)]
    [InlineData("", "relay mail.acme.example\n\trelayprotocol lmtp\n\trelayport 24", "192.0.2.8:25")]
    public void A_domain_whose_way_cannot_be_gone_is_not_sent_another_way(string transport, string relay, string? nextHop)
    {
        using var backup = Backup(new Dictionary<string, string>
        {
            ["etc/pmg/domains"] = "Stores.example\n",
            ["etc/pmg/transport"] = transport + "\n",
            ["etc/pmg/pmg.conf"] = $"section: mail\n\t{relay}\n",
        });
        var (site, notes) = ProxmoxConversion.Read(backup, new ConversionOptions { Tenant = "acme", NextHop = nextHop });
        Assert.Equal(nextHop is null ? [] : [nextHop], site.Tenants[0].Domains.SelectMany(d => d.NextHops));
        Assert.Equal(nextHop is null, notes.Any(n => n.Where == "domain Stores.example" && n.Text.Contains("--next-hop", StringComparison.Ordinal)));
        Assert.DoesNotContain(notes, n => n.Text.Contains("none of the relay domains", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("\u001f\u008b\u0001\u0002\u0003")]
    [InlineData("# SecuEdge\n\nA mail security appliance.\n")]
    [InlineData("COPY public.domain (id) FROM stdin;\n1\n\\.\n")]
    [InlineData("")]
    public void Something_else_is_refused_with_the_remedy(string file)
    {
        using var wrong = new MemoryStream(Encoding.Latin1.GetBytes(file));
        Assert.Matches("^is no Proxmox backup: .*pmgbackup", Assert.Throws<ConversionException>(() => ProxmoxConversion.Read(wrong, new ConversionOptions())).Message);
    }

    private static Conversion Convert()
    {
        using var file = new MemoryStream(Encoding.UTF8.GetBytes(RuleDatabase));
        return ProxmoxConversion.Read(file, new ConversionOptions { Tenant = "acme" });
    }

    /// <summary>One rule with one action; null when it has none here.</summary>
    private static (RuleAction? Action, IReadOnlyList<ConversionNote> Notes) ConvertAction(int type, string value, params (string Name, string Value)[] attributes)
    {
        static string Bytes(string text) => "\\\\x" + System.Convert.ToHexStringLower(Encoding.UTF8.GetBytes(text));
        var dump = $"""
            COPY objectgroup (id, name, info, class) FROM stdin;
            1	Act		action
            \.
            COPY object (id, objecttype, objectgroup_id, value) FROM stdin;
            1	{type}	1	{Bytes(value)}
            \.
            COPY attribut (object_id, name, value) FROM stdin;
            {string.Concat(attributes.Select(a => $"1\t{a.Name}\t{Bytes(a.Value)}\n"))}\.
            COPY rule (id, name, priority, active, direction, count) FROM stdin;
            1	Only	50	1	0	0
            \.
            COPY rulegroup (objectgroup_id, rule_id, grouptype) FROM stdin;
            1	1	4
            \.
            """;
        using var file = new MemoryStream(Encoding.UTF8.GetBytes(dump));
        var (site, notes) = ProxmoxConversion.Read(file, new ConversionOptions { Tenant = "acme" });
        Assert.Empty(SiteValidation.Check(site));
        return (site.Tenants[0].Rules.SelectMany(r => r.Then).SingleOrDefault(), notes);
    }

    private static MemoryStream Backup(Dictionary<string, string> files)
    {
        using var inner = new MemoryStream();
        Write(inner, files.ToDictionary(f => f.Key, f => Encoding.UTF8.GetBytes(f.Value)));
        var backup = new MemoryStream();
        using (var zip = new GZipStream(backup, CompressionMode.Compress, leaveOpen: true))
        {
            Write(zip, new Dictionary<string, byte[]> { ["./Proxmox_ruledb.sql"] = Encoding.UTF8.GetBytes(RuleDatabase), ["./config_backup.tar"] = inner.ToArray(), ["./version.txt"] = [] });
        }

        backup.Position = 0;
        return backup;
    }

    private static void Write(Stream to, Dictionary<string, byte[]> files)
    {
        using var tar = new TarWriter(to, leaveOpen: true);
        foreach (var (name, bytes) in files)
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(bytes) });
        }
    }
}
