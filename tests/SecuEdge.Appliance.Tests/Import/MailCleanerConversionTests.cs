using System.Text;
using SecuEdge.Appliance.Import;
using SecuEdge.Appliance.Settings;
using SecuEdge.Content;
using SecuEdge.Filter;
using SecuEdge.Filter.Policy.Profiles;
using SecuEdge.Filter.Policy.Rules;

namespace SecuEdge.Appliance.Tests.Import;

public sealed class MailCleanerConversionTests
{
    // Tables and columns as MailCleaner has them (shortened); the content is ours.
    private const string Database = """
        -- MariaDB dump
        CREATE TABLE `domain` (
          `id` int(11) NOT NULL AUTO_INCREMENT,
          `name` char(200) NOT NULL DEFAULT '',
          `active` char(5) NOT NULL DEFAULT 'true',
          `destination` char(200) NOT NULL DEFAULT '',
          `callout` enum('true','false') NOT NULL DEFAULT 'false',
          `greylist` enum('true','false') NOT NULL DEFAULT 'false',
          `relay_smarthost` tinyint(1) NOT NULL DEFAULT '0',
          `destination_smarthost` char(200) NOT NULL DEFAULT '',
          `prefs` int(11) NOT NULL DEFAULT 1,
          PRIMARY KEY (`id`,`name`)
        ) ENGINE=MyISAM;
        INSERT INTO `domain` VALUES (1,'__global__','true','','false','false',0,'',1),(2,'Acme.example','true','192.0.2.9::2525','true','true',1,'smart.example',2),
        (3,'off.example','false','mail.off.example','false','false',0,'',3),(4,'lost.example','true','','false','false',0,'',3);
        CREATE TABLE `domain_pref` (
          `id` int(11) NOT NULL AUTO_INCREMENT,
          `viruswall` tinyint(1) NOT NULL DEFAULT '1',
          `spamwall` tinyint(1) NOT NULL DEFAULT '1',
          `contentwall` tinyint(1) NOT NULL DEFAULT '1',
          `delivery_type` int(11) NOT NULL DEFAULT '1',
          `spam_tag` varchar(20) NOT NULL DEFAULT '{Spam?}',
          `language` varchar(4) NOT NULL DEFAULT 'en',
          `allow_passprotected_archives` tinyint(1) NOT NULL DEFAULT '0',
          `use_dcc` tinyint(1) NOT NULL DEFAULT '1',
          `copyto_mail` varchar(250) DEFAULT '',
          `dkim_pkey` blob,
          `shiny_new` int(11),
          `enable_whitelists` tinyint(1) NOT NULL DEFAULT '0',
          `enable_warnlists` tinyint(1) NOT NULL DEFAULT '0',
          `enable_blacklists` tinyint(1) NOT NULL DEFAULT '0',
          PRIMARY KEY (`id`)
        );
        INSERT INTO `domain_pref` VALUES (1,1,1,1,1,'{Spam?}','en',0,1,'',NULL,NULL,0,0,0),(2,0,1,1,2,'[l''été]','fr',0,0,'archive@acme.example','-----BEGIN',7,1,1,1),
        (3,1,0,0,3,'','de',1,1,'',NULL,NULL,0,0,0);
        CREATE TABLE `antispam` (
          `set_id` int(11) NOT NULL DEFAULT 1,
          `enable_whitelists` tinyint(1) NOT NULL DEFAULT '0',
          `enable_warnlists` tinyint(1) NOT NULL DEFAULT '0',
          `enable_blacklists` tinyint(1) NOT NULL DEFAULT '0'
        );
        INSERT INTO `antispam` VALUES (1,1,1,1);
        CREATE TABLE `email` (
          `id` int(11) NOT NULL,
          `address` varchar(120) NOT NULL,
          `user` int(11) NOT NULL,
          `is_main` enum('1','0') NOT NULL,
          `pref` int(11) NOT NULL
        );
        INSERT INTO `email` VALUES (1,'eva@acme.example',1,'1',2),(2,'tom@acme.example',1,'1',1);
        CREATE TABLE `user_pref` (
          `id` int(11) NOT NULL,
          `spamwall` tinyint(1) NOT NULL,
          `delivery_type` int(11) NOT NULL
        );
        INSERT INTO `user_pref` VALUES (1,1,2),(2,1,1);
        CREATE TABLE `wwlists` (
          `id` int(11) NOT NULL,
          `sender` varchar(150) NOT NULL,
          `recipient` varchar(150) NOT NULL,
          `type` varchar(15) NOT NULL,
          `expiracy` date NOT NULL,
          `status` int(2) DEFAULT 1,
          `comments` blob
        );
        INSERT INTO `wwlists` VALUES (1,'friend@partner.example','eva@acme.example','white','0000-00-00',1,NULL),(2,'*@bulk.example','@acme.example','black','2020-01-01',1,NULL),
        (3,'*@bad.example','','black','0000-00-00',1,NULL),(4,'x@y.example','@gone.example','warn','0000-00-00',1,NULL),(5,'n@y.example','@acme.example','wnews','0000-00-00',1,NULL),(6,'*@rude.example','@acme.example','black','0000-00-00',1,NULL);
        CREATE TABLE `administrator` (
          `username` varchar(100) NOT NULL
        );
        INSERT INTO `administrator` VALUES ('admin');
        """;

