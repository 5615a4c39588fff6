using System.Diagnostics;

namespace SecuEdge.Appliance.Tests.EndToEnd;

/// <summary>The disk is full, or a database is broken: mail is refused for a while or flows on, and none is lost.</summary>
[Collection(EndToEndGroup.Name)]
public sealed class StorageTests(ITestOutputHelper output)
{
    private static readonly TimeSpan BalanceLimit = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task A_full_disk_defers_mail_and_loses_none()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "A small disk of its own can be mounted by root only");
        using var folder = new TemporaryFolder();
        using var disk = SmallDisk.TryMount(Path.Combine(folder.Path, "data"), megabytes: 512);
        Assert.SkipWhen(disk is null, "No tmpfs can be mounted here");
        var ledger = new Ledger();
        await using var sink = RecordingSink.StartNew(ledger);
        await using var gateway = GatewayProcess.Create(folder.Path, sink.Address);
        await gateway.StartAsync(cancellationToken);
        await using var senders = new Senders(ledger, gateway.Launch.Outbound, SampleMail.Create);
        senders.Start(4);
        await UntilAsync(() => ledger.Acknowledged > 50, cancellationToken);

        // Next hop down and disk full: nothing can leave and nothing new fits.
        sink.IsRefusing = true;
        disk.Fill();
        var deferredBefore = senders.Deferred;
        await UntilAsync(() => senders.Deferred > deferredBefore + 20, cancellationToken);
        Assert.True(gateway.IsRunning, gateway.Tail());
        Assert.DoesNotContain(ledger.Sent, sent => sent.Reply is { Code: >= 500 });

        disk.Empty();
        sink.IsRefusing = false;
        var acknowledgedBefore = ledger.Acknowledged;
        await UntilAsync(() => ledger.Acknowledged > acknowledgedBefore + 20, cancellationToken);
        await senders.StopAsync();
        var problems = await ledger.BalanceAsync(sink, gateway.Api, BalanceLimit, cancellationToken);

        output.WriteLine($"{ledger.Acknowledged} acknowledged, {senders.Deferred} deferred");
        Assert.True(problems.Count == 0, $"{string.Join('\n', problems.Take(20))}\n{gateway.Tail()}");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.5)]
    [InlineData(0.95)]
    public async Task A_truncated_database_is_set_aside_and_no_message_is_lost(double kept)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        using var folder = new TemporaryFolder();
        var ledger = new Ledger();
        await using var sink = RecordingSink.StartNew(ledger);
        sink.IsRefusing = true;
        await using var gateway = GatewayProcess.Create(folder.Path, sink.Address);
        await gateway.StartAsync(cancellationToken);
        await using (var senders = new Senders(ledger, gateway.Launch.Outbound, SampleMail.Create))
        {
            senders.Start(4);
            await UntilAsync(() => ledger.Acknowledged > 100, cancellationToken);
        }

        await gateway.KillAsync(cancellationToken);
        var databases = Directory.GetFiles(gateway.Launch.DataFolder, "*.db", SearchOption.AllDirectories);
        Assert.NotEmpty(databases);
        foreach (var database in databases)
        {
            await using var file = new FileStream(database, FileMode.Open);
            // Not at a page border, as a disk would not care either.
            var length = (long)(file.Length * kept);
            file.SetLength(length == 0 ? 0 : length + 1 - length % 2);
        }

        sink.IsRefusing = false;
        var outputBefore = gateway.Output.Length;
        await gateway.StartAsync(cancellationToken);
        var problems = await ledger.BalanceAsync(sink, gateway.Api, BalanceLimit, cancellationToken);

        output.WriteLine(gateway.Output[outputBefore..]);
        Assert.True(problems.Count == 0, $"{string.Join('\n', problems.Take(20))}\n{gateway.Tail()}");
        Assert.Contains(gateway.Output[outputBefore..].Split('\n'), line => line.Contains(".db", StringComparison.Ordinal));
    }

    private static async Task UntilAsync(Func<bool> condition, CancellationToken cancellationToken)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(60), "It did not come to that within a minute");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>A file system in memory, small enough to be filled.</summary>
    private sealed class SmallDisk(string folder) : IDisposable
    {
        private string Ballast => Path.Combine(folder, "ballast");

        public static SmallDisk? TryMount(string folder, int megabytes)
        {
            Directory.CreateDirectory(folder);
            return Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "tmpfs", folder) ? new SmallDisk(folder) : null;
        }

        /// <summary>Takes what is free, to the last page.</summary>
        public void Fill()
        {
            using var file = new FileStream(Ballast, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
            foreach (var portion in new[] { 1 << 20, 1 << 12 })
            {
                try
                {
                    while (true)
                    {
                        file.Write(new byte[portion]);
                    }
                }
                catch (IOException)
                {
                    // Full, for a portion of this size.
                }
            }
        }

        public void Empty() => File.Delete(Ballast);

        public void Dispose() => Run("umount", "--lazy", folder);

        private static bool Run(string program, params string[] arguments)
        {
            using var process = Process.Start(program, arguments);
            process.WaitForExit();
            return process.ExitCode == 0;
        }
    }
}
