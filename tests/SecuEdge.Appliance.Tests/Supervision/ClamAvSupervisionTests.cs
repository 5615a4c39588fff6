using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SecuEdge.Appliance.Supervision;
using SecuEdge.TestKit;

namespace SecuEdge.Appliance.Tests.Supervision;

/// <summary>The whole folder as the host runs it, with the real clamd and a shell script in the place of freshclam.</summary>
public sealed class ClamAvSupervisionTests : IDisposable
{
    private const string Clamd = "/usr/sbin/clamd";
    private static readonly string TestSignatures = Path.Combine(TestData.RepositoryRoot, "appliance", "clamav", "test-signatures");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Without_a_database_and_a_mirror_clamd_runs_with_test_signatures_and_says_so()
    {
        await using var running = await StartAsync("echo 'ERROR: cannot reach the mirror'; exit 12");

        await running.IsReady();

        var status = running.Status;
        Assert.Equal(SignatureKind.TestOnly, status.Signatures);
        Assert.Equal("test signatures only, no real virus is found: no signature database: ERROR: cannot reach the mirror", status.Trouble);
        Assert.Equal("stream: SecuEdge.Test.Eicar.UNOFFICIAL FOUND", await running.ScanAsync(Eicar));
        Assert.Equal("stream: OK", await running.ScanAsync("plain text"));
    }

    [Fact]
    public async Task Without_test_signatures_clamd_waits_until_an_update_brings_a_database()
    {
        // The first run fails; the second one is what the schedule would start later.
        var options = Options("echo 'ERROR: cannot reach the mirror'; exit 12");
        options.TestSignatures = "";
        await using var running = await StartAsync(options);
        await Eventually.IsTrue(() => running.Status.Updates!.Trouble.Length > 0, "failed update");
        await Eventually.IsTrue(() => running.Status.Clamd!.Reason.Contains("cannot reach", StringComparison.Ordinal), "the reason");
        Assert.Equal(ChildState.Waiting, running.Status.Clamd!.State);

        File.Copy(Path.Combine(TestSignatures, "secuedge-test.ndb"), Path.Combine(_folder.Path, "data", "clamav", "own.ndb"));

        await running.IsReady();
        Assert.Equal(SignatureKind.Installed, running.Status.Signatures);
    }

    [Fact]
    public async Task An_update_that_brings_the_first_database_is_loaded_instead_of_the_test_signatures()
    {
        var database = Path.Combine(_folder.Path, "data", "clamav", "own.ndb");
        await using var running = await StartAsync($"printf 'Other-Name:0:*:58354f2150254041505b345c505a58353428505e2937434329377d2445494341522d5354414e444152442d414e544956495255532d544553542d46494c452124482b482a\\n' > {database}");

        await running.IsReady();

        Assert.Equal(SignatureKind.Installed, running.Status.Signatures);
        // The file is seen before the end of the program that wrote it.
        await Eventually.IsTrue(() => running.Status.Updates!.LastSuccess is not null, "the end of the update");
        Assert.Equal("", running.Status.Trouble);
        Assert.Equal("stream: Other-Name.UNOFFICIAL FOUND", await running.ScanAsync(Eicar));
    }

    [Fact]
    public async Task New_signatures_are_loaded_into_the_running_clamd()
    {
        var database = _folder.File("data/clamav/own.ndb", "First-Name:0:*:deadbeefdeadbeef\n");
        await using var running = await StartAsync("exit 0");
        await running.IsReady();
        Assert.Equal("stream: OK", await running.ScanAsync(Eicar));

        File.Copy(Path.Combine(TestSignatures, "secuedge-test.ndb"), database, overwrite: true);
        await running.Services.GetRequiredService<ClamdSupervisor>().SignaturesChangedAsync(TestContext.Current.CancellationToken);

        var answer = "";
        await Eventually.IsTrueAsync(async () => (answer = await running.ScanAsync(Eicar)).EndsWith("FOUND", StringComparison.Ordinal), "new signatures");

        Assert.Equal("stream: SecuEdge.Test.Eicar.UNOFFICIAL FOUND", answer);
        Assert.Equal(0, running.Status.Clamd!.Restarts);
    }

