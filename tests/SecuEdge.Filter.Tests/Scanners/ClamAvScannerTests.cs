using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SecuEdge.Content;
using SecuEdge.Filter.Scanners;
using SecuEdge.TestKit;

namespace SecuEdge.Filter.Tests.Scanners;

/// <summary>The scanner against a clamd that fails in every way one can: whatever it does, the result is Failed and never Clean.</summary>
public sealed class ClamAvScannerTests
{
    private static readonly byte[] Harmless = new byte[4096];
    private static readonly byte[] Large = new byte[300_000];

    public static TheoryData<bool> UnixAndTcp => [true, false];

    public static MatrixTheoryData<bool, int> UnixAndTcpBySize => new([true, false], [0, 1, 4096, 64 * 1024, 64 * 1024 + 1, 300_000]);

    [Theory]
    [MemberData(nameof(UnixAndTcpBySize))]
    public async Task What_clamd_calls_clean_is_clean_and_what_it_convicts_is_infected(bool isUnix, int size)
    {
        await using var clamd = Start(isUnix);
        await using var scanner = Scanner(clamd);
        var file = Path.GetTempFileName();
        try
        {
            foreach (var isEvil in new[] { false, true, false })
            {
                byte[] content = [.. new byte[size], .. isEvil ? FakeClamd.Eicar : []];
                await File.WriteAllBytesAsync(file, content, Token);
                ScanResult expected = isEvil ? new ScanResult.Infected("Eicar-Test-Signature") : new ScanResult.Clean();

                Assert.Equal(expected, await scanner.ScanAsync(new MemoryBytes(content), Token));
                Assert.Equal(expected, await scanner.ScanAsync(new FileBytes(file), Token));
            }
        }
        finally
        {
            File.Delete(file);
        }

        Assert.Equal(1, clamd.Sessions);
    }

    [Fact]
    public async Task Over_a_Unix_socket_files_and_large_sources_go_as_descriptors_small_ones_as_a_stream()
    {
        await using var clamd = Start(isUnix: true);
        await using var scanner = Scanner(clamd);

        await scanner.ScanAsync(new MemoryBytes(Harmless), Token);
        Assert.Equal(0, clamd.Descriptors);
        await scanner.ScanAsync(new MemoryBytes(Large), Token);
        Assert.Equal(1, clamd.Descriptors);
        await scanner.ScanAsync(new FileBytes(typeof(ClamAvScannerTests).Assembly.Location), Token);
        Assert.Equal(2, clamd.Descriptors);
    }

