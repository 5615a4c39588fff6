using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Operations;
using SecuEdge.Filter;
using SecuEdge.Store.MessageLog;
using SecuEdge.Store.Quarantine;
using static SecuEdge.Appliance.Tests.Operations.MailWalls;

namespace SecuEdge.Appliance.Tests.Operations;

/// <summary>Who gets through to which message, and what he leaves in the audit log.</summary>
public sealed class MailWallsTests
{
    private const string Missing = "MISS-MISS";
    private const string Foreign = "FORE-FORE";

    /// <summary>Every operation that takes a reference.</summary>
    private static readonly Dictionary<string, Func<MailWalls, Caller, string, Task<OperationProblem?>>> ByReference = new()
    {
        ["find"] = async (w, c, r) => (await w.Messages.FindAsync(c, r, Cancelled)).Problem,
        ["hold release"] = async (w, c, r) => (await w.Hold.ReleaseAsync(c, r, Cancelled)).Problem,
        ["hold quarantine"] = async (w, c, r) => (await w.Hold.QuarantineAsync(c, r, Cancelled)).Problem,
        ["read"] = async (w, c, r) => (await w.Quarantine.ReadAsync(c, r, "why", Cancelled)).Problem,
        ["release"] = async (w, c, r) => (await w.Quarantine.ReleaseAsync(c, r, null, Cancelled)).Problem,
        ["forward"] = async (w, c, r) => (await w.Quarantine.ForwardAsync(c, r, "lab@outside.example", "why", Cancelled)).Problem,
        ["delete"] = async (w, c, r) => (await w.Quarantine.DeleteAsync(c, r, Cancelled)).Problem,
        ["retry"] = async (w, c, r) => (await w.Queue.RetryAsync(c, r, Cancelled)).Problem,
        ["drop"] = async (w, c, r) => (await w.Queue.DropAsync(c, r, "why", Cancelled)).Problem,
    };

    public static TheoryData<string> OperationsByReference => [.. ByReference.Keys];

    [Theory]
    [MemberData(nameof(OperationsByReference))]
    public async Task A_foreign_message_is_looked_for_and_answered_as_a_missing_one(string operation)
    {
        using var walls = new MailWalls();
        await walls.KeepAsync("bolt", Foreign, "info@bolt.example");
        foreach (var caller in (Caller[])[Of("acme", Enum.GetValues<Permission>()), Owner("info@acme.example"), Of("nobody", Enum.GetValues<Permission>())])
        {
            var (missing, missingLooks) = await CountAsync(Missing);
            var (foreign, foreignLooks) = await CountAsync(Foreign);
            Assert.Equal(OperationFailure.NotFound, foreign!.Failure);
            Assert.Equal(missing!.Detail.Replace(Missing, Foreign, StringComparison.Ordinal), foreign.Detail);
            Assert.Equal((1, 1), (missingLooks, foreignLooks));

            async Task<(OperationProblem? Problem, int Looks)> CountAsync(string reference)
            {
                var before = walls.Log.Lookups;
                var problem = await ByReference[operation](walls, caller, reference);
                return (problem, walls.Log.Lookups - before);
            }
        }

        Assert.Empty(await walls.AuditedAsync());
        Assert.NotNull(await walls.Kept.FindAsync(Foreign, Cancelled));
    }

    [Theory]
    [InlineData("read", Permission.QuarantineRead)]
    [InlineData("release", Permission.QuarantineRead)]
    [InlineData("forward", Permission.QuarantineRead)]
    [InlineData("delete", Permission.QuarantineRead)]
    [InlineData("retry", Permission.QueueRead)]
    [InlineData("drop", Permission.QueueRead)]
    [InlineData("hold release", Permission.MessagesRead)]
    public async Task Whoever_may_see_it_is_told_what_he_lacks(string operation, Permission seen)
    {
        using var walls = new MailWalls();
        await walls.KeepAsync("acme", "OWNO-OWNO", "info@acme.example");
        var problem = await ByReference[operation](walls, Of("rex", seen), "OWNO-OWNO");
        Assert.Equal(OperationFailure.Forbidden, problem!.Failure);
        Assert.Contains("permission", problem.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, null, null, true)]
    [InlineData(true, null, null, false)]
    [InlineData(true, null, " ", false)]
    [InlineData(true, null, "ticket 12", true)]
    [InlineData(null, true, null, false)]
    [InlineData(false, true, null, true)]
    public async Task Reading_content_is_written_down_and_needs_a_reason_where_the_tenant_asks(bool? asks, bool? resellerAsks, string? reason, bool isShown)
    {
        using var walls = new MailWalls(asks, resellerAsks);
        await walls.KeepAsync("acme", "OWNO-OWNO", "info@acme.example");
        var outcome = await walls.Quarantine.ReadAsync(Of("acme", Permission.ContentRead), "OWNO-OWNO", reason, Cancelled);
        Assert.Equal(isShown ? null : "reason", outcome.Problem?.Field);
        Assert.Equal(isShown ? [("anna", "message.content", "acme", "OWNO-OWNO", reason ?? "")] : [], (await walls.AuditedAsync()).Select(e => (e.Actor, e.Action, e.Tenant, e.Target, e.Reason)));
    }