    private static readonly Conversion Converted = Convert(Database);

    [Theory]
    [InlineData("dc=acme__C__1:cn=mc:secret", DirectoryTls.None)]
    [InlineData("dc=acme__C__1:cn=mc:secret:staff:1", DirectoryTls.Ldaps)]
    public void An_LDAP_connector_becomes_the_directory_of_the_domain(string param, DirectoryTls expected)
    {
        const string Dump = """
            CREATE TABLE `domain` (
              `id` int(11) NOT NULL,
              `name` char(200) NOT NULL,
              `active` char(5) NOT NULL,
              `destination` char(200) NOT NULL,
              `adcheck` char(5) NOT NULL,
              `prefs` int(11) NOT NULL
            );
            INSERT INTO `domain` VALUES (1,'acme.example','true','192.0.2.9','true',2),(2,'plain.example','true','192.0.2.9','true',3);
            CREATE TABLE `domain_pref` (
              `id` int(11) NOT NULL,
              `ldapcalloutserver` varchar(200),
              `ldapcalloutparam` varchar(200)
            );
            INSERT INTO `domain_pref` VALUES (2,'dc1.acme.example','PARAM'),(3,'','');
            """;
        using var file = new MemoryStream(Encoding.UTF8.GetBytes(Dump.Replace("PARAM", param, StringComparison.Ordinal)));
        var (site, notes) = MailCleanerConversion.Read(file, new ConversionOptions(), new DateOnly(2026, 11, 23));
        var acme = site.Tenants.Single(t => t.Name == "acme-example");
        var directory = Assert.Single(acme.Directories);
        Assert.Equal(("directory", expected, "cn=mc", "dc=acme:1"), (directory.Name, directory.Tls, directory.BindName, directory.Base));
        Assert.Equal("directory", Assert.Single(acme.Domains).Directory);
        Assert.Empty(site.Tenants.Single(t => t.Name == "plain-example").Directories);
        Assert.Contains(notes, n => n.Where == "domain.adcheck of acme.example" && n.Text.Contains("comes without its password", StringComparison.Ordinal));
        Assert.Contains(notes, n => n.Where == "domain.adcheck of plain.example" && n.Outcome == ConversionOutcome.NotTaken);
        Assert.DoesNotContain(notes, n => n.Text.Contains("secret", StringComparison.Ordinal));
        Assert.Empty(SiteValidation.Check(site));
    }

    [Fact]
    public void Each_domain_is_a_customer_of_one_reseller()
    {
        var tenants = Converted.Site.Tenants;
        Assert.Equal(["mc", "acme-example", "lost-example", "off-example"], tenants.Select(t => t.Name));
        Assert.Equal(TenantKind.Reseller, tenants[0].Kind);
        Assert.All(tenants.Skip(1), t => Assert.Equal("mc", t.Parent));
        Assert.Equal(["192.0.2.9:2525"], tenants[1].Domains.Single().NextHops);
        Assert.Equal(["smart.example:25"], tenants[1].Outbound!.NextHops);
        Assert.Equal(TenantState.Suspended, tenants[3].State);
        Assert.Empty(SiteValidation.Check(Converted.Site));
    }

