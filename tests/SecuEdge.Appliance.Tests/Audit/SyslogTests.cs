using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging.Abstractions;
using SecuEdge.Appliance.Audit;
using SecuEdge.Smtp;
using SecuEdge.Store;
using SecuEdge.Store.Audit;
using SecuEdge.TestKit;

namespace SecuEdge.Appliance.Tests.Audit;

public sealed partial class SyslogTests : IDisposable
{
    private readonly TempFolder _folder = new(inMemory: true);
    private readonly MemoryStateFiles _state = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string, AuditEntry, string> Messages => new()
    {
        {
            "ordinary",
            Entry(7) with { Tenant = "acme", Reason = "asked for by phone", Hash = "cd", PreviousHash = "ab" },
            "<109>1 2026-11-20T12:00:00.000000Z mx.example secuedge - quarantine.release [secuedge@32473 number=\"7\" actor=\"user\" tenant=\"acme\" target=\"7K2F-9QXM\" reason=\"asked for by phone\" succeeded=\"true\" previousHash=\"ab\" hash=\"cd\"] \uFEFFReleased"
        },
        {
            "refused, with all that must be escaped",
            Entry(8) with { Succeeded = false, Target = "a\"b\\c]d\ne", Detail = "two\r\nlines é", Action = "strange action" },
            "<108>1 2026-11-20T12:00:00.000000Z mx.example secuedge - strange_action [secuedge@32473 number=\"8\" actor=\"user\" target=\"a\\\"b\\\\c\\]d e\" succeeded=\"false\"] \uFEFFtwo  lines é"
        },
        {
            "hardly anything",
            new AuditEntry { Number = 1, At = Entry(1).At, Actor = "", Action = "" },
            "<109>1 2026-11-20T12:00:00.000000Z mx.example secuedge - - [secuedge@32473 number=\"1\" succeeded=\"true\"] \uFEFF"
        },
    };