    [Fact]
    public async Task Every_change_is_written_down()
    {
        using var walls = new MailWalls();
        await walls.KeepAsync("acme", "OWNO-0001", "info@acme.example");
        await walls.KeepAsync("acme", "OWNO-0002", "info@acme.example");
        var anna = Of("rex", Permission.ContentRead, Permission.QuarantineRelease, Permission.QuarantineDelete);
        Assert.Null((await walls.Quarantine.ForwardAsync(anna, "OWNO-0001", "lab@outside.example", "why", Cancelled)).Problem);
        Assert.Null((await walls.Quarantine.ReleaseAsync(anna, "OWNO-0001", null, Cancelled)).Problem);
        Assert.Null((await walls.Quarantine.DeleteAsync(anna, "OWNO-0002", Cancelled)).Problem);
        Assert.Equal(
            [("quarantine.delete", "OWNO-0002"), ("quarantine.release", "OWNO-0001"), ("quarantine.forward", "OWNO-0001"), ("message.content", "OWNO-0001")],
            (await walls.AuditedAsync()).Select(e => (e.Action, e.Target)));
    }

    [Theory]
    [InlineData(MessageClass.Infected, null, false)]
    [InlineData(MessageClass.Suspicious, VerdictAction.Defer, false)]
    [InlineData(MessageClass.Suspicious, VerdictAction.Hold, false)]
    [InlineData(MessageClass.Spam, null, true)]
    [InlineData(MessageClass.Phishing, VerdictAction.Deliver, true)]
    public async Task Malware_is_let_out_only_by_who_may_let_out_malware(MessageClass messageClass, VerdictAction? floor, bool isAllowed)
    {
        using var walls = new MailWalls();
        var finding = floor is null ? null : new Finding("CLAMAV_FAILED", 0, messageClass, null, "Failed.", "", floor);
        await walls.KeepAsync("acme", "EVIL-EVIL", "info@acme.example", messageClass: messageClass, finding: finding);
        var helpdesk = Of("acme", Permission.QuarantineRelease, Permission.ContentRead);
        foreach (var caller in isAllowed ? [] : (Caller[])[helpdesk, Owner("info@acme.example")])
        {
            var problem = (await walls.Quarantine.ReleaseAsync(caller, "EVIL-EVIL", null, Cancelled)).Problem!;
            Assert.Equal(OperationFailure.Forbidden, problem.Failure);
            Assert.Contains("malwareRelease", problem.Detail, StringComparison.Ordinal);
            Assert.Equal(OperationFailure.Forbidden, (await walls.Quarantine.ForwardAsync(caller, "EVIL-EVIL", "lab@outside.example", "why", Cancelled)).Problem!.Failure);
        }

        Assert.Empty((await walls.Kept.FindAsync("EVIL-EVIL", Cancelled))!.ReleasedTo);
        var admin = isAllowed ? helpdesk : Of("acme", Permission.QuarantineRelease, Permission.MalwareRelease);
        Assert.Null((await walls.Quarantine.ReleaseAsync(admin, "EVIL-EVIL", null, Cancelled)).Problem);
    }

    [Theory]
    [InlineData(Role.Provider, true)]
    [InlineData(Role.Reseller, true)]
    [InlineData(Role.CustomerAdmin, true)]
    [InlineData(Role.Helpdesk, false)]
    [InlineData(Role.QuarantineManager, false)]
    [InlineData(Role.Auditor, false)]
    [InlineData(Role.MailboxUser, false)]
    public void Malware_is_released_by_administrators(Role role, bool may) =>
        Assert.Equal(may, Roles.PermissionsOf(role, isRoot: false).Contains(Permission.MalwareRelease));

    [Theory]
    [InlineData("ticket 12", null, Permission.ContentRead, Permission.QuarantineRelease)]
    [InlineData(null, "Invalid", Permission.ContentRead, Permission.QuarantineRelease)]
    [InlineData("ticket 12", "Forbidden", Permission.QuarantineRead, Permission.QuarantineRelease)]
    [InlineData("ticket 12", "Forbidden", Permission.ContentRead, Permission.QuarantineRead)]
    public async Task Forwarding_is_reading_and_releasing(string? reason, string? expected, Permission first, Permission second)
    {
        using var walls = new MailWalls(reasonRequired: true);
        await walls.KeepAsync("acme", "OWNO-OWNO", "info@acme.example");
        var outcome = await walls.Quarantine.ForwardAsync(Of("acme", first, second), "OWNO-OWNO", "lab@outside.example", reason, Cancelled);
        Assert.Equal(expected, outcome.Problem?.Failure.ToString());
        Assert.Equal(expected is null ? [("quarantine.forward", "ticket 12"), ("message.content", "ticket 12")] : [], (await walls.AuditedAsync()).Select(e => (e.Action, e.Reason)));
    }