    [Fact]
    public void Preferences_become_policy_service_and_rules()
    {
        var (acme, off) = (Converted.Site.Tenants[1], Converted.Site.Tenants[3]);
        Assert.Equal("fr", acme.Service.Language);
        Assert.Equal(new PolicySettings(), acme.Policy);
        Assert.Equal((1000d, PolicyProfile.Minimal), (off.Policy.TagScore!.Value, off.Policy.Profile!.Value));
        Assert.Equal("[l'été]", acme.Rules.SelectMany(r => r.Then).OfType<TagAction>().Single().Subject);
        Assert.Equal("archive@acme.example", acme.Rules.SelectMany(r => r.Then).OfType<CopyAction>().Single().To);
        Assert.Contains(acme.Rules, r => r.Then[0] is GreylistAction);
        Assert.Contains(acme.Rules, r => r.When is EncryptedCondition { Kinds: [EncryptionKind.Archive] });
        Assert.DoesNotContain(off.Rules, r => r.When is EncryptedCondition);
    }

    [Fact]
    public void A_user_s_own_preferences_stand_at_his_mailbox()
    {
        var mailbox = Assert.Single(Converted.Site.Tenants[1].Domains[0].Mailboxes);
        Assert.Equal(("eva@acme.example", 1000d), (mailbox.Address, mailbox.Policy.QuarantineScore!.Value));
    }

    [Fact]
    public void Lists_go_to_everybody_the_domain_or_the_address()
    {
        var (reseller, acme) = (Converted.Site.Tenants[0], Converted.Site.Tenants[1]);
        Assert.Equal(["@bad.example"], Assert.IsType<AllCondition>(Assert.Single(reseller.Rules).When).Of.OfType<SenderCondition>().Single().Addresses);
        Assert.Equal(["welcome-eva-acme-example"], acme.Objects.Select(o => o.Name));
        Assert.Equal(["eva@acme.example"], Assert.IsType<AllCondition>(acme.Objects[0].Is).Of.OfType<RecipientCondition>().Single().Addresses);
    }

    [Fact]
    public void A_welcome_list_means_no_spam_check_and_all_other_rules()
    {
        var wanted = ImportedPolicy.Decide(Converted.Site, "acme-example", "friend@partner.example", "eva@acme.example", score: 20);
        Assert.Equal(VerdictAction.Deliver, wanted.Action);
        Assert.Contains(wanted.Effects, e => e.Action is CopyAction { To: "archive@acme.example" });
        Assert.DoesNotContain(wanted.Effects, e => e.Action is TagAction);
        Assert.Contains(ImportedPolicy.Decide(Converted.Site, "acme-example", "friend@partner.example", "tom@acme.example", score: 20).Effects, e => e.Action is TagAction);
        var locked = ImportedPolicy.Decide(Converted.Site, "acme-example", "friend@partner.example", "eva@acme.example", flags: AnatomyFlags.EncryptedArchive);
        Assert.Equal((VerdictAction.Quarantine, "locked-archives"), (locked.Action, locked.DecidedBy));
    }

    [Fact]
    public void A_blocked_sender_s_mail_is_copied_as_all_mail_is() =>
        Assert.Contains(
            ImportedPolicy.Decide(Converted.Site, "acme-example", "x@rude.example", "tom@acme.example").Effects,
            e => e.Action is CopyAction { To: "archive@acme.example" });

    [Fact]
    public void A_welcome_list_that_nobody_asked_stays_without_effect()
    {
        var (site, _) = Convert(new OneList("white", "1", "0", "@acme.example").Dump);
        Assert.Equal(VerdictAction.Reject, ImportedPolicy.Decide(site, "acme-example", "x@bad.example", "eva@acme.example", score: 20).Action);
    }

