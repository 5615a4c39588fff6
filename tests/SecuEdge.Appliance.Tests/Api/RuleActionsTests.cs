using System.Net;
using System.Text;
using SecuEdge.TestKit;

namespace SecuEdge.Appliance.Tests.Api;

/// <summary>Each action of a rule through a whole gateway: from the site file to the next hop.</summary>
public sealed class RuleActionsTests
{
    private const string Pdf =
        "From: a@sender.example\nSubject: hello\nX-Do: {0}\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nbody\n--b\nContent-Type: application/pdf; name=a.pdf\n\nnot really\n--b--\n";

    private const string LockedAbove = """
        {"tenants":[
          {"name":"provider","kind":"provider","rules":[
            {"name":"keep","locked":true,"priority":90,"when":{"type":"header","name":"X-Do","equalTo":"above"},"then":[{"type":"quarantine"}]},
            {"name":"mark","locked":true,"direction":"inbound","then":[{"type":"tag","header":{"name":"X-Class","value":"outside"}}]},
            {"name":"disclaimer","locked":true,"direction":"inbound","then":[{"type":"banner","text":"Confidential"},{"type":"copy","to":"journal@elsewhere.example"}]},
            {"name":"files","locked":true,"direction":"inbound","then":[{"type":"removeAttachments"}]}]},
          {"name":"acme","domains":[{"name":"acme.example","nextHops":["127.0.0.1:PORT"]}],"outbound":{"networks":["127.0.0.1"],"nextHops":["127.0.0.1:PORT"]},"rules":[
            {"name":"own","when":{"type":"header","name":"X-Do","equalTo":"own"},"then":[{"type":"tag","subject":"[OWN]"},{"type":"redirect","to":"boss@acme.example"},{"type":"quarantine"}]}]}]}
        """;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_changes_the_message_reaches_the_next_hop_changed()
    {
        await using var gateway = await StartAsync();
        var tagged = await DeliverAsync(gateway, "tag");
        Assert.Contains("Subject: [EXT] hello", tagged, StringComparison.Ordinal);
        Assert.Contains("X-SecuEdge-Modified: subject, header", tagged, StringComparison.Ordinal);
        Assert.Contains("X-Class: outside", tagged, StringComparison.Ordinal);
        Assert.Contains("body\r\n\r\nConfidential", await DeliverAsync(gateway, "banner"), StringComparison.Ordinal);
        var removed = await DeliverAsync(gateway, "remove");
        Assert.Contains("removed-attachments.txt", removed, StringComparison.Ordinal);
        Assert.DoesNotContain("not really", removed, StringComparison.Ordinal);
        var plain = await DeliverAsync(gateway, "nothing");
        Assert.EndsWith(Mail("nothing").ReplaceLineEndings("\r\n"), plain, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_sends_it_elsewhere_does_so()
    {
        await using var gateway = await StartAsync();
        await SendAsync(gateway, "redirect");
        await gateway.Sink.WaitForMessagesAsync(1, Cancelled);
        Assert.Equal(["boss@acme.example"], gateway.Sink.Messages[0].Recipients);
        await SendAsync(gateway, "copy");
        await gateway.Sink.WaitForMessagesAsync(3, Cancelled);
        Assert.Equal(["archive@elsewhere.example", "info@acme.example"], gateway.Sink.Messages.Skip(1).SelectMany(m => m.Recipients).Order(StringComparer.Ordinal));
        Assert.Equal("", gateway.Sink.Messages.Single(m => m.Recipients.Contains("archive@elsewhere.example")).ReversePath);
    }

    [Fact]
    public async Task What_is_thrown_away_is_copied_all_the_same()
    {
        await using var gateway = await StartAsync();
        var reference = RunningGateway.Reference(await SendAsync(gateway, "copy-discard"));
        await gateway.Sink.WaitForMessagesAsync(1, Cancelled);
        Assert.Equal(["archive@elsewhere.example"], gateway.Sink.Messages[0].Recipients);
        await gateway.WaitForStateAsync(reference, "dropped");
        Assert.Contains("copy to archive@elsewhere.example as ", (await gateway.GetAsync($"api/v1/messages/{reference}")).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_keeps_or_refuses_it_does_so_and_tells_whom_the_rule_says()
    {
        await using var gateway = await StartAsync();
        Assert.StartsWith("Use our portal [", (await gateway.SendAsync(Mail("reject"))).Text, StringComparison.Ordinal);

        var discarded = RunningGateway.Reference(await SendAsync(gateway, "discard"));
        await gateway.WaitForStateAsync(discarded, "dropped");
        Assert.Contains("'discard'", (await gateway.GetAsync($"api/v1/messages/{discarded}")).ToString(), StringComparison.Ordinal);

        var kept = RunningGateway.Reference(await SendAsync(gateway, "quarantine"));
        await gateway.WaitForStateAsync(kept, "quarantined");
        Assert.Equal(kept, (await gateway.GetAsync("api/v1/quarantine?queue=legal")).GetProperty("items")[0].GetProperty("reference").GetString());
        Assert.Equal(0, (await gateway.GetAsync("api/v1/quarantine?queue=other")).GetProperty("items").GetArrayLength());
        await gateway.Sink.WaitForMessagesAsync(1, Cancelled);
        var notice = gateway.Sink.Messages[0];
        Assert.Equal(("", "admin@acme.example"), (notice.ReversePath, notice.Recipients[0]));
        Assert.Contains("Auto-Submitted: auto-generated", Encoding.ASCII.GetString(notice.Bytes), StringComparison.Ordinal);

        // A release is a person's decision: the bytes as they came.
        Assert.Equal(HttpStatusCode.OK, (await gateway.CallAsync(HttpMethod.Post, $"api/v1/quarantine/{kept}:release", "{}")).Status);
        await gateway.Sink.WaitForMessagesAsync(2, Cancelled);
        Assert.Contains("\r\nSubject: hello\r\n", Encoding.ASCII.GetString(gateway.Sink.Messages[1].Bytes), StringComparison.Ordinal);

        var held = RunningGateway.Reference(await SendAsync(gateway, "hold"));
        await gateway.WaitForStateAsync(held, "held");

        var first = await gateway.SendAsync(Mail("greylist"));
        Assert.Equal((451, "4.7.1"), (first.Code, first.EnhancedCode));
        Assert.StartsWith("Greylisted, please try again in 3 minutes [", first.Text, StringComparison.Ordinal);
    }

    /// <summary>What keeps it, and which words of the rule that keeps it a release leaves out.</summary>
    [Theory]
    [InlineData("own")]
    [InlineData("above")]
    public async Task A_release_overrides_the_quarantine_and_not_what_a_node_above_has_locked(string keeper)
    {
        await using var gateway = await RunningGateway.StartAsync(port => LockedAbove.Replace("PORT", port.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal));
        var kept = RunningGateway.Reference(await SendAsync(gateway, keeper));
        await gateway.WaitForStateAsync(kept, "quarantined");
        // A copy is made whatever becomes of the message, and only once.
        await gateway.Sink.WaitForMessagesAsync(1, Cancelled);
        var (status, answer) = await gateway.CallAsync(HttpMethod.Post, $"api/v1/quarantine/{kept}:release", "{}");
        Assert.True(status == HttpStatusCode.OK, answer);
        await gateway.WaitForStateAsync(kept, "delivered");

        var copy = gateway.Sink.Messages.Single(m => m.Recipients.Contains("journal@elsewhere.example"));
        Assert.Contains("not really", Encoding.Latin1.GetString(copy.Bytes), StringComparison.Ordinal);
        var message = Encoding.Latin1.GetString(gateway.Sink.Messages.Single(m => m.Recipients.Contains("info@acme.example")).Bytes);
        Assert.Contains("body\r\n\r\nConfidential", message, StringComparison.Ordinal);
        Assert.Contains("X-Class: outside", message, StringComparison.Ordinal);
        Assert.Contains("removed-attachments.txt", message, StringComparison.Ordinal);
        Assert.DoesNotContain("not really", message, StringComparison.Ordinal);
        // What the tenant's own rules would have done is as much overridden as their quarantine.
        Assert.Contains("\r\nSubject: hello\r\n", message, StringComparison.Ordinal);
    }

    private static Task<RunningGateway> StartAsync()
    {
        (string Name, string Actions)[] rules =
        [
            ("tag", """{"type":"tag","subject":"[EXT]","header":{"name":"X-Class","value":"outside"}}"""),
            ("banner", """{"type":"banner","text":"Confidential"}"""),
            ("remove", """{"type":"removeAttachments"}"""),
            ("redirect", """{"type":"redirect","to":"boss@acme.example"}"""),
            ("copy", """{"type":"copy","to":"archive@elsewhere.example"}"""),
            ("copy-discard", """{"type":"copy","to":"archive@elsewhere.example"},{"type":"discard","confirm":true}"""),
            ("reject", """{"type":"reject","text":"Use our portal"}"""),
            ("discard", """{"type":"discard","confirm":true}"""),
            ("quarantine", """{"type":"tag","subject":"[EXT]"},{"type":"notify","whom":["administrator"],"template":"quarantined"},{"type":"quarantine","queue":"legal"}"""),
            ("hold", """{"type":"hold","minutes":60}"""),
            ("greylist", """{"type":"greylist","minutes":3}"""),
        ];
        return RunningGateway.StartWithRulesAsync(
            "[" + string.Join(',', rules.Select(r => $$$"""{"name":"{{{r.Name}}}","when":{"type":"header","name":"X-Do","equalTo":"{{{r.Name}}}"},"then":[{{{r.Actions}}}]}""")) + "]");
    }

    private static async Task<string> DeliverAsync(RunningGateway gateway, string what)
    {
        var count = gateway.Sink.Messages.Count;
        await SendAsync(gateway, what);
        await gateway.Sink.WaitForMessagesAsync(count + 1, Cancelled);
        return Encoding.Latin1.GetString(gateway.Sink.Messages[count].Bytes);
    }

    private static async Task<Smtp.SmtpReply> SendAsync(RunningGateway gateway, string what)
    {
        var reply = await gateway.SendAsync(Mail(what));
        Assert.Equal(250, reply.Code);
        return reply;
    }

    private static string Mail(string what) => Pdf.Replace("{0}", what, StringComparison.Ordinal);
}
