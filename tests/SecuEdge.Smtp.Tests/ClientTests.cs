using System.Text;
using SecuEdge.TestKit;

namespace SecuEdge.Smtp.Tests;

public sealed class ClientTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static readonly string[] TwoRecipients = ["a@example.net", "b@example.net"];

    /// <summary>With and without PIPELINING: the results must be the same.</summary>
    public static TheoryData<bool> Pipelining => [true, false];

    [Theory, MemberData(nameof(Pipelining))]
    public async Task A_message_arrives_byte_for_byte_behind_its_trace_headers(bool isPipelining)
    {
        await using var sink = Sink(isPipelining);
        await using var client = await ConnectAsync(sink);
        var result = await client.SendAsync(Message("Subject: x\r\n\r\n.\r\n..a\r\nMAIL FROM:<x>\r\n", TwoRecipients), Token);

        Assert.Equal([250, 250], result.Results.Select(r => r.Reply.Code));
        Assert.True(result.IsConnectionUsable);
        var taken = Assert.Single(sink.Messages);
        Assert.Equal("Received: trace\r\nSubject: x\r\n\r\n.\r\n..a\r\nMAIL FROM:<x>\r\n", Encoding.ASCII.GetString(taken.Bytes));
        Assert.Equal(("sender@example.org", "a@example.net,b@example.net"), (taken.ReversePath, string.Join(',', taken.Recipients)));
    }

    [Fact]
    public async Task A_body_without_a_last_line_end_gets_one()
    {
        await using var sink = new SmtpSink();
        await using var client = await ConnectAsync(sink);
        await client.SendAsync(Message("a\r\n\r\nlast"), Token);
        await client.SendAsync(Message(""), Token);

        Assert.Equal(["Received: trace\r\na\r\n\r\nlast\r\n", "Received: trace\r\n"], sink.Messages.Select(m => Encoding.ASCII.GetString(m.Bytes)));
    }

    [Fact]
    public async Task A_body_larger_than_every_buffer_arrives_byte_for_byte()
    {
        var random = new Random(7);
        var lines = Enumerable.Range(0, 60_000).Select(_ => new string('.', random.Next(0, 4)) + new string('x', random.Next(0, 70)));
        var body = string.Join("\r\n", lines) + "\r\n";
        await using var sink = new SmtpSink();
        await using var client = await ConnectAsync(sink);
        await client.SendAsync(Message(body), Token);

        Assert.Equal("Received: trace\r\n" + body, Encoding.ASCII.GetString(Assert.Single(sink.Messages).Bytes));
    }

    [Fact]
    public async Task Malformed_mail_arrives_byte_for_byte()
    {
        if (TestData.Find("eicar-mime") is not { } folder)
        {
            Assert.Skip("The sample folder eicar-mime is absent (see TestData)");
            return;
        }

        await using var sink = new SmtpSink();
        await using var client = await ConnectAsync(sink);
        foreach (var file in Directory.EnumerateFiles(folder, "*.eml", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            var bytes = await File.ReadAllBytesAsync(file, Token);
            var message = Message("") with { OpenBody = () => new MemoryStream(bytes), BodyBytes = bytes.Length, TraceHeaders = default };
            await client.SendAsync(message, Token);
            byte[] expected = bytes.AsSpan().EndsWith("\r\n"u8) ? bytes : [.. bytes, .. "\r\n"u8];
            Assert.True(expected.AsSpan().SequenceEqual(sink.Messages[^1].Bytes), Path.GetFileName(file));
        }

        Assert.InRange(sink.Messages.Count, 20, int.MaxValue);
    }

    [Fact]
    public async Task Several_messages_share_a_connection_without_RSET()
    {
        await using var sink = new SmtpSink();
        await using var client = await ConnectAsync(sink);
        for (var i = 0; i < 20; i++)
        {
            await client.SendAsync(Message("a\r\n"), Token);
        }

        Assert.Equal((20, 1), (sink.Messages.Count, sink.Connections));
        Assert.DoesNotContain("RSET", sink.Commands);
        Assert.True(client.IsAlive);
    }

    [Theory, MemberData(nameof(Pipelining))]
    public async Task Each_recipient_has_its_own_result(bool isPipelining)
    {
        await using var sink = Sink(isPipelining);
        sink.Script = c => c switch
        {
            { Verb: "RCPT" } when c.Argument.Contains("gone@", StringComparison.Ordinal) => SinkAnswer.Say("550 5.1.1 gone"),
            { Verb: "RCPT" } when c.Argument.Contains("full@", StringComparison.Ordinal) => SinkAnswer.Say("452 4.2.2 full"),
            { Verb: "RCPT" } when c.Argument.Contains("many@", StringComparison.Ordinal) => SinkAnswer.Say("552 5.5.3 too many"),
            _ => null,
        };
        await using var client = await ConnectAsync(sink);
        var result = await client.SendAsync(Message("a\r\n", "gone@x.example", "ok@x.example", "full@x.example", "many@x.example"), Token);

        Assert.Equal(["550 5.1.1 gone", "250 2.0.0 taken", "452 4.2.2 full", "452 4.5.3 too many"], result.Results.Select(r => r.Reply.ToString()));
        Assert.Equal([SmtpStage.Rcpt, SmtpStage.Data, SmtpStage.Rcpt, SmtpStage.Rcpt], result.Results.Select(r => r.Stage));
        Assert.Equal(["ok@x.example"], Assert.Single(sink.Messages).Recipients);
    }

    [Theory, MemberData(nameof(Pipelining))]
    public async Task The_reply_to_MAIL_counts_for_everyone_and_the_connection_goes_on(bool isPipelining)
    {
        await using var sink = Sink(isPipelining);
        sink.Script = c => c is { Verb: "MAIL", Message: 0 } && !sink.Commands.Contains("RSET") && sink.Commands.Count(l => l.StartsWith("MAIL", StringComparison.Ordinal)) == 1
            ? SinkAnswer.Say("451 4.7.1 greylisted") : null;
        await using var client = await ConnectAsync(sink);
        var first = await client.SendAsync(Message("a\r\n", TwoRecipients), Token);
        var second = await client.SendAsync(Message("b\r\n", TwoRecipients), Token);

        Assert.All(first.Results, r => Assert.Equal((451, SmtpStage.Mail), (r.Reply.Code, r.Stage)));
        Assert.All(second.Results, r => Assert.Equal(250, r.Reply.Code));
    }

    [Theory, MemberData(nameof(Pipelining))]
    public async Task A_transaction_left_open_is_reset_before_the_next(bool isPipelining)
    {
        await using var sink = Sink(isPipelining);
        sink.Script = c => c.Verb == "RCPT" && c.Argument.Contains("gone@", StringComparison.Ordinal) ? SinkAnswer.Say("550 5.1.1 gone") : null;
        await using var client = await ConnectAsync(sink);
        var first = await client.SendAsync(Message("a\r\n", "gone@x.example"), Token);
        var second = await client.SendAsync(Message("b\r\n", "ok@x.example"), Token);

        Assert.Equal((550, 250), (first.Results[0].Reply.Code, second.Results[0].Reply.Code));
        Assert.Contains("RSET", sink.Commands);
    }

    [Fact]
    public async Task An_answer_354_without_recipients_is_closed_with_an_empty_message()
    {
        await using var sink = new SmtpSink();
        sink.Script = c => c switch
        {
            { Verb: "RCPT", Argument: "TO:<gone@x.example>" } => SinkAnswer.Say("550 5.1.1 gone"),
            { Verb: "DATA" } => SinkAnswer.Say("354 odd"),
            { Verb: "BODY", Message: 0 } => SinkAnswer.Say("554 5.5.1 no recipients"),
            _ => null,
        };
        await using var client = await ConnectAsync(sink);
        var first = await client.SendAsync(Message("a\r\n", "gone@x.example"), Token);
        var second = await client.SendAsync(Message("b\r\n", "ok@x.example"), Token);

        Assert.Equal((550, 250), (first.Results[0].Reply.Code, second.Results[0].Reply.Code));
        Assert.Empty(sink.Attempts[0].Bytes);
        Assert.Equal("Received: trace\r\nb\r\n", Encoding.ASCII.GetString(Assert.Single(sink.Messages).Bytes));
    }

    [Fact]
    public async Task A_thousand_recipients_do_not_lock_the_pipeline()
    {
        var recipients = Enumerable.Range(0, 1000).Select(i => $"user{i}@x.example").ToArray();
        await using var sink = new SmtpSink();
        sink.Script = c => c.Verb == "RCPT" ? SinkAnswer.Say($"250 2.1.5 {new string('x', 400)}") : null;
        await using var client = await ConnectAsync(sink);
        var result = await client.SendAsync(Message("a\r\n", recipients), Token);

        Assert.All(result.Results, r => Assert.Equal(250, r.Reply.Code));
        Assert.Equal(recipients, Assert.Single(sink.Messages).Recipients);
    }

    /// <summary>Verb at which the connection is dropped, code of the result, and its words.</summary>
    public static TheoryData<string, int, string> Drops => new()
    {
        { "MAIL", 421, "at MAIL" },
        { "RCPT", 421, "at RCPT" },
        { "DATA", 421, "at DATA" },
        { "BODY", 451, "after the final dot; it may arrive twice" },
    };

    [Theory, MemberData(nameof(Drops))]
    public async Task A_dropped_connection_is_temporary_and_names_the_stage(string verb, int code, string words)
    {
        await using var sink = new SmtpSink { Script = c => c.Verb == verb ? SinkAnswer.Drop : null };
        await using var client = await ConnectAsync(sink);
        var result = await client.SendAsync(Message("a\r\n", TwoRecipients), Token);

        Assert.All(result.Results, r => Assert.Equal(code, r.Reply.Code));
        Assert.Contains(words, result.Results[0].Reply.Text, StringComparison.Ordinal);
        Assert.False(result.IsConnectionUsable);
        Assert.Equal(verb != "BODY", result.IsConnectionLost);
        Assert.False(client.IsAlive);
    }

    [Theory, MemberData(nameof(Drops))]
    public async Task A_silent_next_hop_is_given_up_after_the_time_limit(string verb, int code, string words)
    {
        await using var sink = new SmtpSink { Script = c => c.Verb == verb ? SinkAnswer.Silence : null };
        await using var client = await ConnectAsync(sink, new SmtpClientOptions
        {
            CommandTimeout = TimeSpan.FromMilliseconds(150),
            DataInitiationTimeout = TimeSpan.FromMilliseconds(150),
            DataTerminationTimeout = TimeSpan.FromMilliseconds(150),
        });
        var result = await client.SendAsync(Message("a\r\n"), Token);

        Assert.Equal(code, result.Results[0].Reply.Code);
        Assert.Contains(words, result.Results[0].Reply.Text, StringComparison.Ordinal);
        Assert.Contains("no reply for 150 ms", result.Results[0].Reply.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_drop_in_the_middle_of_the_body_is_temporary()
    {
        await using var sink = new SmtpSink { DropAfterBodyBytes = 100_000 };
        await using var client = await ConnectAsync(sink);
        var result = await client.SendAsync(Message(string.Concat(Enumerable.Repeat("0123456789\r\n", 2_000_000))), Token);

        Assert.True(result.Results[0].Reply.IsTransient);
        Assert.True(result.IsConnectionLost);
        Assert.Empty(sink.Attempts);
    }

    [Fact]
    public async Task Recipients_refused_before_the_drop_keep_their_answer()
    {
        await using var sink = new SmtpSink
        {
            Script = c => c.Verb switch
            {
                "RCPT" when c.Argument.Contains("gone@", StringComparison.Ordinal) => SinkAnswer.Say("550 5.1.1 gone"),
                "BODY" => SinkAnswer.Drop,
                _ => null,
            },
        };
        await using var client = await ConnectAsync(sink);
        var result = await client.SendAsync(Message("a\r\n", "gone@x.example", "ok@x.example"), Token);

        Assert.Equal([550, 451], result.Results.Select(r => r.Reply.Code));
    }

    [Fact]
    public async Task After_421_the_connection_is_not_used_again()
    {
        await using var sink = new SmtpSink { Script = c => c.Verb == "RCPT" ? SinkAnswer.Say("421 4.3.2 stopping") with { IsLast = true } : null };
        await using var client = await ConnectAsync(sink);
        var result = await client.SendAsync(Message("a\r\n"), Token);

        Assert.Equal("421 4.3.2 stopping", result.Results[0].Reply.ToString());
        Assert.False(result.IsConnectionUsable);
    }

    [Fact]
    public async Task Garbage_for_a_reply_is_temporary_and_ends_the_connection()
    {
        await using var sink = new SmtpSink { Script = c => c.Verb == "BODY" ? SinkAnswer.Say("<html>") : null };
        await using var client = await ConnectAsync(sink);
        var result = await client.SendAsync(Message("a\r\n"), Token);

        Assert.Equal(451, result.Results[0].Reply.Code);
        Assert.False(result.IsConnectionUsable);
    }

    [Fact]
    public async Task A_message_that_needs_SMTPUTF8_fails_for_good_where_it_is_not_offered()
    {
        await using var sink = new SmtpSink { Extensions = ["PIPELINING", "8BITMIME"] };
        await using var client = await ConnectAsync(sink);
        var byFlag = await client.SendAsync(Message("a\r\n") with { IsSmtpUtf8 = true }, Token);
        var byAddress = await client.SendAsync(Message("a\r\n", "usér@example.net"), Token);

        Assert.Equal("5.6.7", byFlag.Results[0].Reply.EnhancedCode);
        Assert.Equal("5.6.7", byAddress.Results[0].Reply.EnhancedCode);
        Assert.True(byFlag.IsConnectionUsable);
        Assert.DoesNotContain(sink.Commands, c => c.StartsWith("MAIL", StringComparison.Ordinal));
    }

    [Fact]
    public async Task SMTPUTF8_8BITMIME_and_SIZE_are_declared_where_offered()
    {
        await using var sink = new SmtpSink();
        await using var client = await ConnectAsync(sink);
        await client.SendAsync(Message("aé\r\n", "usér@exämple.net") with { IsSmtpUtf8 = true, Is8Bit = true }, Token);

        var taken = Assert.Single(sink.Messages);
        Assert.Equal("SIZE=22 BODY=8BITMIME SMTPUTF8", taken.MailParameters);
        Assert.Equal(["usér@exämple.net"], taken.Recipients);
    }

    [Fact]
    public async Task An_8_bit_message_goes_as_it_is_where_8BITMIME_is_not_offered()
    {
        await using var sink = new SmtpSink { Extensions = [] };
        await using var client = await ConnectAsync(sink);
        await client.SendAsync(Message("aé\r\n") with { Is8Bit = true }, Token);

        var taken = Assert.Single(sink.Messages);
        Assert.Equal("", taken.MailParameters);
        Assert.Equal("Received: trace\r\naé\r\n", Encoding.UTF8.GetString(taken.Bytes));
    }

    [Fact]
    public async Task A_message_over_the_announced_size_fails_without_being_sent()
    {
        await using var sink = new SmtpSink { Extensions = ["SIZE 10"] };
        await using var client = await ConnectAsync(sink);
        var result = await client.SendAsync(Message("a\r\n"), Token);

        Assert.Equal((552, "5.3.4"), (result.Results[0].Reply.Code, result.Results[0].Reply.EnhancedCode));
        Assert.Empty(sink.Attempts);
    }

    [Fact]
    public async Task An_unreadable_body_never_reaches_the_final_dot()
    {
        await using var sink = new SmtpSink();
        await using var client = await ConnectAsync(sink);
        var result = await client.SendAsync(Message("a\r\n") with { OpenBody = () => new BrokenStream() }, Token);

        Assert.Equal((451, "4.3.0"), (result.Results[0].Reply.Code, result.Results[0].Reply.EnhancedCode));
        Assert.False(result.IsConnectionLost);
        Assert.False(client.IsAlive);
        await client.DisposeAsync();
        await sink.DisposeAsync();
        Assert.Empty(sink.Attempts);
    }

    [Fact]
    public async Task Cancellation_is_not_a_result()
    {
        using var cancel = new CancellationTokenSource();
        await using var sink = new SmtpSink();
        sink.Script = c =>
        {
            if (c.Verb == "MAIL")
            {
                cancel.Cancel();
                return SinkAnswer.Silence;
            }

            return null;
        };
        await using var client = await ConnectAsync(sink);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.SendAsync(Message("a\r\n"), cancel.Token));
        Assert.False(client.IsAlive);
    }

    [Fact]
    public async Task A_connection_that_the_next_hop_closed_meanwhile_is_not_alive()
    {
        await using var sink = new SmtpSink { Script = c => c.Verb == "BODY" ? SinkAnswer.Say("250 2.0.0 taken") with { IsLast = true } : null };
        await using var client = await ConnectAsync(sink);
        await client.SendAsync(Message("a\r\n"), Token);
        await sink.DisposeAsync();

        Assert.False(client.IsAlive);
    }

    private static SmtpSink Sink(bool isPipelining) => isPipelining ? new SmtpSink() : new SmtpSink { Extensions = ["8BITMIME"] };

    internal static async Task<SmtpClient> ConnectAsync(SmtpSink sink, SmtpClientOptions? options = null)
    {
        options ??= new SmtpClientOptions();
        options.Hostname = "test.example";
        var connected = await new SmtpClientConnector(options, TimeProvider.System).ConnectAsync(sink.Endpoint, "sink.example", Token);
        Assert.True(connected.Client is not null, connected.Reply.ToString());
        return connected.Client!;
    }

    internal static OutgoingMessage Message(string body, params string[] recipients)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        return new OutgoingMessage
        {
            ReversePath = AddressOf("sender@example.org"),
            Recipients = [.. (recipients.Length == 0 ? ["a@example.net"] : recipients).Select(AddressOf)],
            TraceHeaders = "Received: trace\r\n"u8.ToArray(),
            OpenBody = () => new MemoryStream(bytes),
            BodyBytes = bytes.Length,
            Is8Bit = false,
            IsSmtpUtf8 = false,
        };
    }

    private static MailPath AddressOf(string address)
    {
        Assert.True(MailPath.TryParse(address, out var path));
        return path;
    }

    private sealed class BrokenStream : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => throw new IOException("disk");
    }
}
