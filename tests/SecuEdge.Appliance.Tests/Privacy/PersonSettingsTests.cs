using SecuEdge.Appliance.Privacy;
using SecuEdge.Appliance.Settings;
using SecuEdge.Appliance.Settings.Recipients;

namespace SecuEdge.Appliance.Tests.Privacy;

public sealed class PersonSettingsTests
{
    private static readonly PersonMention s_eva = new(["eva@bakery.example"]);

    private static Tenant Bakery => SiteJson.Parse<Tenant>("""
        {
          "name": "bakery",
          "domains": [{ "name": "bakery.example", "recipients": ["eva", "neva", "Tom@bakery.example"], "mailboxes": [{ "address": "eva" }] }, { "name": "other.example", "recipients": ["eva"] }],
          "service": { "contacts": ["boss@bakery.example", "eva@bakery.example"] },
          "rules": [
            { "name": "leaver", "when": { "type": "recipient", "addresses": ["eva@bakery.example"] }, "then": [{ "type": "redirect", "to": "tom@bakery.example" }] },
            { "name": "nothing", "when": { "type": "recipient", "addresses": ["neva@bakery.example"] }, "then": [{ "type": "deliver" }] }
          ],
          "groups": [{ "name": "board", "members": ["eva@bakery.example", "tom@bakery.example"] }]
        }
        """) is { Value: { } tenant } ? tenant : throw new InvalidOperationException("the tenant of the test is none");

    [Fact]
    public void Every_setting_that_names_the_address_is_named_with_its_fields() => Assert.Equal(
        [
            ("Recipient", "domains[bakery.example].recipients", ""), ("Mailbox", "domains[bakery.example].mailboxes[eva]", ""), ("Contact", "service.contacts", "[1]"),
            ("Rule", "rules[leaver]", "when.addresses[0]"), ("Group", "groups[board]", "members[0]"),
        ],
        PersonSettings.Find(Bakery, s_eva, isRecipientErased: false).Select(p => (p.Kind.ToString(), p.Name, p.Fields)).OrderBy(p => Array.IndexOf(["Recipient", "Mailbox", "Contact", "Rule", "Group"], p.Item1)));

    [Fact]
    public void Settings_stay_and_only_the_mailbox_can_be_asked_for()
    {
        Assert.All(PersonSettings.Find(Bakery, s_eva, isRecipientErased: false), p => Assert.Equal(PersonOutcome.Stays, p.OnErase));
        Assert.Equal(
            [PersonPlaceKind.Recipient, PersonPlaceKind.Mailbox],
            PersonSettings.Find(Bakery, s_eva, isRecipientErased: true).Where(p => p.OnErase == PersonOutcome.Erased).Select(p => p.Kind).Order());
    }

    [Fact]
    public void The_mailbox_is_taken_out_of_its_own_list_alone()
    {
        var without = PersonSettings.Without(Bakery, s_eva);
        Assert.Equal(["neva", "Tom@bakery.example"], without.Domains[0].Recipients);
        Assert.Empty(without.Domains[0].Mailboxes);
        Assert.Equal(["eva"], without.Domains[1].Recipients);
        Assert.Equal(Bakery.Rules.Count, without.Rules.Count);
        Assert.Same(without, PersonSettings.Without(without, s_eva));
    }

    [Fact]
    public void The_mailbox_is_taken_out_of_a_long_list()
    {
        var book = RecipientBook.Of([.. Enumerable.Range(0, 200).Select(i => $"box{i}"), "eva"], null);
        var tenant = Bakery with { Domains = [Bakery.Domains[0] with { Recipients = book }] };
        Assert.Contains(PersonSettings.Find(tenant, s_eva, isRecipientErased: false), p => p.Kind == PersonPlaceKind.Recipient);
        var without = PersonSettings.Without(tenant, s_eva).Domains[0].Recipients;
        Assert.Equal((200, false), (without.Count, without.Contains("eva")));
    }
}
