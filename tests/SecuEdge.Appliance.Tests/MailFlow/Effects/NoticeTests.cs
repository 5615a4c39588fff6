using System.Text;
using MimeKit;
using SecuEdge.Appliance.Settings;
using SecuEdge.Filter;
using SecuEdge.Filter.Policy.Rules;
using SecuEdge.Smtp;
using SecuEdge.Store.MessageLog;
using SecuEdge.TestKit;

namespace SecuEdge.Appliance.Tests.MailFlow.Effects;

public sealed class NoticeTests
{
    private const string Hostile =
        "From: a@sender.example\r\nSubject: =?utf-8?Q?<b>free</b>=0D=0ABcc:_x@y.example_{{reference}}_=E2=80=AEgpj?=\r\n"
        + "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\ntext\r\n--b\r\nContent-Type: application/x-a; name=\"<script>.exe\"\r\n\r\nx\r\n--b--\r\n";

    [Theory]
    [InlineData("en", "A rule applied to a message", "The message was let through")]
    [InlineData("fr", "Une règle s'est appliquée à un message", "Le message a été laissé passer")]
    public async Task A_notice_is_written_in_the_language_of_the_tenant_and_nobody_answers_it(string language, string subject, string text)
    {
        await using var sink = new SmtpSink();
        await using var rig = Rig(sink, language);
        await rig.StartAsync();
        using var notice = await NoticeAsync(rig, sink, new NotifyAction { Whom = [NotifyWhom.Administrator] });
        Assert.StartsWith(subject, notice.Subject, StringComparison.Ordinal);
        Assert.Contains(text, notice.TextBody, StringComparison.Ordinal);
        Assert.Contains("someone@sender.example", notice.TextBody, StringComparison.Ordinal);
        Assert.Contains("a-rule", notice.TextBody, StringComparison.Ordinal);
        Assert.Equal(("auto-generated", "All"), (notice.Headers["Auto-Submitted"], notice.Headers["X-Auto-Response-Suppress"]));
        Assert.Equal("", sink.Messages[^1].ReversePath);
        Assert.Equal(["admin@acme.example"], sink.Messages[^1].Recipients);
    }

