using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using SecuEdge.Filter.Scanners;
using SecuEdge.Filter.Tests.Scanners.Icap;

[assembly: AssemblyFixture(typeof(RealIcap))]

namespace SecuEdge.Filter.Tests.Scanners.Icap;

/// <summary>The installed c-icap with its virus module on top of <see cref="RealClamd"/>, on a port of its own; started by the first test that wants it.</summary>
public sealed class RealIcap : IAsyncDisposable
{
    private const string Program = "/usr/bin/c-icap";
    private const string Magic = "/etc/c-icap/c-icap.magic";

    private readonly string _folder = Directory.CreateTempSubdirectory("icap").FullName;
    private readonly SemaphoreSlim _starting = new(1);
    private Process? _process;
    private int _port;

    public string Url(string service) => $"icap://127.0.0.1:{_port.ToString(CultureInfo.InvariantCulture)}/{service}";

    public async Task StartAsync(RealClamd clamd, CancellationToken cancellationToken)
    {
        var module = Directory.Exists("/usr/lib") ? Directory.EnumerateFiles("/usr/lib", "virus_scan.so", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 2 }).FirstOrDefault() : null;
        if (!File.Exists(Program) || module is null || !File.Exists(Magic))
        {
            Assert.Skip($"{Program} or its virus module is not installed (Debian: c-icap libc-icap-mod-virus-scan): the client was not tried against a real service.");
        }

        await clamd.StartAsync(cancellationToken);
        await _starting.WaitAsync(cancellationToken);
        try
        {
            if (_process is null)
            {
                Launch(Path.GetDirectoryName(module)!, clamd.Endpoint["unix:".Length..]);
                await WaitUntilReadyAsync(cancellationToken);
            }
        }
        finally
        {
            _starting.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { } process)
        {
            // Its children, which serve the connections, end with their parent only when it ends properly.
            await File.WriteAllTextAsync(Path.Combine(_folder, "ctl"), "stop");
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
            await process.WaitForExitAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
                await process.WaitForExitAsync(CancellationToken.None);
            }

            process.Dispose();
        }

        _starting.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private void Launch(string modules, string clamdSocket)
    {
        using (var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
        {
            probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            _port = ((IPEndPoint)probe.LocalEndPoint!).Port;
        }

        var configuration = Path.Combine(_folder, "c-icap.conf");
        File.WriteAllLines(configuration,
        [
            $"PidFile {_folder}/pid", $"CommandsSocket {_folder}/ctl", $"ServerLog {_folder}/server.log", $"AccessLog {_folder}/access.log", $"TmpDir {_folder}",
            FormattableString.Invariant($"Port 127.0.0.1:{_port}"), "StartServers 1", "MaxServers 2", "ThreadsPerChild 10", "MinSpareThreads 2", "MaxSpareThreads 20",
            "MaxKeepAliveRequests 1000", "Timeout 60", "KeepAliveTimeout 60", "Pipelining on", "DebugLevel 1",
            $"ModulesDir {modules}", $"ServicesDir {modules}", "TemplateDir /usr/share/c_icap/templates/", "TemplateDefaultLanguage en", $"LoadMagicFile {Magic}",
            "Service echo srv_echo.so", "Service antivirus_module virus_scan.so",
            "ServiceAlias avscan virus_scan?allow204=on&sizelimit=off&mode=simple",
            "ServiceAlias streaming virus_scan?allow204=off",
            "virus_scan.ScanFileTypes TEXT DATA EXECUTABLE ARCHIVE GIF JPEG MSOFFICE", "virus_scan.SendPercentData 5", "virus_scan.StartSendPercentDataAfter 256K",
            "virus_scan.MaxObjectSize 100M", "virus_scan.DefaultEngine clamd",
            "Module common clamd_mod.so", $"clamd_mod.ClamdSocket {clamdSocket}",
        ]);
        var start = new ProcessStartInfo(Program, ["-N", "-f", configuration]) { RedirectStandardOutput = true, RedirectStandardError = true };
        _process = Process.Start(start)!;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    private async Task WaitUntilReadyAsync(CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        await using var scanner = new IcapScanner(new() { Url = Url("avscan"), SelfTest = false }, TimeProvider.System, NullLogger<IcapScanner>.Instance);
        while (!scanner.Status.IsReady)
        {
            Assert.False(_process!.HasExited, "c-icap ended at its start");
            await Task.Delay(20, linked.Token);
            await scanner.RefreshStatusAsync(linked.Token);
        }
    }
}
