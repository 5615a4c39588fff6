using Microsoft.Extensions.Time.Testing;
using SecuEdge.Content;
using SecuEdge.Filter.Scanners;
using SecuEdge.TestKit;

namespace SecuEdge.Filter.Tests.Scanners;

/// <summary>What the scanner says about clamd between the scans.</summary>
public sealed class ClamAvStatusTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_status_tells_version_and_age_of_the_signatures()
    {
        await using var clamd = ClamAvScannerTests.Start(isUnix: true);
        var time = new FakeTimeProvider(new DateTimeOffset(2025, 11, 18, 10, 0, 0, TimeSpan.Zero));
        await using var scanner = ClamAvScannerTests.Scanner(clamd, time);
        Assert.False(scanner.Status.IsReady);

        await scanner.RefreshStatusAsync(Token);
        Assert.Equal(new ScannerStatus(true, "1.4.3/27500", new DateTimeOffset(2025, 11, 17, 10, 0, 0, TimeSpan.Zero), ""), scanner.Status);

        time.Advance(TimeSpan.FromDays(5));
        await scanner.RefreshStatusAsync(Token);
        Assert.Equal((true, "the signatures are 6 days old"), (scanner.Status.IsReady, scanner.Status.Trouble));

        clamd.Version = "ClamAV 1.4.3";
        await scanner.RefreshStatusAsync(Token);
        Assert.Equal((true, "1.4.3", null), (scanner.Status.IsReady, scanner.Status.Version, scanner.Status.SignaturesAt));
        Assert.NotEmpty(scanner.Status.Trouble);

        clamd.Version = "nonsense";
        await scanner.RefreshStatusAsync(Token);
        Assert.False(scanner.Status.IsReady);

        await clamd.StopAsync();
        await scanner.RefreshStatusAsync(Token);
        Assert.False(scanner.Status.IsReady);
        Assert.Contains("not listening", scanner.Status.Trouble, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_status_is_refreshed_in_time_and_at_once_after_a_failure_and_soon_when_clamd_is_away()
    {
        await using var clamd = ClamAvScannerTests.Start(isUnix: true);
        var time = new FakeTimeProvider();
        await using var scanner = ClamAvScannerTests.Scanner(clamd, time);
        using var stop = new CancellationTokenSource();
        var refreshing = scanner.RunStatusAsync(stop.Token);
        await UntilAsync(() => scanner.Status.IsReady, time, TimeSpan.Zero);

        clamd.Version = "ClamAV 1.4.3/27501/Tue Nov 18 10:00:00 2025";
        await UntilAsync(() => scanner.Status.Version == "1.4.3/27501", time, TimeSpan.FromSeconds(10));

        await clamd.StopAsync();
        ClamAvScannerTests.Failed(await scanner.ScanAsync(new MemoryBytes(new byte[4096]), Token));
        await UntilAsync(() => !scanner.Status.IsReady, time, TimeSpan.Zero);

        clamd.Start();
        await UntilAsync(() => scanner.Status.IsReady, time, TimeSpan.FromSeconds(1));
        await stop.CancelAsync();
        await refreshing;
    }

    [Fact]
    public async Task Reloading_asks_clamd_and_says_whether_it_agreed()
    {
        await using var clamd = ClamAvScannerTests.Start(isUnix: true);
        await using var scanner = ClamAvScannerTests.Scanner(clamd);

        Assert.True(await scanner.ReloadAsync(Token));
        await clamd.StopAsync();
        Assert.False(await scanner.ReloadAsync(Token));
    }

    // Moves the clock until it is so: the status runs on threads of its own.
    private static async Task UntilAsync(Func<bool> isSo, FakeTimeProvider time, TimeSpan step)
    {
        while (!isSo())
        {
            Token.ThrowIfCancellationRequested();
            time.Advance(step);
            await Task.Delay(5, Token);
        }
    }
}
