using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace SecuEdge.Appliance.Tests.Api;

/// <summary>A French administrator asks why, of a message that came and of one he puts to the gateway; what is stored stays English.</summary>
public sealed class FrenchStoryTests(WhyTests.Scene scene) : IClassFixture<WhyTests.Scene>
{
    private const string Song = "From: a@sender.example\nSubject: A file\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nbody\n--b\nContent-Type: audio/mpeg; name=fake.mp3\n\nID3\n--b--\n";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("fr-CH, en;q=0.5", "fr", "La règle 'mp3' (acme) : le fichier 'fake.mp3' (text/plain, 3 octets) est ce qui est demandé", "Le fichier 'fake.mp3' (text/plain, 3 octets) est ce qui est demandé.",
        "Mis en quarantaine comme contraire aux règles, score 0, décidé par mp3 : la règle 'mp3' (acme) : le fichier 'fake.mp3' (text/plain, 3 octets) est ce qui est demandé",
        "La règle 'mp3' (acme) : pour la quarantaine 'music'")]
    [InlineData("de, en", "en", "Rule 'mp3' of acme: file 'fake.mp3' (text/plain, 3 bytes) is what is asked for", "File 'fake.mp3' (text/plain, 3 bytes) is what is asked for.",
        "Quarantine as Policy, score 0, decided by mp3: Rule 'mp3' of acme: file 'fake.mp3' (text/plain, 3 bytes) is what is asked for",
        "Rule 'mp3' of acme: for quarantine 'music'")]
    public async Task A_kept_message_tells_why_in_the_readers_language(string asked, string language, string kept, string why, string judged, string applied)
    {
        var reply = await scene.Gateway.SendAsync(Song, "info@acme.example");
        var reference = RunningGateway.Reference(reply);
        await scene.Gateway.WaitForStateAsync(reference, "quarantined");

        var item = Assert.Single((await AskAsync(asked, language, $"quarantine?text={reference}"))["items"]!.AsArray())!;
        Assert.Equal(kept, (string)item["reason"]!);
        var preview = await AskAsync(asked, language, $"quarantine/{reference}");
        Assert.Equal((kept, why), ((string)preview["item"]!["reason"]!, (string)preview["reasons"]![0]!["why"]!));
        var message = await AskAsync(asked, language, $"messages/{reference}");
        Assert.Equal(why, (string)message["reasons"]![0]!["why"]!);
        var steps = message["timeline"]!.AsArray().ToLookup(e => (string)e!["kind"]!, e => (string)e!["text"]!);
        Assert.Equal([judged], steps["judged"]);
        Assert.Equal([applied], steps["ruleApplied"]);
        Assert.All(steps.SelectMany(s => s), text => Assert.Equal(language == "en", IsEnglish(text)));
    }

    [Theory]
    [InlineData("fr", "Le score 0 est en dessous de 15, où le courrier est refusé.", "Il n'y a aucun fichier.")]
    [InlineData("en", "Score 0 is below 15, where mail gets Reject.", "There are no files.")]
    public async Task An_analysis_tells_why_each_rule_holds_or_not(string language, string threshold, string mp3)
    {
        var body = new ByteArrayContent(Encoding.ASCII.GetBytes("From: a@sender.example\nSubject: plain\n\nhello\n"));
        body.Headers.ContentType = new MediaTypeHeaderValue("message/rfc822");
        var analysis = await AskAsync(language, language, "analyze?tenant=acme&recipient=info@acme.example", body);
        Assert.Contains(threshold, analysis["rules"]!.AsArray().Select(r => (string)r!["why"]!));
        Assert.Equal(mp3, (string)analysis["policyRules"]!.AsArray().Single(r => (string)r!["rule"]! == "mp3")!["why"]!);
        Assert.All(analysis["rules"]!.AsArray().Concat(analysis["policyRules"]!.AsArray()), r => Assert.Equal(language == "en", IsEnglish((string)r!["why"]!)));
    }

    [Theory]
    [InlineData("fr", "La taille 2 ko est au moins de 1 ko.")]
    [InlineData("en", "Size 2 KB is at least 1 KB.")]
    public async Task A_rule_that_is_tried_tells_why(string language, string why)
    {
        using var body = new StringContent("""{"rule":{"name":"x","then":[{"type":"quarantine"}],"when":{"type":"size","atLeast":1000}},"facts":{"sizeBytes":2000}}""", Encoding.UTF8, "application/json");
        var trial = await AskAsync(language, language, "tenants/acme/rules:test", body);
        Assert.Equal((why, why), ((string)trial["why"]!, (string)trial["conditions"]![0]!["why"]!));
    }

    /// <summary>Of what stands in these stories.</summary>
    private static bool IsEnglish(string text) =>
        text.Split(' ', '.', ',').Any(w => w is "is" or "are" or "from" or "of" or "stored" or "in" or "Always" or "the" or "files" or "not" or "by" or "Kept" or "what" or "finding" or "fewer" or "Only");

    private async Task<JsonNode> AskAsync(string asked, string language, string path, HttpContent? body = null)
    {
        using var request = new HttpRequestMessage(body is null ? HttpMethod.Get : HttpMethod.Post, new Uri($"api/v1/{path}", UriKind.Relative)) { Content = body };
        request.Headers.AcceptLanguage.ParseAdd(asked);
        using var answer = await scene.Gateway.Api.SendAsync(request, Cancelled);
        var text = await answer.Content.ReadAsStringAsync(Cancelled);
        Assert.True(answer.IsSuccessStatusCode, text);
        Assert.Equal(language, Assert.Single(answer.Content.Headers.ContentLanguage));
        return JsonNode.Parse(text)!;
    }
}
