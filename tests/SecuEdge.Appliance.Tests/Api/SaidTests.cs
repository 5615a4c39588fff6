using SecuEdge.Appliance.Api.Languages;
using SecuEdge.Filter.Policy.Profiles;

namespace SecuEdge.Appliance.Tests.Api;

/// <summary>Sentences of answers are in the language that the caller reads, and what people wrote stays as it is.</summary>
public sealed class SaidTests(ApiFixture fixture) : IClassFixture<ApiFixture>
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_finding_has_a_French_sentence()
    {
        var english = (await GetAsync("en", "system/findings"))["items"]!.AsArray();
        var french = (await GetAsync("fr", "system/findings"))["items"]!.AsArray();
        Assert.NotEmpty(english);
        Assert.All(english.Zip(french), p => Assert.NotEqual((string)p.First!["text"]!, (string)p.Second!["text"]!));
    }

    [Fact]
    public void Every_comment_of_a_profile_has_a_French_one() =>
        Assert.All(Profiles.All.SelectMany(p => p.Rules), r => Assert.NotEqual(r.Comment, Language.All.Single(l => l.Tag == "fr").Detail(r.Comment)));

    [Theory]
    [InlineData("Rule 'one' (acme) is never reached: whenever it would hold, 'two' (acme) has decided already: raise the priority of 'one' (acme) above 50, or take one of them out.",
        "La règle 'one' (acme) n'est jamais atteinte : chaque fois qu'elle vaudrait, 'two' (acme) a déjà décidé : mettez la priorité de 'one' (acme) au-dessus de 50, ou enlevez l'une des deux.")]
    [InlineData("Rules 'a' (x) and 'b' (y) hold for the same mail, but the first says deliver and the second quarantine; the first decides: 'a' (x) is locked, so take 'b' (y) out or ask x.",
        "Les règles 'a' (x) et 'b' (y) valent pour le même courrier, mais la première dit deliver et la seconde quarantine ; c'est la première qui décide : 'a' (x) est verrouillée, donc enlevez 'b' (y) ou demandez à x.")]
    public void A_contradiction_is_said_with_its_remedy(string english, string french) => Assert.Equal(french, Language.All.Single(l => l.Tag == "fr").Detail(english));

    [Fact]
    public async Task A_policy_tells_the_comments_of_its_profile_in_French()
    {
        var rules = (await GetAsync("fr", "policies/acme"))["rules"]!.AsArray();
        Assert.Contains(rules, r => (string)r!["rule"]!["comment"]! == "Un fichier exécutable qui se cache derrière une seconde extension.");
    }

    private async Task<System.Text.Json.Nodes.JsonNode> GetAsync(string language, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"api/v1/{path}", UriKind.Relative));
        request.Headers.AcceptLanguage.ParseAdd(language);
        using var answer = await fixture.Gateway.Api.SendAsync(request, Cancelled);
        Assert.Equal(language, Assert.Single(answer.Content.Headers.ContentLanguage));
        return System.Text.Json.Nodes.JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancelled))!;
    }
}
