using System.Text;
using SecuEdge.Filter.Policy;
using SecuEdge.Filter.Policy.Rules;
using SecuEdge.Store.Files;
using SecuEdge.Store.MessageLog;
using static SecuEdge.Store.Tests.SampleRecords;

namespace SecuEdge.Store.Tests;

public sealed class StoreJsonTests
{
    [Fact]
    public void A_record_comes_back_as_it_was()
    {
        var record = Record(Reference(1), MessageState.Deferred) with
        {
            Origin = new MessageOrigin("R0", OriginKind.Copy),
            Reasons = [new RuleReason { Rule = "r", Node = "acme", IsDecisive = true, Why = "Always holds.", Words = "x", Recipients = ["one@acme.example"] }],
        };
        Assert.Equivalent(record, StoreJson.ReadRecord(Encoding.UTF8.GetBytes(Json(record))), strict: true);
    }

    [Fact]
    public void What_an_older_version_did_not_write_has_its_default()
    {
        var json = """
            {"reference":"TEST-000001","receivedAt":"2026-11-10T08:00:00+00:00","direction":"Inbound","tenant":"acme","connectionId":"c",
             "clientAddress":"192.0.2.1","reversePath":"","recipients":[],"whatever":"a newer version wrote"}
            """u8;
        var record = StoreJson.ReadRecord(json);
        Assert.Empty(record.Findings);
        Assert.Empty(record.Engines);
        Assert.Empty(record.Events);
        Assert.Empty(record.Effects);
        Assert.Empty(record.Reasons);
        Assert.Null(record.Origin);
        Assert.Empty(StoreJson.ReadRecord(Encoding.UTF8.GetBytes(Json(Record(Reference(1))).Replace("\"effects\":[]", "\"old\":0", StringComparison.Ordinal))).Recipients[0].Effects);
        Assert.Equal("", record.Subject);
        Assert.Equal("", record.TraceHeaders);
    }

    [Fact]
    public void Effects_of_every_kind_come_back_as_they_were()
    {
        RuleAction[] actions =
        [
            new TagAction { Subject = "[EXT]", Header = new HeaderField("X-T", "é") },
            new RemoveAttachmentsAction { Which = new AttachmentCondition { Kinds = [AttachmentKind.Executable] }, Text = "gone" },
            new BannerAction { Text = "note", Html = "<i>", At = BannerPlace.Top },
            new CopyAction("archive@acme.example"),
            new NotifyAction { Whom = [NotifyWhom.Administrator] },
        ];
        var record = Record(Reference(1));
        record = record with
        {
            Effects = [.. actions.Select(a => new RuleEffect("r", "acme", a, ["1.2"]))],
            Recipients = [record.Recipients[0] with { Effects = [0, 2], RedirectedTo = "x@acme.example", Queue = "legal", IsHeldByRule = true, RuleHoldsUntil = DateTimeOffset.UnixEpoch }],
        };
        Assert.Equivalent(record, StoreJson.ReadRecord(Encoding.UTF8.GetBytes(Json(record))), strict: true);
    }

    [Theory]
    [InlineData("lone \uD800 surrogate")]
    [InlineData("\0\u0001\u001F control")]
    [InlineData("\"quoted\" </script> \\ \u2028")]
    [InlineData("Grüße 文字 🎉")]
    public void No_subject_of_a_hostile_mail_makes_a_record_unwritable(string subject)
    {
        var read = StoreJson.ReadRecord(Encoding.UTF8.GetBytes(Json(Record(Reference(1)) with { Subject = subject })));
        Assert.Equal(subject.Replace('\uD800', '\uFFFD'), read.Subject);
    }

    private static string Json(MessageRecord record)
    {
        using var buffer = new PooledBuffer(16);
        StoreJson.Write(buffer, record);
        return Encoding.UTF8.GetString(buffer.Written.Span);
    }
}
