using Microsoft.Extensions.Time.Testing;
using SecuEdge.Smtp.Tests.Fakes;

namespace SecuEdge.Smtp.Tests;

public sealed class TimeLimitTests
{
    private readonly FakeTimeProvider time = new();
    private readonly SmtpServerOptions options = TestSession.Options();

    [Fact]
    public async Task An_idle_client_is_sent_away_and_told_so()
    {
        await using var session = await TestSession.StartAsync(options, time);
        await PassAsync(session, options.CommandTimeout);
        Assert.StartsWith("421 4.4.2 ", Assert.Single(await session.Client.ReadToEndAsync()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_command_has_the_whole_time()
    {
        await using var session = await TestSession.StartAsync(options, time);
        for (var round = 0; round < 5; round++)
        {
            await PassAsync(session, options.CommandTimeout * 0.9);
            Assert.Equal("250 2.0.0 OK", await session.Client.SayAsync("NOOP"));
        }
    }

    [Fact]
    public async Task Dripping_bytes_do_not_extend_the_time_of_a_command()
    {
        await using var session = await TestSession.StartAsync(options, time);
        await session.Client.SendAsync("NO");
        await PassAsync(session, options.CommandTimeout * 0.6);
        await session.Client.SendAsync("OP");
        await PassAsync(session, options.CommandTimeout * 0.6);
        Assert.StartsWith("421 4.4.2 ", Assert.Single(await session.Client.ReadToEndAsync()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_that_stalls_is_dropped()
    {
        await using var session = await InDataAsync();
        await session.Client.SendLinesAsync("begin");
        await PassAsync(session, options.DataBlockTimeout);
        Assert.StartsWith("421 4.4.2 ", Assert.Single(await session.Client.ReadToEndAsync()), StringComparison.Ordinal);
        await session.EndAsync();
        Assert.Equal(1, session.Gateway.AbandonedBodies);
        Assert.Empty(session.Gateway.Messages);
    }

    [Fact]
    public async Task A_message_that_drips_in_is_dropped_after_the_time_for_all_of_it()
    {
        await using var session = await InDataAsync();
        var passed = TimeSpan.Zero;
        while (passed < options.DataTimeout)
        {
            await session.Client.SendLinesAsync("drip");
            await PassAsync(session, options.DataBlockTimeout * 0.9);
            passed += options.DataBlockTimeout * 0.9;
        }

        Assert.StartsWith("421 4.4.2 ", Assert.Single(await session.Client.ReadToEndAsync()), StringComparison.Ordinal);
        await session.EndAsync();
        Assert.Equal(1, session.Gateway.AbandonedBodies);
    }

    [Fact]
    public async Task The_time_the_gateway_needs_is_not_the_clients()
    {
        await using var session = await InDataAsync();
        var gate = new TaskCompletionSource();
        session.Gateway.CompletionGate = gate.Task;
        await session.Client.SendLinesAsync("hi", ".");
        time.Advance(TimeSpan.FromHours(1));
        gate.SetResult();
        Assert.Equal("250 2.0.0 OK", await session.Client.ReadReplyAsync());
        Assert.Equal("250 2.0.0 OK", await session.Client.SayAsync("NOOP"));
    }

    [Fact]
    public async Task A_client_that_never_reads_is_given_up()
    {
        options.MaxIdleCommands = 1_000_000;
        await using var session = await TestSession.StartAsync(options, time);
        var flood = session.Client.SendAsync(string.Concat(Enumerable.Repeat("HELP\r\n", 5_000)));
        var end = session.EndAsync();
        while (!end.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(10));
            await Task.Yield();
        }

        await end;
        await flood;
        Assert.Equal(1, session.Gateway.Disconnects);
    }

    [Fact]
    public async Task A_greeting_held_back_catches_who_speaks_meanwhile()
    {
        options.GreetingDelay = TimeSpan.FromSeconds(6);
        await using var session = new TestSession(options: options, time: time);
        var early = session.Client.SendLinesAsync("EHLO client.example.net");
        var reply = session.Client.ReadReplyAsync();
        while (!reply.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.StartsWith("521 5.5.1 ", await reply, StringComparison.Ordinal);
        await early;
    }

    private async Task PassAsync(TestSession session, TimeSpan span)
    {
        await session.Waiting;
        time.Advance(span);
    }

    private async Task<TestSession> InDataAsync()
    {
        var session = await TestSession.StartAsync(options, time);
        Assert.StartsWith("354", await session.Client.SayAsync("HELO client", "MAIL FROM:<a@example.net>", "RCPT TO:<b@example.org>", "DATA"), StringComparison.Ordinal);
        return session;
    }
}
