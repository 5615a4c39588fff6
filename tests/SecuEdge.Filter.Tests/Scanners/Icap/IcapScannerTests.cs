using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using SecuEdge.Content;
using SecuEdge.Filter.Scanners;
using SecuEdge.TestKit;

namespace SecuEdge.Filter.Tests.Scanners.Icap;

public sealed class IcapScannerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(IcapMethod.Respmod, 0)]
    [InlineData(IcapMethod.Respmod, 1024)]
    [InlineData(IcapMethod.Reqmod, 0)]
    [InlineData(IcapMethod.Reqmod, 1024)]
    public async Task A_file_of_any_size_arrives_as_it_is_and_is_judged(IcapMethod method, int preview)
    {
        await using var service = new FakeIcap();
        await using var scanner = await ReadyAsync(service, options =>
        {
            options.Method = method;
            options.PreviewBytes = preview;
        });
        foreach (var size in new[] { 0, 1, 100, 1023, 1024, 1025, 65_535, 65_536, 65_537, 300_000 })
        {
            foreach (var isEvil in new[] { false, true })
            {
                byte[] content = [.. Bytes(size), .. isEvil ? FakeClamd.Eicar : []];
                var result = await scanner.ScanAsync(Target(content), Token);

                Assert.Equal(isEvil ? new ScanResult.Infected("Eicar-Test") : new ScanResult.Clean(), result);
                Assert.Equal(content, service.Requests[^1].Body);
            }
        }

        // One for the questions, one for the test file and all scans.
        Assert.Equal(2, service.Sessions);
    }

    [Fact]
    public async Task The_service_sees_name_and_type_and_neither_carries_what_the_mail_would_like_to_say()
    {
        await using var service = new FakeIcap();
        await using var scanner = await ReadyAsync(service);
        var part = Facts.Part("1.2", [1], "räk\u0000ning\r\nX: y.zip", type: "application/zip");

        await scanner.ScanAsync(new ScanTarget { Bytes = part.Content!, Part = part }, Token);
        await scanner.ScanAsync(Target([2]), Token);

        Assert.Equal(
            "GET http://mail.invalid/r%C3%A4k%00ning%0D%0AX%3A%20y.zip HTTP/1.1\r\nHost: mail.invalid\r\n\r\n"
            + "HTTP/1.1 200 OK\r\nContent-Type: application/zip\r\nContent-Length: 1\r\n\r\n",
            service.Requests[^2].Http);
        Assert.Contains("/message.eml HTTP/1.1", service.Requests[^1].Http, StringComparison.Ordinal);
        Assert.Contains("Content-Type: message/rfc822", service.Requests[^1].Http, StringComparison.Ordinal);
        Assert.Contains("Allow: 204\r\n", service.Requests[^1].Head, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_cut_through_a_character_is_still_a_name()
    {
        await using var service = new FakeIcap();
        await using var scanner = await ReadyAsync(service);
        var part = Facts.Part("1", [1], string.Concat(Enumerable.Repeat("😀", 50)) + "\uD83Dabc.zip");

        Assert.Equal(new ScanResult.Clean(), await scanner.ScanAsync(new ScanTarget { Bytes = part.Content!, Part = part }, Token));
        Assert.EndsWith("abc.zip", service.Requests[^1].Http.Split(' ')[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_comes_back_while_it_is_sent_is_compared()
    {
        await using var service = new FakeIcap { Behaviour = FakeIcapBehaviour.Echo };
        await using var scanner = Scanner(service);

        Assert.Equal(new ScanResult.Clean(), await scanner.ScanAsync(Target(Bytes(5_000_000)), Token));
        Assert.Equal(
            new ScanResult.Infected("blocked without a name (content replaced)"),
            await scanner.ScanAsync(Target([.. Bytes(3_000_000), .. FakeClamd.Eicar, .. Bytes(70_000)]), Token));
        Assert.Equal(1, service.Sessions);
    }

    [Theory]
    [InlineData("ICAP/1.0 204 OK\r\n", "the service closed the connection during the scan")]
    [InlineData("", "the service closed the connection during the scan")]
    [InlineData("HTTP/1.1 400 Bad Request\r\n\r\n", "the service speaks HTTP, not ICAP")]
    [InlineData("garbage\r\n\r\n", "the service gave an answer that cannot be understood: \"garbage\"")]
    [InlineData("ICAP/1.0 100 Continue\r\n\r\n", "the service asks to continue where nothing is held back")]
    [InlineData("ICAP/1.0 200 OK\r\nEncapsulated: res-hdr=0, res-body=19\r\n\r\nHTTP/1.1 200 OK\r\n\r\nzz\r\n", "the service sent a chunk without a size")]
    [InlineData("ICAP/1.0 200 OK\r\nEncapsulated: res-hdr=0, res-body=19\r\n\r\nHTTP/1.1 200 OK\r\n\r\n2\r\nabc\r\n", "the service sent a chunk that is longer than it says")]
    [InlineData("ICAP/1.0 200 OK\r\nEncapsulated: res-hdr=0, res-body=19\r\n\r\nHTTP/1.1 200 OK\r\n\r\n5\r\nabc", "the service closed the connection during the scan")]
    [InlineData("ICAP/1.0 200 OK\r\nEncapsulated: res-hdr=0, res-body=99\r\n\r\nHTTP/1.1 200 OK\r\n\r\n0\r\n\r\n", "the service closed the connection during the scan")]
    [InlineData("ICAP/1.0 200 OK\r\nEncapsulated: res-hdr=0, res-body=999999999\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", "the service announces a head that is too long")]
    [InlineData("ICAP/1.0 200 OK\r\nEncapsulated: res-hdr=0, res-body=5\r\n\r\nHTTP/1.1 200 OK\r\n\r\n0\r\n\r\n", "the service encapsulates something that is no HTTP")]
    public async Task An_answer_that_makes_no_sense_is_a_failure(string answer, string expected)
    {
        await using var service = new FakeIcap { Answer = _ => answer };
        await using var scanner = Scanner(service);

        var failed = Assert.IsType<ScanResult.Failed>(await scanner.ScanAsync(Target(Bytes(100)), Token));

        Assert.Equal(expected, failed.Why);
        Assert.False(failed.IsTimeout);
    }

    [Fact]
    public async Task Endless_answers_end()
    {
        await using var service = new FakeIcap { Answer = _ => "ICAP/1.0 200 OK\r\n" + string.Concat(Enumerable.Repeat("X-A: b\r\n", 20_000)) };
        await using var scanner = Scanner(service);
        Assert.Equal(new ScanResult.Failed("the service sent an endless head"), await scanner.ScanAsync(Target([1]), Token));

        service.Answer = _ => "ICAP/1.0 200 OK\r\nEncapsulated: res-hdr=0, res-body=19\r\n\r\nHTTP/1.1 200 OK\r\n\r\n" + new string('1', 20_000);
        Assert.Equal(new ScanResult.Failed("the service sent an endless line"), await scanner.ScanAsync(Target([1]), Token));

        var page = string.Concat(Enumerable.Repeat("10000\r\n" + new string('x', 65_536) + "\r\n", 100));
        service.Answer = _ => "ICAP/1.0 200 OK\r\nEncapsulated: res-hdr=0, res-body=19\r\n\r\nHTTP/1.1 200 OK\r\n\r\n" + page;
        Assert.IsType<ScanResult.Infected>(await scanner.ScanAsync(Target([1]), Token));
    }

    [Theory]
    [InlineData(FakeIcapBehaviour.Hang, 100, true)]
    [InlineData(FakeIcapBehaviour.Hang, 20_000_000, true)]
    [InlineData(FakeIcapBehaviour.HangUp, 100, false)]
    [InlineData(FakeIcapBehaviour.AnswerEarly, 20_000_000, false)]
    public async Task A_service_that_does_not_do_its_work_fails_in_time(FakeIcapBehaviour behaviour, int size, bool isTimeout)
    {
        await using var service = new FakeIcap { Behaviour = behaviour };
        await using var scanner = Scanner(service, options => options.ScanTimeout = TimeSpan.FromSeconds(1));

        var failed = Assert.IsType<ScanResult.Failed>(await scanner.ScanAsync(Target(Bytes(size)), Token));

        Assert.Equal(isTimeout, failed.IsTimeout);
        service.Behaviour = FakeIcapBehaviour.Answer;
        Assert.Equal(new ScanResult.Clean(), await scanner.ScanAsync(Target([1]), Token));
    }

    [Fact]
    public async Task A_preview_that_is_enough_ends_the_scan()
    {
        await using var service = new FakeIcap { Behaviour = FakeIcapBehaviour.AnswerPreview };
        await using var scanner = await ReadyAsync(service, options => options.PreviewBytes = 4096);

        Assert.Equal(new ScanResult.Clean(), await scanner.ScanAsync(Target(Bytes(100_000)), Token));
        Assert.Equal(new ScanResult.Infected("Eicar-Test"), await scanner.ScanAsync(Target([.. FakeClamd.Eicar, .. Bytes(100_000)]), Token));
        // The smaller of what both sides want.
        Assert.All(service.Requests.Where(request => request.IsPreviewOnly), request => Assert.Equal(1024, request.Body.Length));
        Assert.Equal(2, service.Requests.Count(request => request.IsPreviewOnly));
    }

    [Fact]
    public async Task A_connection_that_ended_meanwhile_is_replaced()
    {
        await using var service = new FakeIcap { ClosesAfterAnswer = true };
        await using var scanner = Scanner(service);

        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(new ScanResult.Clean(), await scanner.ScanAsync(Target(Bytes(i)), Token));
        }
    }

    [Fact]
    public async Task A_restarted_service_is_used_again_by_the_next_scan()
    {
        await using var service = new FakeIcap();
        await using var scanner = Scanner(service);
        Assert.Equal(new ScanResult.Clean(), await scanner.ScanAsync(Target([1]), Token));

        await service.StopAsync();
        Assert.Equal(new ScanResult.Failed("the service is not listening"), await scanner.ScanAsync(Target([1]), Token));

        service.Start();
        Assert.Equal(new ScanResult.Clean(), await scanner.ScanAsync(Target([1]), Token));
    }

    [Fact]
    public async Task A_slow_service_is_waited_for()
    {
        await using var service = new FakeIcap { IsSlow = true };
        await using var scanner = Scanner(service);

        Assert.Equal(new ScanResult.Clean(), await scanner.ScanAsync(Target(Bytes(5)), Token));
        Assert.Equal(new ScanResult.Infected("Eicar-Test"), await scanner.ScanAsync(Target(FakeClamd.Eicar), Token));
    }

    [Fact]
    public async Task What_is_larger_than_the_limit_is_reported_as_unscanned_without_being_sent()
    {
        await using var service = new FakeIcap();
        await using var scanner = Scanner(service, options => options.MaxBytes = 1024);

        var result = Assert.IsType<ScanResult.Heuristic>(await scanner.ScanAsync(Target(Bytes(1025)), Token));

        Assert.Equal(HeuristicKind.LimitsExceeded, result.Kind);
        Assert.Equal(0, service.Sessions);
    }

    [Fact]
    public async Task A_file_that_is_gone_is_a_failure_of_the_scan()
    {
        await using var service = new FakeIcap();
        await using var scanner = Scanner(service);
        var missing = new FileBytes(Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString()));

        Assert.Equal(new ScanResult.Failed("the file to scan cannot be read"), await scanner.ScanAsync(new ScanTarget { Bytes = missing }, Token));
    }

    [Fact]
    public async Task Cancelling_ends_the_scan_at_once()
    {
        await using var service = new FakeIcap { Behaviour = FakeIcapBehaviour.Hang };
        await using var scanner = Scanner(service);
        using var cancel = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => scanner.ScanAsync(Target([1]), cancel.Token));
    }

    [Fact]
    public async Task Status_tells_service_and_tag_and_that_the_test_file_was_found()
    {
        await using var service = new FakeIcap();
        await using var scanner = await ReadyAsync(service);

        Assert.Equal(new ScannerStatus(true, "Fake/1.0/tag-1", null, ""), scanner.Status);
        Assert.Single(service.Requests);
        await scanner.RefreshStatusAsync(Token);
        // Tested once for each version.
        Assert.Single(service.Requests);

        service.Options = service.Options.Replace("tag-1", "tag-2", StringComparison.Ordinal);
        await scanner.RefreshStatusAsync(Token);

        Assert.Equal("Fake/1.0/tag-2", scanner.Status.Version);
        Assert.Equal(2, service.Requests.Count);
    }

    [Fact]
    public async Task A_tag_that_changes_all_the_time_is_no_version()
    {
        await using var service = new FakeIcap();
        await using var scanner = await ReadyAsync(service);
        var options = service.Options;
        for (var i = 2; i <= 8; i++)
        {
            service.Options = options.Replace("tag-1", $"tag-{i}", StringComparison.Ordinal);
            await scanner.RefreshStatusAsync(Token);
            Assert.Equal(i <= 5 ? $"Fake/1.0/tag-{i}" : "Fake/1.0", scanner.Status.Version);
        }
    }

    [Fact]
    public async Task A_service_that_passes_the_test_file_is_reported()
    {
        await using var service = new FakeIcap { Answer = _ => "ICAP/1.0 204 OK\r\n\r\n" };
        await using var scanner = Scanner(service);
        await scanner.RefreshStatusAsync(Token);

        Assert.True(scanner.Status.IsReady);
        Assert.Contains("does not find the EICAR test file", scanner.Status.Trouble, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ICAP/1.0 404 ICAP Service not found\r\n\r\n", "the service answers OPTIONS with 404 ICAP Service not found")]
    [InlineData("ICAP/1.0 200 OK\r\nMethods: REQMOD\r\nEncapsulated: null-body=0\r\n\r\n", "the service offers REQMOD, not RESPMOD")]
    [InlineData("HTTP/1.1 400 Bad Request\r\n\r\n", "the service speaks HTTP, not ICAP")]
    public async Task A_service_that_cannot_be_used_is_not_ready(string options, string trouble)
    {
        await using var service = new FakeIcap { Options = options };
        await using var scanner = Scanner(service);
        await scanner.RefreshStatusAsync(Token);

        Assert.False(scanner.Status.IsReady);
        Assert.Equal(trouble, scanner.Status.Trouble);
    }

    [Fact]
    public async Task New_signatures_show_in_any_answer()
    {
        await using var service = new FakeIcap();
        await using var scanner = Scanner(service, options => options.StatusInterval = TimeSpan.FromMinutes(10));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var running = scanner.RunStatusAsync(stop.Token);
        await UntilAsync(() => scanner.Status.IsReady);

        service.ServiceTag = "tag-2";
        service.Options = service.Options.Replace("tag-1", "tag-2", StringComparison.Ordinal);
        await scanner.ScanAsync(Target([1]), Token);

        await UntilAsync(() => scanner.Status.Version == "Fake/1.0/tag-2");
        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task Many_scans_at_once_use_no_more_connections_than_allowed()
    {
        await using var service = new FakeIcap();
        await using var scanner = Scanner(service, options => options.MaxConnections = 3);

        var results = await Task.WhenAll(Enumerable.Range(0, 60).Select(i => scanner.ScanAsync(Target(i % 7 == 0 ? FakeClamd.Eicar : Bytes(i * 1000)), Token)));

        Assert.Equal(9, results.Count(result => result is ScanResult.Infected));
        Assert.Equal(51, results.Count(result => result is ScanResult.Clean));
        Assert.InRange(service.Sessions, 1, 3);
    }

    private static async Task UntilAsync(Func<bool> isTrue)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!isTrue())
        {
            await Task.Delay(20, limit.Token);
        }
    }

    private static async Task<IcapScanner> ReadyAsync(FakeIcap service, Action<IcapOptions>? change = null)
    {
        var scanner = Scanner(service, change);
        await scanner.RefreshStatusAsync(Token);
        Assert.Equal("", scanner.Status.Trouble);
        return scanner;
    }

    private static IcapScanner Scanner(FakeIcap service, Action<IcapOptions>? change = null)
    {
        var options = new IcapOptions { Enabled = true, Url = service.Url };
        change?.Invoke(options);
        return new IcapScanner(options, TimeProvider.System, NullLogger<IcapScanner>.Instance);
    }

    private static ScanTarget Target(byte[] content) => new() { Bytes = new MemoryBytes(content) };

    private static byte[] Bytes(int size)
    {
        var bytes = new byte[size];
        new Random(size).NextBytes(bytes);
        return bytes;
    }
}
