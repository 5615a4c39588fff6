using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using SecuEdge.Filter.Scanners;
using SecuEdge.Filter.Tests.Scanners;
using SecuEdge.TestKit;

[assembly: AssemblyFixture(typeof(RealClamd))]

namespace SecuEdge.Filter.Tests.Scanners;

/// <summary>
/// The installed clamd with the one signature of <c>appliance/clamav</c>, on a socket of its own; one for all tests, started by the first.
/// </summary>
public sealed class RealClamd : IAsyncDisposable
{
    /// <summary>Above it clamd reports Heuristics.Limits.Exceeded.</summary>
    public const int MaxFileSize = 2 * 1024 * 1024;

    private const string Program = "/usr/sbin/clamd";

    // Short: a socket's path holds 108 bytes.
    private readonly string _folder = Directory.CreateTempSubdirectory("clamd").FullName;
    private readonly SemaphoreSlim _starting = new(1);
    private Process? _process;

    public string Endpoint => $"unix:{_folder}/s";

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (!File.Exists(Program))
        {
            Assert.Skip($"{Program} is not installed (Debian: clamav-daemon): the client was not tried against the real clamd.");
        }

        await _starting.WaitAsync(cancellationToken);
        try
        {
            if (_process is null)
            {
                Launch();
                await WaitUntilReadyAsync(cancellationToken);
            }
        }
        finally
        {
            _starting.Release();
        }
    }

    /// <summary>kill -9, as the kernel does when memory ends.</summary>
    public async Task KillAsync()
    {
        if (_process is { } process)
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
            process.Dispose();
            _process = null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _starting.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private void Launch()
    {
        var database = Path.Combine(_folder, "db");
        Directory.CreateDirectory(database);
        var signatures = Path.Combine(TestData.RepositoryRoot, "appliance", "clamav", "test-signatures", "secuedge-test.ndb");
        File.Copy(signatures, Path.Combine(database, "secuedge-test.ndb"), overwrite: true);
        var configuration = Path.Combine(_folder, "clamd.conf");
        File.WriteAllLines(configuration,
        [
            "Foreground yes", $"LocalSocket {_folder}/s", $"DatabaseDirectory {database}", $"TemporaryDirectory {_folder}",
            "StreamMaxLength 100M", $"MaxFileSize {MaxFileSize}", "AlertExceedsMax yes", "AlertEncrypted yes", "SelfCheck 0",
        ]);
        var start = new ProcessStartInfo(Program, ["-c", configuration]) { RedirectStandardOutput = true, RedirectStandardError = true };
        _process = Process.Start(start)!;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    private async Task WaitUntilReadyAsync(CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        await using var scanner = new ClamAvScanner(new() { Endpoint = Endpoint }, TimeProvider.System, NullLogger<ClamAvScanner>.Instance);
        while (!scanner.Status.IsReady)
        {
            Assert.False(_process!.HasExited, "clamd ended at its start");
            await Task.Delay(20, linked.Token);
            await scanner.RefreshStatusAsync(linked.Token);
        }
    }
}
