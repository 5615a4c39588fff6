using SecuEdge.Appliance.MailFlow.Effects.Notices;
using SecuEdge.Appliance.Settings;
using SecuEdge.Appliance.Settings.Notices;

namespace SecuEdge.Appliance.Tests.Settings;

/// <summary>Which words a tenant's notices have: its own, those of nodes above it, or ours.</summary>
public sealed class NoticeTemplateTests
{
    /// <summary>Template of the provider, of the reseller, of the customer, and whose is taken.</summary>
    [Theory]
    [InlineData("blocked", "", "", "", "default")]
    [InlineData("blocked", "open", "", "", "provider")]
    [InlineData("blocked", "open", "open", "", "upper")]
    [InlineData("blocked", "open", "open", "open", "acme")]
    [InlineData("blocked", "", "locked", "", "upper")]
    [InlineData("brand", "", "open", "", "upper")]
    [InlineData("brand", "locked", "", "", "provider")]
    [InlineData("gone", "", "", "", "default")]
    public void The_nearest_template_of_the_name_is_taken(string name, string provider, string reseller, string customer, string from)
    {
        var (directory, errors) = SiteValidation.TryCompile(SiteOf(name, provider, reseller, customer), null);
        Assert.Empty(errors);
        Assert.Equal(from, NoticeSender.WordsOf(directory!, "acme", name).Node);
    }

    [Theory]
    [InlineData("locked", "", "open", "acme")]
    [InlineData("locked", "locked", "", "upper")]
    [InlineData("", "locked", "locked", "acme")]
    public void A_locked_template_cannot_be_replaced_below(string provider, string reseller, string customer, string wrong)
    {
        var (directory, errors) = SiteValidation.TryCompile(SiteOf("brand", provider, reseller, customer), null, t => $"{t.Name}.");
        Assert.Null(directory);
        Assert.StartsWith($"{wrong}.noticeTemplates[0].name: 'brand' is a locked template of ", Assert.Single(errors), StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_that_nobody_wrote_gets_the_tenants_own_general_words()
    {
        var (directory, _) = SiteValidation.TryCompile(SiteOf("blocked", "", "open", ""), null);
        Assert.Equal(("blocked", "upper"), (NoticeSender.WordsOf(directory!, "acme", "gone").Template, NoticeSender.WordsOf(directory!, "acme", "gone").Node));
    }

    [Theory]
    [InlineData("fr,en", "fr", "fr")]
    [InlineData("en,fr", "fr-CH", "fr")]
    [InlineData("fr,fr-CH", "fr-ch", "fr-CH")]
    [InlineData("de,en", "fr", "en")]
    [InlineData("de,it", "fr", "de")]
    public void The_language_falls_back_to_its_family_to_English_and_to_what_there_is(string written, string wanted, string taken)
    {
        var template = Template("n", false) with { Texts = [.. written.Split(',').Select(l => new NoticeText { Language = l, Subject = l, Text = l })] };
        Assert.Equal(taken, template.In(wanted).Language);
    }

    [Fact]
    public void Built_in_notices_use_only_what_there_is_in_every_language()
    {
        Assert.Equal(["blocked", "delivered", "quarantined", "removed"], BuiltInNotices.All.Select(t => t.Name).Order(StringComparer.Ordinal));
        foreach (var text in BuiltInNotices.All.SelectMany(t => t.Texts))
        {
            Assert.Null(NoticePlaceholders.Problem(text.Subject + text.Text));
        }

        Assert.All(BuiltInNotices.All, t => Assert.Equal(["en", "fr"], t.Texts.Select(x => x.Language)));
    }

    [Fact]
    public void Every_value_that_is_longer_than_a_line_is_cut_and_none_begins_anything()
    {
        var hostile = "\u202E<b>\r\nBcc: x@y.example\r\n\r\n{{sender}}" + new string('x', 5_000);
        var values = NoticePlaceholders.Names.ToDictionary(n => n, _ => hostile);
        var every = string.Join('\n', NoticePlaceholders.Names.Select(n => $"{{{{{n}}}}}"));
        foreach (var html in (string?[])[null, $"<p>{every}</p>"])
        {
            var words = NoticeWords.Of(new PlacedNotice(Template("n", false) with { Texts = [new NoticeText { Language = "en", Subject = every.ReplaceLineEndings(" "), Text = every, Html = html }] }, "acme"), "en");
            var rendered = NoticeWriter.Render(words, values, 0);
            Assert.InRange(rendered.Subject.Length, 1, 151);
            Assert.DoesNotContain('\n', rendered.Subject);
            Assert.Equal(NoticePlaceholders.Names.Count, rendered.Text.Split('\n').Length);
            Assert.InRange(rendered.Text.Length, 1, NoticePlaceholders.Names.Count * 310);
            Assert.DoesNotContain("\u202E", rendered.Subject + rendered.Text + rendered.Html, StringComparison.Ordinal);
            Assert.DoesNotContain("<b>", rendered.Html, StringComparison.Ordinal);
            Assert.Contains("{{sender}}", rendered.Text, StringComparison.Ordinal);
        }
    }

    private static NoticeTemplate Template(string name, bool isLocked) =>
        new() { Name = name, Locked = isLocked, Texts = [new NoticeText { Language = "en", Subject = "s", Text = "t" }] };

    private static Site SiteOf(string name, string provider, string reseller, string customer)
    {
        NoticeTemplate[] Own(string kind) => kind.Length == 0 ? [] : [Template(name, kind == "locked")];
        return new Site
        {
            Tenants =
            [
                new Tenant { Name = "provider", Kind = TenantKind.Provider, NoticeTemplates = Own(provider) },
                new Tenant { Name = "upper", Kind = TenantKind.Reseller, NoticeTemplates = Own(reseller) },
                new Tenant { Name = "acme", Parent = "upper", NoticeTemplates = Own(customer) },
            ],
        };
    }
}
