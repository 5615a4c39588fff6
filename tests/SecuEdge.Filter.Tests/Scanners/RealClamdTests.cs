using System.Diagnostics;
using System.IO.Compression;
using Microsoft.Extensions.Logging.Abstractions;
using SecuEdge.Content;
using SecuEdge.Filter.Checks;
using SecuEdge.Filter.Scanners;
using SecuEdge.TestKit;

namespace SecuEdge.Filter.Tests.Scanners;

public sealed class RealClamdTests(RealClamd clamd, ITestOutputHelper output)
{
    private const string Signature = "SecuEdge.Test.Eicar.UNOFFICIAL";

    [Theory]
    [InlineData(0)]
    [InlineData(4 * 1024)]
    [InlineData(64 * 1024)]
    [InlineData(64 * 1024 + 1)]
    [InlineData(1024 * 1024)]
    public async Task It_finds_the_test_file_at_the_end_of_any_source_and_nothing_without_it(int size)
    {
        await clamd.StartAsync(Token);
        await using var scanner = Scanner();
        var file = Path.GetTempFileName();
        try
        {
            foreach (var isEvil in new[] { false, true })
            {
                byte[] content = [.. new byte[size], .. isEvil ? FakeClamd.Eicar : []];
                await File.WriteAllBytesAsync(file, content, Token);
                ScanResult expected = isEvil ? new ScanResult.Infected(Signature) : new ScanResult.Clean();

                Assert.Equal(expected, await scanner.ScanAsync(new MemoryBytes(content), Token));
                Assert.Equal(expected, await scanner.ScanAsync(new FileBytes(file), Token));
                Assert.Equal(expected, await scanner.ScanAsync(new StreamOnly(content), Token));
            }
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task It_looks_into_archives()
    {
        await clamd.StartAsync(Token);
        await using var scanner = Scanner();
        using var zip = new MemoryStream();
        using (var archive = new ZipArchive(zip, ZipArchiveMode.Create, leaveOpen: true))
        {
            await using var entry = await archive.CreateEntry("a.com").OpenAsync(Token);
            await entry.WriteAsync(FakeClamd.Eicar, Token);
        }

        Assert.Equal(new ScanResult.Infected(Signature), await scanner.ScanAsync(new MemoryBytes(zip.ToArray()), Token));
    }

    [Fact]
    public async Task What_is_above_its_own_limit_is_never_clean()
    {
        await clamd.StartAsync(Token);
        await using var scanner = Scanner();
        var content = new byte[RealClamd.MaxFileSize + 1];
        Random.Shared.NextBytes(content);

        var result = Assert.IsType<ScanResult.Heuristic>(await scanner.ScanAsync(new MemoryBytes(content), Token));

        Assert.Equal(HeuristicKind.LimitsExceeded, result.Kind);
    }

    [Fact]
    public async Task Its_version_is_read_though_the_test_signatures_have_none()
    {
        await clamd.StartAsync(Token);
        await using var scanner = Scanner();

        await scanner.RefreshStatusAsync(Token);

        Assert.True(scanner.Status.IsReady);
        Assert.Matches(@"^\d+\.\d+", scanner.Status.Version);
        Assert.Null(scanner.Status.SignaturesAt);
        Assert.True(await scanner.ReloadAsync(Token));
    }

    [Fact]
    public async Task Killed_and_started_again_it_is_used_again_and_in_between_nothing_is_clean()
    {
        // Its own: the others share theirs.
        await using var own = new RealClamd();
        await own.StartAsync(Token);
        await using var scanner = Scanner(own);
        for (var i = 0; i < 2; i++)
        {
            Assert.IsType<ScanResult.Clean>(await scanner.ScanAsync(new MemoryBytes(new byte[100]), Token));
            await own.KillAsync();
            Assert.IsType<ScanResult.Failed>(await scanner.ScanAsync(new MemoryBytes(new byte[100]), Token));
            await own.StartAsync(Token);
        }

        Assert.Equal(new ScanResult.Infected(Signature), await scanner.ScanAsync(new MemoryBytes(FakeClamd.Eicar), Token));
    }

    [Fact]
    public async Task Killed_under_load_every_scan_ends_and_no_virus_is_clean()
    {
        await using var own = new RealClamd();
        await own.StartAsync(Token);
        await using var scanner = Scanner(own);
        var scans = Enumerable.Range(0, 400).Select(i => scanner.ScanAsync(new MemoryBytes(Evil(i)), Token)).ToArray();

        await Task.WhenAny(scans);
        await own.KillAsync();
        var results = await Task.WhenAll(scans);

        Assert.All(results, result => Assert.True(result is ScanResult.Infected or ScanResult.Failed));
        Assert.Contains(results, result => result is ScanResult.Failed);
    }

    /// <summary>Samples with EICAR in dubious MIME and archives, as clamd sees them raw: no error, no hang, and the plain ones found.</summary>
    [Fact]
    public async Task Every_dubious_message_gets_an_answer_and_the_plain_ones_are_found()
    {
        var folder = TestData.Find("eicar-mime");
        if (folder is null)
        {
            Assert.Skip("The sample folder eicar-mime is absent: clamd was not tried on dubious MIME.");
        }

        await clamd.StartAsync(Token);
        await using var scanner = Scanner();
        var check = new ScannerCheck(scanner, TimeProvider.System);
        foreach (var file in Directory.GetFiles(folder, "*.eml"))
        {
            var result = await check.RunAsync(Facts.Of(new FileBytes(file)), Token);
            var name = Path.GetFileNameWithoutExtension(file);
            Assert.DoesNotContain(result.Findings, finding => finding.Code == "CLAMAV_FAILED");
            if (name.StartsWith("control-", StringComparison.Ordinal))
            {
                Assert.Equal(name != "control-clean", result.Findings.Any(finding => finding.Code == "CLAMAV_INFECTED"));
            }
        }
    }

    /// <summary>Figures for the record, not a test: run with <c>-explicit only</c>.</summary>
    [Theory(Explicit = true)]
    [InlineData(4 * 1024, 1)]
    [InlineData(4 * 1024, 4)]
    [InlineData(50 * 1024, 1)]
    [InlineData(50 * 1024, 4)]
    [InlineData(1024 * 1024, 1)]
    public async Task Scans_per_second(int size, int parallel)
    {
        await clamd.StartAsync(Token);
        await using var scanner = Scanner();
        await MeasureAsync(scanner, size, parallel, size > 100_000 ? 20 : 300);
        var count = size > 100_000 ? 200 : 4000;

        var watch = Stopwatch.StartNew();
        var before = Process.GetCurrentProcess().TotalProcessorTime;
        await MeasureAsync(scanner, size, parallel, count);
        var cpu = Process.GetCurrentProcess().TotalProcessorTime - before;

        var (rate, own) = (count / watch.Elapsed.TotalSeconds, cpu.TotalMicroseconds / count);
        output.WriteLine($"{size / 1024} KB, {parallel} at once: {rate:0} scans/s, {own:0} µs of ours each");
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private ClamAvScanner Scanner(RealClamd? own = null) =>
        new(new() { Endpoint = (own ?? clamd).Endpoint }, TimeProvider.System, NullLogger<ClamAvScanner>.Instance);

    // Each differs, or clamd's cache would answer.
    private static byte[] Evil(int i) => [.. BitConverter.GetBytes(i), .. new byte[2000], .. FakeClamd.Eicar];

    private static async Task MeasureAsync(ClamAvScanner scanner, int size, int parallel, int count)
    {
        var content = new byte[size];
        Random.Shared.NextBytes(content);
        var next = 0;
        await Task.WhenAll(Enumerable.Range(0, parallel).Select(async _ =>
        {
            var own = (byte[])content.Clone();
            while (Interlocked.Increment(ref next) is var i && i <= count)
            {
                BitConverter.TryWriteBytes(own, i);
                Assert.IsType<ScanResult.Clean>(await scanner.ScanAsync(new MemoryBytes(own), Token));
            }
        }));
    }

    /// <summary>Neither in memory nor a file: goes in chunks.</summary>
    private sealed class StreamOnly(byte[] content) : IByteSource
    {
        public long Length => content.Length;

        public ReadOnlyMemory<byte>? Memory => null;

        public string? FilePath => null;

        public Stream OpenRead() => new MemoryStream(content);
    }
}
