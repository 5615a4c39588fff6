using SecuEdge.Smtp.Tests.Fakes;

namespace SecuEdge.Smtp.Tests;

/// <summary>However a session ends: the gateway is told once, and no body stays open or counts as received.</summary>
public sealed class SessionEndTests
{
    /// <summary>What the client has said when it goes away.</summary>
    public static TheoryData<string> States => new()
    {
        "",
        "EHLO cl",
        "EHLO client.example.net\r\n",
        "EHLO client.example.net\r\nMAIL FROM:<a@example.net>\r\n",
        "EHLO client.example.net\r\nMAIL FROM:<a@example.net>\r\nRCPT TO:<b@example.org>\r\n",
        "EHLO client.example.net\r\nMAIL FROM:<a@example.net>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n",
        "EHLO client.example.net\r\nMAIL FROM:<a@example.net>\r\nRCPT TO:<b@example.org>\r\nDATA\r\nSubject: x\r\n\r\nhalf a li",
        "EHLO client.example.net\r\nMAIL FROM:<a@example.net>\r\nRCPT TO:<b@example.org>\r\nDATA\r\nSubject: x\r\n\r\nbody\r\n.\r",
    };

    [Theory]
    [MemberData(nameof(States))]
    public async Task A_client_that_closes_leaves_nothing_behind(string said)
    {
        await using var session = await TestSession.StartAsync();
        await session.Client.SendAsync(said);
        await session.Client.CloseAsync();
        await session.EndAsync();
        AssertNothingIsLeft(session);
    }

    [Theory]
    [MemberData(nameof(States))]
    public async Task A_connection_that_breaks_leaves_nothing_behind(string said)
    {
        await using var session = await TestSession.StartAsync();
        await session.Client.SendAsync(said);
        await session.BreakAsync();
        await session.EndAsync();
        AssertNothingIsLeft(session);
    }

    [Fact]
    public async Task A_client_that_closes_its_side_after_the_message_still_gets_the_reply()
    {
        await using var session = await TestSession.StartAsync();
        await session.Client.SendLinesAsync("HELO client", "MAIL FROM:<a@example.net>", "RCPT TO:<b@example.org>", "DATA", "hi", ".");
        await session.Client.CloseAsync();
        var replies = await session.Client.ReadToEndAsync();
        Assert.Equal("250 2.0.0 OK", replies[^1]);
        Assert.Single(session.Gateway.Messages);
    }

    [Fact]
    public async Task A_stopping_server_says_so_between_commands()
    {
        await using var session = await TestSession.StartAsync();
        await session.Client.SayAsync("HELO client", "MAIL FROM:<a@example.net>");
        await session.StopAsync();
        Assert.StartsWith("421 4.3.2 ", await session.Client.ReadReplyAsync(), StringComparison.Ordinal);
        Assert.Null(await session.Client.ReadReplyAsync());
        await session.EndAsync();
    }

    [Fact]
    public async Task A_stopping_server_finishes_the_message_on_its_way()
    {
        await using var session = await TestSession.StartAsync();
        await session.Client.SayAsync("HELO client", "MAIL FROM:<a@example.net>", "RCPT TO:<b@example.org>", "DATA");
        await session.Client.SendLinesAsync("first half");
        await session.StopAsync();
        await session.Client.SendLinesAsync("second half", ".", "MAIL FROM:<a@example.net>");
        Assert.Equal("250 2.0.0 OK", await session.Client.ReadReplyAsync());
        Assert.StartsWith("421 4.3.2 ", await session.Client.ReadReplyAsync(), StringComparison.Ordinal);
        Assert.Null(await session.Client.ReadReplyAsync());
        Assert.Single(session.Gateway.Messages);
    }

    [Fact]
    public async Task A_server_out_of_patience_cancels_the_work_of_the_gateway()
    {
        await using var session = await TestSession.StartAsync();
        session.Gateway.CompletionGate = new TaskCompletionSource().Task;
        await session.Client.SayAsync("HELO client", "MAIL FROM:<a@example.net>", "RCPT TO:<b@example.org>", "DATA");
        await session.Client.SendLinesAsync("hi", ".");
        await session.StopAsync();
        await session.AbortAsync();
        await session.EndAsync();
        AssertNothingIsLeft(session);
    }

    [Fact]
    public async Task A_refused_connection_gets_the_reason_and_no_greeting()
    {
        var gateway = new ScriptedGateway { ConnectReply = new SmtpReply(554, "5.7.1", "Not from there", Close: true) };
        await using var session = new TestSession(gateway);
        Assert.Equal(["554 5.7.1 Not from there"], await session.Client.ReadToEndAsync());
    }

    [Fact]
    public async Task A_gateway_that_fails_at_connect_sends_the_client_away_for_now()
    {
        await using var session = new TestSession(new ScriptedGateway { ConnectException = new InvalidOperationException("bug") });
        Assert.StartsWith("421 4.3.0 ", Assert.Single(await session.Client.ReadToEndAsync()), StringComparison.Ordinal);
        await session.EndAsync();
        AssertNothingIsLeft(session);
    }

    [Fact]
    public async Task A_refused_HELO_leaves_the_session_ungreeted()
    {
        await using var session = await TestSession.StartAsync();
        session.Gateway.HelloReply = new SmtpReply(550, "5.7.1", "Not you");
        Assert.Equal("550 5.7.1 Not you", await session.Client.SayAsync("HELO client"));
        Assert.StartsWith("503 ", await session.Client.SayAsync("MAIL FROM:<a@example.net>"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_speaks_before_the_greeting_is_refused()
    {
        await using var session = new TestSession(earlyBytes: "EHLO client.example.net\r\n");
        Assert.StartsWith("521 5.5.1 ", Assert.Single(await session.Client.ReadToEndAsync()), StringComparison.Ordinal);
        Assert.Equal(SmtpStage.Connect, Assert.Single(session.Gateway.Refusals).Stage);
    }

    [Fact]
    public async Task Early_talkers_may_be_let_in()
    {
        var options = TestSession.Options();
        options.RefuseEarlyTalkers = false;
        await using var session = new TestSession(options: options, earlyBytes: "HELO client.example.net\r\n");
        Assert.StartsWith("220 ", await session.Client.ReadReplyAsync(), StringComparison.Ordinal);
        Assert.StartsWith("250 ", await session.Client.ReadReplyAsync(), StringComparison.Ordinal);
    }

    private static void AssertNothingIsLeft(TestSession session)
    {
        Assert.Empty(session.Gateway.Messages);
        Assert.Equal(0, session.Gateway.OpenBodies);
        Assert.Equal(1, session.Gateway.Disconnects);
    }
}