    [Theory]
    [InlineData("white", "0", true, VerdictAction.Deliver)]
    [InlineData("white", "0", false, VerdictAction.Reject)]
    [InlineData("white", "1", false, VerdictAction.Deliver)]
    [InlineData("black", "0", true, VerdictAction.Quarantine)]
    [InlineData("black", "0", false, VerdictAction.Quarantine)]
    public void A_list_asks_the_sender_that_it_asked(string kind, string bothFrom, bool isEnvelope, VerdictAction expected)
    {
        var (site, _) = Convert(new OneList(kind, "1", "1", "@acme.example") { BothFrom = bothFrom }.Dump);
        var (sender, from) = isEnvelope ? ("x@bad.example", "x@fine.example") : ("x@fine.example", "x@bad.example");
        Assert.Equal(expected, ImportedPolicy.Decide(site, "acme-example", sender, "eva@acme.example", from, score: kind == "white" ? 20 : 0).Action);
    }

    [Fact]
    public void A_list_that_means_something_else_here_says_so()
    {
        Assert.Contains(Convert(new OneList("warn", "1", "1", "@acme.example").Dump).Notes, n => n.Where == "wwlists warn of acme.example" && n.Outcome == ConversionOutcome.Changed);
        var marked = new OneList("black", "1", "1", "@acme.example").Dump.Replace("`spam_tag` varchar(20)", "`delivery_type` int(11)", StringComparison.Ordinal).Replace(",1,'')", ",1,1)", StringComparison.Ordinal);
        Assert.Contains(Convert(marked).Notes, n => n.Where == "wwlists black for acme.example");
    }

    [Fact]
    public void A_welcome_list_of_everybody_spares_the_subject_too()
    {
        var (site, _) = Convert(new OneList("white", "1", "1", "_global") { Tag = "[spam]" }.Dump);
        Assert.Empty(ImportedPolicy.Decide(site, "acme-example", "x@bad.example", "eva@acme.example", score: 20).Effects);
        Assert.IsType<TagAction>(Assert.Single(ImportedPolicy.Decide(site, "acme-example", "x@other.example", "eva@acme.example", score: 20).Effects).Action);
    }

    [Theory]
    [InlineData("x@bad.example")]
    [InlineData("x@rude.example")]
    public void A_domain_s_own_list_stands_beside_that_of_everybody(string sender)
    {
        Assert.Equal(VerdictAction.Quarantine, ImportedPolicy.Decide(Converted.Site, "acme-example", sender, "tom@acme.example").Action);
        Assert.Equal(VerdictAction.Deliver, ImportedPolicy.Decide(Converted.Site, "acme-example", "x@fine.example", "tom@acme.example").Action);
    }

    [Theory]
    [InlineData("1", "1", "", true)]
    [InlineData("1", "1", "_global", true)]
    [InlineData("1", "1", "@acme.example", true)]
    [InlineData("1", "1", "eva@acme.example", true)]
    [InlineData("0", "1", "", false)]
    [InlineData("0", "1", "_global", false)]
    [InlineData("0", "1", "@acme.example", false)]
    [InlineData("1", "0", "", false)]
    [InlineData("1", "0", "@acme.example", false)]
    [InlineData("1", "0", "eva@acme.example", false)]
    [InlineData(null, "1", "@acme.example", false)]
    public void A_list_that_nobody_asked_comes_switched_off(string? ofAppliance, string ofDomain, string recipient, bool isAsked)
    {
        var (site, notes) = Convert(new OneList("black", ofAppliance, ofDomain, recipient).Dump);
        Assert.Equal(isAsked ? VerdictAction.Quarantine : VerdictAction.Deliver, ImportedPolicy.Decide(site, "acme-example", "x@bad.example", "eva@acme.example").Action);
        Assert.Equal(isAsked, Assert.Single(site.Tenants.SelectMany(t => t.Rules)).Enabled);
        Assert.Equal(!isAsked, notes.Any(n => n.Where.StartsWith("wwlists black of ", StringComparison.Ordinal) && n.Text.Contains("switched off", StringComparison.Ordinal)));
    }

    [Fact]
    public void The_list_of_everybody_is_not_asked_for_a_domain_that_asks_none() =>
        Assert.Equal(VerdictAction.Deliver, ImportedPolicy.Decide(Converted.Site, "off-example", "x@bad.example", "tom@off.example").Action);