    [Theory]
    [MemberData(nameof(Messages))]
    public void Entries_become_syslog_messages(string what, AuditEntry entry, string expected)
    {
        Assert.True(expected == SyslogMessage.Text(entry, "mx.example"), $"{what}: {SyslogMessage.Text(entry, "mx.example")}");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Every_entry_arrives_in_order(bool isTls)
    {
        await using var sink = new SyslogSink(isTls);
        await using var log = await FilledAsync(1200);
        await using (await ForwardAsync(log, sink, isTls))
        {
            await RunningGateway.EventuallyAsync(() => Task.FromResult(sink.Messages.Count == 1200));
            await log.AppendAsync(Entry(0), Cancellation);
            await RunningGateway.EventuallyAsync(() => Task.FromResult(sink.Messages.Count == 1201));
        }

        Assert.Equal(Enumerable.Range(1, 1201), sink.Messages.Select(Number));
    }

    [Fact]
    public async Task A_collector_that_hangs_up_in_the_middle_gets_everything_in_the_end()
    {
        await using var sink = new SyslogSink(isTls: true);
        sink.HangUpAfter(137);
        await using var log = await FilledAsync(900);
        // Nothing counts as arrived before it hangs up, however slow this machine is.
        await using (await ForwardAsync(log, sink, isTls: true, settleTime: TimeSpan.FromHours(1)))
        {
            await RunningGateway.EventuallyAsync(() => Task.FromResult(sink.Messages.Select(Number).Distinct().Count() == 900));
        }

        Assert.True(sink.Connections > 1);
    }

    [Fact]
    public async Task What_nobody_acknowledged_is_sent_again_however_long_the_connection_stood()
    {
        await using var sink = new SyslogSink(isTls: false, isDeaf: true);
        await using var log = await FilledAsync(300);
        await using (await ForwardAsync(log, sink, isTls: false))
        {
            await RunningGateway.EventuallyAsync(() => Task.FromResult(sink.Connections > 0));

            // Fifteen times what is waited for a connection that stands: nothing else shows that an entry is not taken for received.
            await Task.Delay(TimeSpan.FromSeconds(1.5), Cancellation);
            sink.EndDeafness();
            await RunningGateway.EventuallyAsync(() => Task.FromResult(sink.Messages.Count == 300));
        }

        Assert.Equal(Enumerable.Range(1, 300), sink.Messages.Select(Number));
    }

    [Fact]
    public async Task An_authority_that_cannot_be_read_for_a_while_does_not_end_it()
    {
        await using var sink = new SyslogSink(isTls: true);
        await using var log = await FilledAsync(3);
        await using (await ForwardAsync(log, sink, isTls: true, authority: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"))
        {
            await RunningGateway.EventuallyAsync(() => Task.FromResult(sink.Connections > 0));
            await File.WriteAllTextAsync(AuthorityFile, sink.Pem, Cancellation);
            await RunningGateway.EventuallyAsync(() => Task.FromResult(sink.Messages.Count == 3));
        }
    }

    [Fact]
    public async Task After_a_restart_it_goes_on_where_it_was()
    {
        await using var log = await FilledAsync(10);
        await using (var sink = new SyslogSink(isTls: true))
        {
            await using var forwarder = await ForwardAsync(log, sink, isTls: true);
            await RunningGateway.EventuallyAsync(() => Task.FromResult(sink.Messages.Count == 10 && _state.Read("audit-syslog") is not null));
        }

        await log.AppendAsync(Entry(0), Cancellation);
        await using var next = new SyslogSink(isTls: true);
        await using (await ForwardAsync(log, next, isTls: true))
        {
            await RunningGateway.EventuallyAsync(() => Task.FromResult(next.Messages.Select(Number).Contains(11)));
        }

        Assert.Equal([11], next.Messages.Select(Number));
    }

    [Fact]
    public async Task A_collector_that_nobody_vouches_for_gets_nothing()
    {
        await using var sink = new SyslogSink(isTls: true);
        await using var log = await FilledAsync(3);
        await using (await ForwardAsync(log, sink, isTls: true, trusts: false))
        {
            await RunningGateway.EventuallyAsync(() => Task.FromResult(sink.Connections > 0));
            await log.AppendAsync(Entry(0), Cancellation);
        }

        Assert.Empty(sink.Messages);
    }

    public void Dispose() => _folder.Dispose();

    [GeneratedRegex("number=\"([0-9]+)\"")]
    private static partial Regex NumberPattern { get; }

    private string AuthorityFile => Path.Combine(_folder.Path, "authority.pem");

    private static int Number(string message) => int.Parse(NumberPattern.Match(message).Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);

    private static AuditEntry Entry(int number) => new()
    {
        Number = number,
        At = new DateTimeOffset(2026, 11, 20, 12, 0, 0, TimeSpan.Zero),
        Actor = "user",
        Action = "quarantine.release",
        Target = "7K2F-9QXM",
        Detail = "Released",
    };

    private async Task<AuditLog> FilledAsync(int count)
    {
        var log = await AuditLog.OpenAsync(new StoreOptions { DataFolder = _folder.Path }, TimeProvider.System, NullLogger.Instance, Cancellation);
        await Task.WhenAll(Enumerable.Range(0, count).Select(_ => log.AppendAsync(Entry(0), Cancellation)));
        return log;
    }

    private async Task<Running> ForwardAsync(AuditLog log, SyslogSink sink, bool isTls, bool trusts = true, string? authority = null, TimeSpan? settleTime = null)
    {
        await File.WriteAllTextAsync(AuthorityFile, authority ?? sink.Pem, Cancellation);
        var options = new SyslogOptions
        {
            Endpoint = sink.Endpoint,
            Tls = isTls,
            AuthorityFile = trusts ? AuthorityFile : "",
            SettleTime = settleTime ?? TimeSpan.FromMilliseconds(100),
        };
        var forwarder = new SyslogForwarder(log, options, new SmtpServerOptions { Hostname = "mx.example" }, _state, TimeProvider.System, NullLogger<SyslogForwarder>.Instance);
        await forwarder.StartAsync(Cancellation);
        return new Running(forwarder);
    }

    private sealed class Running(SyslogForwarder forwarder) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await forwarder.StopAsync(Cancellation);
            forwarder.Dispose();
        }
    }
}
