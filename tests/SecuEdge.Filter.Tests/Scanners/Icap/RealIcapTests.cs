using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using SecuEdge.Content;
using SecuEdge.Filter.Scanners;
using SecuEdge.TestKit;

namespace SecuEdge.Filter.Tests.Scanners.Icap;

public sealed class RealIcapTests(RealIcap service, RealClamd clamd)
{
    private const string Signature = "SecuEdge.Test.Eicar.UNOFFICIAL";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(IcapMethod.Respmod, 0)]
    [InlineData(IcapMethod.Respmod, 1024)]
    [InlineData(IcapMethod.Reqmod, 0)]
    public async Task It_finds_the_test_file_at_the_end_of_any_file_and_nothing_without_it(IcapMethod method, int preview)
    {
        await using var scanner = await ReadyAsync("avscan", options =>
        {
            options.Method = method;
            options.PreviewBytes = preview;
        });
        foreach (var size in new[] { 0, 100, 1024, 65_536, 1_000_000 })
        {
            // Text throughout, so that the service does not think of a type it was not told to scan.
            var clean = Encoding.ASCII.GetBytes(new string('a', size) + "\r\n");
            Assert.Equal(new ScanResult.Clean(), await scanner.ScanAsync(Target(clean), Token));
            Assert.Equal(new ScanResult.Infected(Signature), await scanner.ScanAsync(Target([.. clean, .. FakeClamd.Eicar]), Token));
        }
    }

    [Fact]
    public async Task Its_version_is_service_and_tag_and_it_passes_the_test_of_itself()
    {
        await using var scanner = await ReadyAsync("avscan");

        Assert.Equal("", scanner.Status.Trouble);
        Assert.Matches(@"^C-ICAP/0\.[\d.]+ server - .+/CI.+$", scanner.Status.Version);
    }

    [Fact]
    public async Task A_large_file_that_it_streams_back_is_clean_when_whole_and_infected_when_cut_off()
    {
        await using var scanner = await ReadyAsync("streaming", options => options.SelfTest = false);
        var clean = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("ordinary text of a mail\r\n", 60_000)));

        Assert.Equal(new ScanResult.Clean(), await scanner.ScanAsync(Target(clean), Token));
        Assert.IsType<ScanResult.Infected>(await scanner.ScanAsync(Target([.. clean, .. FakeClamd.Eicar]), Token));
    }

    [Fact]
    public async Task A_service_that_only_echoes_is_found_out()
    {
        await using var scanner = await ReadyAsync("echo");

        Assert.Contains("does not find the EICAR test file", scanner.Status.Trouble, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_that_does_not_exist_is_not_ready()
    {
        await using var scanner = await ReadyAsync("nosuch");

        Assert.False(scanner.Status.IsReady);
        Assert.Contains("404", scanner.Status.Trouble, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_scans_at_once_are_all_answered()
    {
        await using var scanner = await ReadyAsync("avscan");

        var results = await Task.WhenAll(Enumerable.Range(0, 200).Select(i =>
            scanner.ScanAsync(Target([.. Encoding.ASCII.GetBytes(new string('x', i * 500)), .. i % 5 == 0 ? FakeClamd.Eicar : "\r\n"u8]), Token)));

        Assert.Equal(40, results.Count(result => result is ScanResult.Infected));
        Assert.Equal(160, results.Count(result => result is ScanResult.Clean));
    }

    private async Task<IcapScanner> ReadyAsync(string name, Action<IcapOptions>? change = null)
    {
        await service.StartAsync(clamd, Token);
        var options = new IcapOptions { Enabled = true, Url = service.Url(name) };
        change?.Invoke(options);
        var scanner = new IcapScanner(options, TimeProvider.System, NullLogger<IcapScanner>.Instance);
        await scanner.RefreshStatusAsync(Token);
        return scanner;
    }

    private static ScanTarget Target(byte[] content) => new() { Bytes = new MemoryBytes(content) };
}