    [Theory]
    [InlineData("domain_pref.viruswall of acme.example")]
    [InlineData("domain_pref.use_dcc of acme.example")]
    [InlineData("domain_pref.dkim_pkey of acme.example")]
    [InlineData("domain_pref.shiny_new of acme.example")]
    [InlineData("domain_pref.delivery_type of off.example", false)]
    [InlineData("domain_pref.language of off.example")]
    [InlineData("domain.callout of acme.example")]
    [InlineData("domain lost.example")]
    [InlineData("wwlists black *@bulk.example for @acme.example")]
    [InlineData("wwlists wnews n@y.example for @acme.example")]
    [InlineData("wwlists of gone.example")]
    [InlineData("table administrator")]
    [InlineData("wwlists")]
    [InlineData("wwlists black for acme.example", false)]
    [InlineData("table antispam")]
    [InlineData("wwlists black of everybody")]
    [InlineData("wwlists black of acme.example", false)]
    [InlineData("domain_pref.enable_blacklists of acme.example", false)]
    public void Nothing_is_left_out_in_silence(string where, bool isNoted = true) =>
        Assert.Equal(isNoted, Converted.Notes.Any(n => n.Where == where));

    [Fact]
    public void Keys_are_not_repeated_in_the_report() =>
        Assert.DoesNotContain(Converted.Notes, n => n.Text.Contains("BEGIN", StringComparison.Ordinal));

    [Theory]
    [InlineData("INSERT INTO `domain` VALUES (1,'x'", "complete")]
    [InlineData("INSERT INTO `domain` (`id`) VALUES (1", "complete")]
    [InlineData("INSERT INTO `domain` (`id`) VALUES ('", "complete")]
    [InlineData("INSERT INTO `domain` VALUES (1);", "columns")]
    [InlineData("hello", "mc_config")]
    [InlineData("", "mc_config")]
    public void A_broken_dump_is_refused_with_the_remedy(string dump, string remedy) =>
        Assert.Matches($"{remedy}|columns", Assert.Throws<ConversionException>(() => Convert(dump)).Message);

    /// <summary>A dump with one domain and one list with one sender, <c>*@bad.example</c>.</summary>
    /// <param name="OfAppliance">The switch of the kind; null = the table is empty.</param>
    private sealed record OneList(string Kind, string? OfAppliance, string OfDomain, string Recipient)
    {
        public string Tag { get; init; } = "";

        public string BothFrom { get; init; } = "0";

        public string Dump => $"""
            CREATE TABLE `domain` (
              `id` int(11) NOT NULL,
              `name` char(200) NOT NULL,
              `active` char(5) NOT NULL,
              `destination` char(200) NOT NULL,
              `prefs` int(11) NOT NULL
            );
            INSERT INTO `domain` VALUES (1,'__global__','true','',1),(2,'Acme.example','true','192.0.2.9',2);
            CREATE TABLE `domain_pref` (
              `id` int(11) NOT NULL,
              `enable_{Kind}lists` tinyint(1) NOT NULL,
              `spam_tag` varchar(20) NOT NULL
            );
            INSERT INTO `domain_pref` VALUES (1,0,''),(2,{OfDomain},'{Tag}');
            CREATE TABLE `antispam` (
              `set_id` int(11) NOT NULL,
              `enable_{Kind}lists` tinyint(1) NOT NULL,
              `whitelist_both_from` tinyint(1) NOT NULL
            );
            {(OfAppliance is null ? "" : $"INSERT INTO `antispam` VALUES (1,{OfAppliance},{BothFrom});")}
            CREATE TABLE `wwlists` (
              `id` int(11) NOT NULL,
              `sender` varchar(150) NOT NULL,
              `recipient` varchar(150) NOT NULL,
              `type` varchar(15) NOT NULL,
              `expiracy` date NOT NULL,
              `status` int(2) DEFAULT 1
            );
            INSERT INTO `wwlists` VALUES (1,'*@bad.example','{Recipient}','{Kind}','0000-00-00',1);
            """;
    }

    private static Conversion Convert(string dump)
    {
        using var file = new MemoryStream(Encoding.UTF8.GetBytes(dump));
        return MailCleanerConversion.Read(file, new ConversionOptions { Tenant = "mc" }, new DateOnly(2026, 11, 23));
    }
}
