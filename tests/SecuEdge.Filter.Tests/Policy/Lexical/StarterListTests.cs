using SecuEdge.Filter.Policy.Lexical;
using SecuEdge.Filter.Policy.Rules;

namespace SecuEdge.Filter.Tests.Policy.Lexical;

public sealed class StarterListTests
{
    public static TheoryData<string> Names => [.. StarterLists.All.Select(l => l.Name)];

    [Fact]
    public void There_are_seven_subjects_in_two_languages() =>
        Assert.Equal(
            ["adult-en", "adult-fr", "confidential-en", "confidential-fr", "gambling-en", "gambling-fr", "hate-en", "hate-fr", "insults-en", "insults-fr", "jobs-en", "jobs-fr", "payment-en", "payment-fr"],
            StarterLists.All.Select(l => l.Name));

    [Theory]
    [MemberData(nameof(Names))]
    public void A_list_compiles_and_says_nothing_twice(string name)
    {
        var list = StarterLists.Find(name)!;
        Assert.InRange(list.Words.Count, 30, 80);
        Assert.True(list.Comment.Length > 20, list.Comment);
        Assert.Empty(list.Words.GroupBy(w => TextFolding.Fold(w.Text)).Where(g => g.Count() > 1).Select(g => g.Key));
        Assert.Null(TextMatchers.Problem(list));
    }

    /// <summary>List, text, whether a rule at 4 would hold.</summary>
    public static TheoryData<string, string, bool> Mails => new()
    {
        { "insults-fr", "Espèce de CONNARD, va te faire foutre", true },
        { "insults-fr", "Bonjour Madame, merci pour votre commande. Le contrat est joint.", false },
        { "insults-en", "You are an asshole and a moron", true },
        { "insults-en", "Please find attached the minutes of our meeting in Scunthorpe.", false },
        { "confidential-fr", "Document STRICTEMENT CONFIDENTIEL", true },
        { "confidential-fr", "Merci de respecter la confidentialité de ce message.", false },
        { "confidential-en", "Draft. Do not forward.", true },
        { "confidential-en", "Are you confident that the train arrives?", false },
        { "payment-fr", "Merci d'effectuer un virement vers notre nouveau RIB", true },
        { "payment-fr", "La facture est jointe.", false },
        { "payment-en", "our bank details have changed", true },
        { "payment-en", "Lunch on the river bank?", false },
        { "jobs-fr", "Ci-joint mon CV et ma lettre de motivation", true },
        { "jobs-en", "my cover letter and resume attached", true },
        { "jobs-en", "The job failed on the build server.", false },
        { "gambling-en", "Claim your free spins", true },
        { "adult-fr", "rencontre coquine ce soir", true },
        { "hate-en", "a race of sailing boats", false },
    };

    [Theory]
    [MemberData(nameof(Mails))]
    public void Plain_mail_stays_below_and_the_other_kind_does_not(string name, string body, bool holds)
    {
        var matcher = TextMatchers.Words(StarterLists.Find(name)!, 4, []);
        Assert.Equal(holds ? Truth.Yes : Truth.No, matcher.Matches(new MessageText("", body, []), out _));
    }
}