    [Fact]
    public async Task A_killed_clamd_is_back_within_seconds()
    {
        await using var running = await StartAsync("exit 12");
        await running.IsReady();

        Process.GetProcessById(running.Status.Clamd!.ProcessId!.Value).Kill();

        await Eventually.IsTrue(() => running.Status.Clamd is { State: ChildState.Running, Restarts: 1 }, "restart");
        await running.IsReady();
    }

    [Fact]
    public async Task Stopping_the_host_ends_clamd_and_no_other_user_can_reach_its_socket()
    {
        var running = await StartAsync("exit 12");
        await running.IsReady();
        var id = running.Status.Clamd!.ProcessId!.Value;
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute,
            File.GetUnixFileMode(Path.Combine(_folder.Path, "data", "run", "clamav")));

        await running.DisposeAsync();

        Assert.False(Directory.Exists($"/proc/{id}"));
    }

    [Fact]
    public async Task An_absent_freshclam_is_tolerated_and_shown()
    {
        var options = Options("");
        options.FreshclamProgram = "/nonexistent/freshclam";
        await using var running = await StartAsync(options);

        await running.IsReady();

        Assert.Equal("/nonexistent/freshclam is not installed", running.Status.Updates!.Trouble);
        Assert.False(running.Status.Updates.IsEnabled);
    }

    [Fact]
    public async Task A_clamd_elsewhere_is_not_supervised()
    {
        await using var running = await StartAsync(new ClamAvServiceOptions { Supervise = false, Endpoint = "tcp:clamav:3310" });

        Assert.False(running.Status.IsSupervised);
        Assert.False(running.Status.IsDegraded);
    }

    [Theory]
    [InlineData(0.0, 120)]
    [InlineData(0.999999, 132)]
    public void Gateways_started_together_drift_apart(double random, int minutes) =>
        Assert.Equal(minutes, FreshclamSchedule.WithJitter(TimeSpan.FromHours(2), random).TotalMinutes, 0.001);

    /// <summary>Put together here, so that no scanner finds this file.</summary>
    private static string Eicar => string.Concat(@"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR", "-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*");

    private ClamAvServiceOptions Options(string freshclam) => new()
    {
        DataFolder = Path.Combine(_folder.Path, "data"),
        TestSignatures = TestSignatures,
        FreshclamProgram = _folder.Program("freshclam", freshclam),
    };

    private Task<Running> StartAsync(string freshclam) => StartAsync(Options(freshclam));

    private static async Task<Running> StartAsync(ClamAvServiceOptions options)
    {
        Assert.SkipUnless(File.Exists(Clamd) || !options.Supervise, $"{Clamd} is not installed: apt-get install clamav-daemon");
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddLogging();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddClamAvSupervision(options);
        var host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        return new Running(host, ClamAvPaths.From(options));
    }

    private sealed class Running(IHost host, ClamAvPaths paths) : IAsyncDisposable
    {
        public IServiceProvider Services => host.Services;

        public SupervisionStatus Status => host.Services.GetRequiredService<ClamAvSupervision>().Status;

        public Task IsReady() => Eventually.IsTrue(Answers, $"clamd answers; {Status}");

        public async Task<string> ScanAsync(string text)
        {
            var bytes = Encoding.Latin1.GetBytes(text);
            using var socket = Connect();
            await using var stream = new NetworkStream(socket);
            await stream.WriteAsync((byte[])[.. "zINSTREAM\0"u8, 0, 0, 0, (byte)bytes.Length, .. bytes, 0, 0, 0, 0], TestContext.Current.CancellationToken);
            return (await new StreamReader(stream).ReadToEndAsync(TestContext.Current.CancellationToken)).TrimEnd('\0');
        }

        public async ValueTask DisposeAsync()
        {
            await host.StopAsync(CancellationToken.None);
            host.Dispose();
        }

        private Socket Connect()
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            socket.Connect(paths.Endpoint.ToEndPoint());
            return socket;
        }

        private bool Answers()
        {
            try
            {
                using var socket = Connect();
                socket.Send("zPING\0"u8);
                var reply = new byte[16];
                return socket.Receive(reply) > 0;
            }
            catch (SocketException)
            {
                return false;
            }
        }
    }
}