    [Theory]
    [MemberData(nameof(UnixAndTcp))]
    public async Task A_clamd_that_does_not_run_fails_at_once(bool isUnix)
    {
        await using var clamd = Start(isUnix);
        await clamd.StopAsync();
        // On a clock that stands still: neither the connect nor the scan limit could have ended it.
        await using var scanner = Scanner(clamd, new FakeTimeProvider());

        var failed = Failed(await scanner.ScanAsync(new MemoryBytes(Harmless), Token));

        Assert.False(failed.IsTimeout);
        Assert.Contains("not listening", failed.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_socket_that_does_not_exist_yet_fails_at_once()
    {
        await using var scanner = new ClamAvScanner(
            new() { Endpoint = "unix:/nonexistent/clamd.sock" }, new FakeTimeProvider(), NullLogger<ClamAvScanner>.Instance);

        Assert.Contains("not listening", Failed(await scanner.ScanAsync(new MemoryBytes(Harmless), Token)).Why, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(UnixAndTcpBySize))]
    public async Task A_clamd_that_hangs_up_during_the_scan_has_failed(bool isUnix, int size)
    {
        await using var clamd = Start(isUnix);
        clamd.Behaviour = FakeClamdBehaviour.HangUp;
        await using var scanner = Scanner(clamd);

        Failed(await scanner.ScanAsync(new MemoryBytes(new byte[size]), Token));
    }

    [Theory]
    [MemberData(nameof(UnixAndTcp))]
    public async Task A_clamd_killed_during_the_scan_has_failed(bool isUnix)
    {
        await using var clamd = Start(isUnix);
        var gate = new TaskCompletionSource();
        clamd.Gate = gate.Task;
        await using var scanner = Scanner(clamd);

        var scan = scanner.ScanAsync(new MemoryBytes(Harmless), Token);
        await clamd.ScanStarted;
        var stopping = clamd.StopAsync();
        Failed(await scan);
        gate.SetResult();
        await stopping;
    }

    [Theory]
    [MemberData(nameof(UnixAndTcp))]
    public async Task A_clamd_that_hangs_fails_at_the_time_limit_and_not_before(bool isUnix)
    {
        await using var clamd = Start(isUnix);
        clamd.Behaviour = FakeClamdBehaviour.Hang;
        var time = new FakeTimeProvider();
        await using var scanner = Scanner(clamd, time);

        var scan = scanner.ScanAsync(new MemoryBytes(Harmless), Token);
        await clamd.ScanStarted;
        time.Advance(TimeSpan.FromSeconds(59));
        Assert.False(scan.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));

        Assert.True(Failed(await scan).IsTimeout);
    }

    [Fact]
    public async Task After_a_hanging_scan_the_next_one_does_not_read_its_answer()
    {
        await using var clamd = Start(isUnix: true);
        var gate = new TaskCompletionSource();
        clamd.Gate = gate.Task;
        var time = new FakeTimeProvider();
        await using var scanner = Scanner(clamd, time, connections: 1);

        var late = scanner.ScanAsync(new MemoryBytes(Harmless), Token);
        await clamd.ScanStarted;
        time.Advance(TimeSpan.FromSeconds(60));
        Failed(await late);
        gate.SetResult();

        Assert.IsType<ScanResult.Infected>(await scanner.ScanAsync(new MemoryBytes(FakeClamd.Eicar), Token));
        Assert.Equal(2, clamd.Sessions);
    }

    [Theory]
    [MemberData(nameof(UnixAndTcp))]
    public async Task A_restarted_clamd_is_used_again_by_the_next_scan(bool isUnix)
    {
        await using var clamd = Start(isUnix);
        await using var scanner = Scanner(clamd);
        for (var restart = 0; restart < 3; restart++)
        {
            Assert.IsType<ScanResult.Clean>(await scanner.ScanAsync(new MemoryBytes(Harmless), Token));
            await clamd.StopAsync();
            Failed(await scanner.ScanAsync(new MemoryBytes(Harmless), Token));
            clamd.Start();
        }

        // Without a scan in between: the idle session is dead, the scan must notice and take a fresh one.
        Assert.IsType<ScanResult.Clean>(await scanner.ScanAsync(new MemoryBytes(Harmless), Token));
        await clamd.StopAsync();
        clamd.Start();
        Assert.IsType<ScanResult.Infected>(await scanner.ScanAsync(new MemoryBytes(FakeClamd.Eicar), Token));
    }

    [Fact]
    public async Task A_used_session_that_breaks_is_repeated_once_on_a_fresh_one_and_not_more()
    {
        await using var clamd = Start(isUnix: true);
        await using var scanner = Scanner(clamd);
        await scanner.ScanAsync(new MemoryBytes(Harmless), Token);
        clamd.Behaviour = FakeClamdBehaviour.HangUp;

        Failed(await scanner.ScanAsync(new MemoryBytes(Harmless), Token));

        Assert.Equal(3, clamd.Scans);
    }

    [Theory]
    [InlineData("{0}: stream: OK\0{0}: stream: OK")]
    [InlineData("2: stream: OK")]
    [InlineData("stream: OK")]
    [InlineData("{0}: stream: OK\n")]
    [InlineData("")]
    [InlineData("{0}: UNKNOWN COMMAND")]
    [InlineData("{0}: INSTREAM size limit exceeded. ERROR")]
    [InlineData("{0}: stream: \u0001\u00ff FOUND")]
    public async Task A_lying_clamd_has_failed_and_its_session_is_not_used_again(string answer)
    {
        await using var clamd = Start(isUnix: true);
        clamd.Answer = (id, _) => answer.Replace("{0}", $"{id}", StringComparison.Ordinal);
        await using var scanner = Scanner(clamd);

        Failed(await scanner.ScanAsync(new MemoryBytes(Harmless), Token));

        clamd.Answer = null;
        Assert.IsType<ScanResult.Infected>(await scanner.ScanAsync(new MemoryBytes(FakeClamd.Eicar), Token));
        Assert.Equal(2, clamd.Sessions);
    }

    [Fact]
    public async Task An_answer_that_nobody_asked_for_ends_the_session()
    {
        await using var clamd = Start(isUnix: true);
        await using var scanner = Scanner(clamd, connections: 1);
        clamd.Answer = (id, _) => $"{id}: stream: OK";
        Assert.IsType<ScanResult.Clean>(await scanner.ScanAsync(new MemoryBytes(Harmless), Token));

        // The reply to the next command lies ready before it is sent.
        await clamd.SayAsync("2: stream: OK\0");
        clamd.Answer = null;

        Assert.IsType<ScanResult.Infected>(await scanner.ScanAsync(new MemoryBytes(FakeClamd.Eicar), Token));
    }

    [Fact]
    public async Task An_endless_answer_has_failed()
    {
        await using var clamd = Start(isUnix: true);
        clamd.Answer = (id, _) => $"{id}: stream: {new string('x', 100_000)} FOUND";
        await using var scanner = Scanner(clamd);

        Failed(await scanner.ScanAsync(new MemoryBytes(Harmless), Token));
    }

    [Theory]
    [MemberData(nameof(UnixAndTcp))]
    public async Task What_is_above_the_limit_fails_without_being_sent(bool isUnix)
    {
        await using var clamd = Start(isUnix);
        await using var scanner = Scanner(clamd, maxBytes: 100_000);

        Assert.IsType<ScanResult.Clean>(await scanner.ScanAsync(new MemoryBytes(new byte[100_000]), Token));
        Failed(await scanner.ScanAsync(new MemoryBytes(new byte[100_001]), Token));

        Assert.Equal(1, clamd.Scans);
    }

    [Fact]
    public async Task A_limit_of_clamd_below_ours_fails_with_its_own_words_instead_of_hanging()
    {
        await using var clamd = Start(isUnix: false);
        clamd.Behaviour = FakeClamdBehaviour.LimitSize;
        await using var scanner = Scanner(clamd, new FakeTimeProvider());

        // Far more than the socket's buffers hold: a writer that does not listen would block for ever.
        var failed = Failed(await scanner.ScanAsync(new MemoryBytes(new byte[50_000_000]), Token));

        Assert.Contains("size limit exceeded", failed.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_grows_beyond_the_limit_while_it_is_read_has_failed()
    {
        await using var clamd = Start(isUnix: false);
        await using var scanner = Scanner(clamd, maxBytes: 100_000);

        Failed(await scanner.ScanAsync(new LyingBytes(length: 90_000, actual: 200_000), Token));
    }

    [Fact]
    public async Task A_file_that_has_gone_has_failed_and_its_path_is_not_told()
    {
        await using var clamd = Start(isUnix: true);
        await using var scanner = Scanner(clamd);

        var failed = Failed(await scanner.ScanAsync(new FileBytes("/nonexistent/secret"), Token));

        Assert.DoesNotContain("secret", failed.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_more_sessions_are_opened_than_allowed()
    {
        await using var clamd = Start(isUnix: true);
        await using var scanner = Scanner(clamd, connections: 3);

        var results = await Task.WhenAll(Enumerable.Range(0, 50).Select(i =>
            scanner.ScanAsync(new MemoryBytes(i % 2 == 0 ? Harmless : FakeClamd.Eicar), Token)));

        Assert.All(results, (result, i) => Assert.Equal(i % 2 == 0, result is ScanResult.Clean));
        Assert.InRange(clamd.Sessions, 1, 3);
    }

    [Fact]
    public async Task The_callers_cancellation_is_thrown_and_frees_the_session()
    {
        await using var clamd = Start(isUnix: true);
        clamd.Behaviour = FakeClamdBehaviour.Hang;
        await using var scanner = Scanner(clamd, connections: 1);
        using var cancelled = new CancellationTokenSource();

        var scan = scanner.ScanAsync(new MemoryBytes(Harmless), cancelled.Token);
        await clamd.ScanStarted;
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => scan);

        clamd.Behaviour = FakeClamdBehaviour.Answer;
        Assert.IsType<ScanResult.Clean>(await scanner.ScanAsync(new MemoryBytes(Harmless), Token));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    internal static FakeClamd Start(bool isUnix) => isUnix ? FakeClamd.OnUnixSocket() : FakeClamd.OnTcp();

    internal static ClamAvScanner Scanner(FakeClamd clamd, TimeProvider? time = null, int connections = 8, long maxBytes = 100_000_000) =>
        new(
            new() { Endpoint = clamd.Endpoint, Connections = connections, MaxStreamBytes = maxBytes },
            time ?? TimeProvider.System,
            NullLogger<ClamAvScanner>.Instance);

    internal static ScanResult.Failed Failed(ScanResult result)
    {
        var failed = Assert.IsType<ScanResult.Failed>(result);
        Assert.NotEmpty(failed.Why);
        return failed;
    }

    /// <summary>Says one length and gives another, like a file that somebody still writes.</summary>
    private sealed class LyingBytes(long length, int actual) : IByteSource
    {
        public long Length => length;

        public ReadOnlyMemory<byte>? Memory => null;

        public string? FilePath => null;

        public Stream OpenRead() => new MemoryStream(new byte[actual]);
    }
}