    [Fact]
    public async Task A_strangers_words_are_values_and_nothing_else()
    {
        await using var sink = new SmtpSink();
        await using var rig = Rig(sink, "en");
        await rig.StartAsync();
        using var notice = await NoticeAsync(rig, sink, new NotifyAction { Whom = [NotifyWhom.Recipients], Template = "removed" }, "1.2");
        Assert.Equal("Attachments removed: <b>free</b>Bcc: x@y.example {{reference}}  gpj", notice.Subject);
        Assert.False(notice.Headers.Contains("Bcc"));
        Assert.Contains("Files: <script>.exe", notice.TextBody, StringComparison.Ordinal);
        Assert.Contains("&lt;b&gt;free&lt;/b&gt;", notice.HtmlBody, StringComparison.Ordinal);
        Assert.Contains("&lt;script&gt;.exe", notice.HtmlBody, StringComparison.Ordinal);
        Assert.DoesNotContain("\u202E", notice.TextBody + notice.HtmlBody, StringComparison.Ordinal);
        // One of the recipients must not learn of the others.
        Assert.DoesNotContain("r1@acme.example", notice.TextBody, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wave_is_one_notice_an_hour_that_says_how_many_there_were()
    {
        await using var sink = new SmtpSink();
        await using var rig = Rig(sink, "en");
        await rig.StartAsync();
        var notify = Rewrite.Effect(new NotifyAction { Whom = [NotifyWhom.Administrator] });
        using var judgement = EffectScene.Judge([EffectScene.Verdict(notify)], Hostile);
        var sent = 0;
        for (var i = 0; i < 50; i++)
        {
            sent += rig.Actions.Notices(EffectScene.Envelope(rig, 1), judgement).Count;
        }

        Assert.Equal(1, sent);
        rig.Time.Advance(TimeSpan.FromHours(1));
        var next = Assert.Single(rig.Actions.Notices(EffectScene.Envelope(rig, 1), judgement));
        Assert.Equal(49, next.Suppressed);
        rig.Actions.Send(await rig.Actions.CommitAsync([next], rig.Token));
        await sink.WaitForMessagesAsync(1, rig.Token);
        using var notice = Load(sink.Messages[0]);
        Assert.Contains("49 more messages", notice.TextBody, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Direction.Outbound, "user@acme.example", "", true)]
    [InlineData(Direction.Outbound, "user@elsewhere.example", "", false)]
    [InlineData(Direction.Outbound, "", "", false)]
    [InlineData(Direction.Outbound, "user@acme.example", "Auto-Submitted: auto-replied\r\n", false)]
    [InlineData(Direction.Inbound, "someone@sender.example", "", false)]
    [InlineData(Direction.Inbound, "user@acme.example", "", false)]
    public async Task A_sender_is_told_only_where_he_is_a_person_of_ours(Direction direction, string sender, string field, bool isTold)
    {
        await using var sink = new SmtpSink();
        await using var rig = Rig(sink, "en");
        await rig.StartAsync();
        using var judgement = EffectScene.Judge([EffectScene.Verdict(Rewrite.Effect(new NotifyAction { Whom = [NotifyWhom.Sender] }))], field + Hostile);
        var envelope = EffectScene.Envelope(rig, 1) with { Direction = direction, ReversePath = MailPath.TryParse(sender, out var path) ? path : MailPath.Null };
        Assert.Equal(isTold, rig.Actions.Notices(envelope, judgement).Count == 1);
    }

    [Fact]
    public async Task A_notice_names_its_message_and_the_message_its_notice()
    {
        await using var sink = new SmtpSink();
        await using var rig = Rig(sink, "en");
        await rig.StartAsync();
        var reference = await EffectScene.AcceptAsync(rig, [EffectScene.Verdict(Rewrite.Effect(new NotifyAction { Whom = [NotifyWhom.Address], Address = "x@acme.example" }))], Hostile);
        var record = await rig.WaitUntilFinishedAsync(reference);
        var text = Assert.Single(record.Events, e => e.Kind == MessageEventKind.RuleApplied).Text;
        Assert.StartsWith("Rule 'a-rule' of acme: x@acme.example is told in message ", text, StringComparison.Ordinal);
        var notice = await rig.WaitUntilFinishedAsync(text[^9..]);
        Assert.Contains(reference, notice.Events[0].Text, StringComparison.Ordinal);
        Assert.True(notice.IsAutomatic);
    }

    [Fact]
    public async Task A_notice_that_cannot_be_stored_stops_no_mail_and_is_not_said_to_be_sent()
    {
        await using var sink = new SmtpSink();
        await using var rig = Rig(sink, "en");
        await rig.StartAsync();
        var commits = 0;
        rig.Spool.Fault = (what, _) => what == "Commit" && ++commits == 1 ? new IOException("full") : null;
        Verdict[] verdicts = [EffectScene.Verdict(Rewrite.Effect(new NotifyAction { Whom = [NotifyWhom.Administrator] }))];
        var record = await rig.WaitUntilFinishedAsync(await EffectScene.AcceptAsync(rig, verdicts, Hostile));
        Assert.Equal(["r0@acme.example"], Assert.Single(sink.Messages).Recipients);
        Assert.Equal("Rule 'a-rule' of acme: admin@acme.example could not be told, because the notice could not be stored", Assert.Single(record.Events, e => e.Kind == MessageEventKind.RuleApplied).Text);

        // The hour is not gone: the next message tells, of both.
        await EffectScene.AcceptAsync(rig, verdicts, Hostile);
        await sink.WaitForMessagesAsync(3, rig.Token);
        using var notice = Load(Assert.Single(sink.Messages, m => m.Recipients[0] == "admin@acme.example"));
        Assert.Contains("there were 1 more messages", notice.TextBody, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_that_cannot_be_stored_tells_nobody_before_it_comes_again()
    {
        await using var sink = new SmtpSink();
        await using var rig = Rig(sink, "en");
        await rig.StartAsync();
        var commits = 0;
        rig.Spool.Fault = (what, _) => what == "Commit" && ++commits == 2 ? new IOException("full") : null;
        Verdict[] verdicts = [EffectScene.Verdict(Rewrite.Effect(new NotifyAction { Whom = [NotifyWhom.Administrator] }))];
        await Assert.ThrowsAsync<IOException>(() => EffectScene.AcceptAsync(rig, verdicts, Hostile));
        Assert.Equal(0, rig.Spool.Count);
        Assert.Equal(MessageState.Dropped, Assert.Single(rig.Spool.Finished.Values).State);

        var reference = await EffectScene.AcceptAsync(rig, verdicts, Hostile);
        await sink.WaitForMessagesAsync(2, rig.Token);
        using var notice = Load(Assert.Single(sink.Messages, m => m.Recipients[0] == "admin@acme.example"));
        Assert.Contains(reference, notice.TextBody, StringComparison.Ordinal);
        Assert.DoesNotContain("more messages", notice.TextBody, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_goes_while_notices_are_stored_leaves_none_and_takes_no_hour()
    {
        await using var sink = new SmtpSink();
        await using var rig = Rig(sink, "en");
        await rig.StartAsync();
        using var gone = new CancellationTokenSource();
        var commits = 0;
        rig.Spool.Fault = (what, _) =>
        {
            if (what == "Commit" && ++commits == 2)
            {
                gone.Cancel();
                return new OperationCanceledException(gone.Token);
            }

            return null;
        };
        using var judgement = EffectScene.Judge([EffectScene.Verdict(Rewrite.Effect(new NotifyAction { Whom = [NotifyWhom.Administrator, NotifyWhom.Recipients, NotifyWhom.Address], Address = "x@acme.example" }))], Hostile);
        await Assert.ThrowsAsync<OperationCanceledException>(() => rig.Actions.CommitAsync(rig.Actions.Notices(EffectScene.Envelope(rig, 1), judgement), gone.Token));
        Assert.Equal(0, rig.Spool.Count);
        Assert.Equal(3, rig.Actions.Notices(EffectScene.Envelope(rig, 1), judgement).Count(n => n.Suppressed == 0));
    }

    private static DeliveryRig Rig(SmtpSink sink, string language)
    {
        var site = DeliveryRig.SiteOf([sink.Endpoint.ToString()], []);
        // Contacts come from the node above, the language from the tenant.
        return new DeliveryRig(sink)
        {
            Site = new Site
            {
                Tenants =
                [
                    .. site.Tenants.Select(t => t with { Parent = "reseller", Service = new ServiceSettings { Language = language } }),
                    new Tenant { Name = "reseller", Kind = TenantKind.Reseller, Service = new ServiceSettings { Contacts = ["admin@acme.example"], Language = "en" } },
                ],
            },
        };
    }

    private static async Task<MimeMessage> NoticeAsync(DeliveryRig rig, SmtpSink sink, NotifyAction action, params string[] files)
    {
        var verdicts = (Verdict[])[EffectScene.Verdict(Rewrite.Effect(action, files)), EffectScene.Verdict()];
        using var judgement = EffectScene.Judge(verdicts, Hostile);
        var planned = rig.Actions.Notices(EffectScene.Envelope(rig, 2), judgement);
        rig.Actions.Send(await rig.Actions.CommitAsync(planned, rig.Token));
        await sink.WaitForMessagesAsync(1, rig.Token);
        return Load(Assert.Single(sink.Messages));
    }

    private static MimeMessage Load(SinkMessage message) => MimeMessage.Load(new MemoryStream(message.Bytes), TestContext.Current.CancellationToken);
}
