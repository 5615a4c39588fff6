using System.Diagnostics;
using System.Net.Sockets;

namespace SecuEdge.Appliance.Tests.EndToEnd;

/// <summary>A real clamd with two signatures (EICAR, ClamAV's own test file), to be killed, frozen and started again.</summary>
internal sealed class ClamdProcess(string folder) : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);
    private readonly string _socket = Path.Combine(folder, "clamd.sock");
    private Process? _process;

    /// <summary>As the gateway's setting wants it.</summary>
    public string Endpoint => "unix:" + _socket;

    public static string? FindProgram() => new[] { "/usr/sbin/clamd", "/usr/local/sbin/clamd" }.FirstOrDefault(File.Exists);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        Assert.SkipWhen(FindProgram() is null, "clamd is not installed");
        var signatures = Directory.CreateDirectory(Path.Combine(folder, "signatures")).FullName;
        await File.WriteAllTextAsync(Path.Combine(signatures, "eicar.ndb"),
            $"Eicar-Test-Signature:0:*:{Convert.ToHexStringLower("EICAR-STANDARD-ANTIVIRUS-TEST-FILE!"u8)}\n", cancellationToken);
        // The file that Debian's clamav-testfiles hides in every format, by MD5 and size.
        await File.WriteAllTextAsync(Path.Combine(signatures, "testfile.hdb"), "aa15bcf478d165efd2065190eb473bcb:544:ClamAV-Test-File\n", cancellationToken);
        var configuration = Path.Combine(folder, "clamd.conf");
        await File.WriteAllTextAsync(configuration,
            $"DatabaseDirectory {signatures}\nLocalSocket {_socket}\nFixStaleSocket yes\nTemporaryDirectory {folder}\nForeground yes\nLogFile {folder}/clamd.log\nMaxThreads 8\nStreamMaxLength 100M\nMaxFileSize 100M\nMaxScanSize 400M\n",
            cancellationToken);
        var start = new ProcessStartInfo(FindProgram()!, ["--config-file", configuration]) { RedirectStandardOutput = true, RedirectStandardError = true };
        _process = Process.Start(start)!;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        var began = TimeProvider.System.GetTimestamp();
        while (!await AnswersAsync(cancellationToken))
        {
            Assert.True(!_process.HasExited && TimeProvider.System.GetElapsedTime(began) < StartLimit, "clamd did not start");
            // A process seen from outside gives no event: it is asked again after a moment.
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
        }
    }

    public async Task KillAsync(CancellationToken cancellationToken)
    {
        _process!.Kill();
        await _process.WaitForExitAsync(cancellationToken);
    }

    /// <summary>It keeps its connections and answers nothing more.</summary>
    public Task FreezeAsync(CancellationToken cancellationToken) => GatewayProcess.SignalAsync(_process!.Id, "STOP", cancellationToken);

    public Task ThawAsync(CancellationToken cancellationToken) => GatewayProcess.SignalAsync(_process!.Id, "CONT", cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            await KillAsync(CancellationToken.None);
        }

        _process?.Dispose();
    }

    private async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(_socket), cancellationToken);
            await socket.SendAsync("zPING\0"u8.ToArray(), cancellationToken);
            return await socket.ReceiveAsync(new byte[5], cancellationToken) == 5;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