    [Fact]
    public async Task The_owner_of_a_mailbox_sees_his_mail_and_not_who_else_got_it()
    {
        using var walls = new MailWalls(reasonRequired: true);
        await walls.KeepAsync("acme", "BOTH-BOTH", "info@acme.example,secret@acme.example");
        var owner = Owner("Info@acme.example");

        var record = (await walls.Messages.FindAsync(owner, "BOTH-BOTH", Cancelled)).Value!;
        Assert.Equal("info@acme.example", Assert.Single(record.Recipients).Address);
        Assert.Equal("info@acme.example", Assert.Single(record.Events).Recipient);
        var content = (await walls.Quarantine.ReadAsync(owner, "BOTH-BOTH", null, Cancelled)).Value!;
        Assert.Equal(["info@acme.example"], content.Entry.Recipients);
        Assert.Single(content.Entry.Message.Recipients);
        Assert.Equal("message.content", Assert.Single(await walls.AuditedAsync()).Action);
    }

    [Fact]
    public async Task The_owner_of_a_mailbox_releases_for_himself_only()
    {
        using var walls = new MailWalls();
        await walls.KeepAsync("acme", "BOTH-BOTH", "info@acme.example,secret@acme.example");
        var owner = Owner("info@acme.example");
        Assert.Equal(OperationFailure.Forbidden, (await walls.Quarantine.ForwardAsync(owner, "BOTH-BOTH", "lab@outside.example", "why", Cancelled)).Problem!.Failure);
        Assert.Equal(OperationFailure.Forbidden, (await walls.Quarantine.DeleteAsync(owner, "BOTH-BOTH", Cancelled)).Problem!.Failure);

        // The hold is about all recipients; that he may see the message elsewhere does not matter here.
        Assert.Equal(OperationFailure.NotFound, (await walls.Hold.ReleaseAsync(owner, "BOTH-BOTH", Cancelled)).Problem!.Failure);
        Assert.Equal("recipients", (await walls.Quarantine.ReleaseAsync(owner, "BOTH-BOTH", ["secret@acme.example"], Cancelled)).Problem!.Field);
        var released = await walls.Quarantine.ReleaseAsync(owner, "BOTH-BOTH", null, Cancelled);
        Assert.Equal("info@acme.example", Assert.Single(released.Value!.Recipients).Address);
        Assert.Equal(["info@acme.example"], (await walls.Kept.FindAsync("BOTH-BOTH", Cancelled))!.ReleasedTo);

        await walls.KeepAsync("acme", "ONLY-ONLY", "info@acme.example");
        Assert.Null((await walls.Quarantine.DeleteAsync(owner, "ONLY-ONLY", Cancelled)).Problem);
    }

    [Theory]
    [InlineData("acme", "info@acme.example", "other@acme.example", Direction.Inbound, false)]
    [InlineData("acme", "other@acme.example", "info@acme.example", Direction.Inbound, true)]
    [InlineData("acme", "info@acme.example", "client@outside.example", Direction.Outbound, true)]
    [InlineData("bolt", "me@sender.example", "info@acme.example", Direction.Outbound, false)]
    public async Task A_message_is_his_when_it_came_for_him_or_he_sent_it(string tenant, string sender, string recipient, Direction direction, bool isHis)
    {
        using var walls = new MailWalls();
        await walls.KeepAsync(tenant, "MAIL-MAIL", recipient, sender, direction);
        var outcome = await walls.Messages.FindAsync(Owner("info@acme.example", "rex"), "MAIL-MAIL", Cancelled);
        Assert.Equal(isHis, outcome.Problem is null);
    }

    [Fact]
    public async Task A_mailbox_in_a_domain_of_another_node_is_nobodys()
    {
        using var walls = new MailWalls();
        await walls.KeepAsync("bolt", "MAIL-MAIL", "info@bolt.example");
        Assert.NotNull((await walls.Messages.FindAsync(Owner("info@bolt.example", "acme"), "MAIL-MAIL", Cancelled)).Problem);
        Assert.Null((await walls.Messages.FindAsync(Owner("info@bolt.example", "rex"), "MAIL-MAIL", Cancelled)).Problem);
    }

    [Fact]
    public async Task Lists_are_asked_for_the_callers_tenants_only()
    {
        using var walls = new MailWalls();
        await walls.KeepAsync("acme", "ACME-ACME", "info@acme.example");
        await walls.KeepAsync("bolt", "BOLT-BOLT", "info@bolt.example");
        foreach (var (node, expected) in ((string, string[])[])[("acme", ["ACME-ACME"]), ("rex", ["BOLT-BOLT", "ACME-ACME"]), ("provider", ["BOLT-BOLT", "ACME-ACME"])])
        {
            var caller = Of(node, Permission.MessagesRead, Permission.QuarantineRead);
            Assert.Equal(expected, (await walls.Messages.SearchAsync(caller, new MessageQuery(), Cancelled)).Items.Select(r => r.Reference));
            Assert.Equal(expected, (await walls.Quarantine.ListAsync(caller, new QuarantineQuery(), Cancelled)).Items.Select(e => e.Reference));
        }

        Assert.Empty((await walls.Messages.SearchAsync(Of("acme", Permission.QueueRead), new MessageQuery(), Cancelled)).Items);
    }
}
