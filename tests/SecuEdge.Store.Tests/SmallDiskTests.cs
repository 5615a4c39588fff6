using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using SecuEdge.Store.MessageLog;
using SecuEdge.TestKit;
using static SecuEdge.Store.Tests.SampleRecords;

namespace SecuEdge.Store.Tests;

/// <summary>A real file system of 64 MB that really is full. Mounting needs root.</summary>
public sealed class SmallDiskTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly bool _isMounted;

    public SmallDiskTests() => _isMounted = Environment.UserName == "root" && Run("mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", _folder.Path);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Spool_and_log_survive_a_full_disk_and_go_on_when_there_is_space()
    {
        Assert.SkipUnless(_isMounted, "needs root to mount a file system of 64 MB");
        var options = new StoreOptions { DataFolder = _folder.Path, SegmentBytes = 4 << 20, FreeSpaceFloorBytes = 0 };
        await using var log = await MessageLog.MessageLog.OpenAsync(options, TimeProvider.System, NullLogger.Instance, Cancellation);
        var (spool, _) = await Spool.Spool.OpenAsync(options, TimeProvider.System, NullLogger.Instance, null, Cancellation);
        // First a large message finds no room for its file, then a small one none in the log.
        var acknowledged = await FillAsync(spool, 0, i => i % 5 == 0 ? 300_000 : 50_000);
        acknowledged.AddRange(await FillAsync(spool, 5_000, _ => 50_000));
        Assert.InRange(acknowledged.Count, 300, 1000);
        Assert.NotEqual("", spool.Status.Trouble);

        // Not a page is left for the log either.
        var ballast = Path.Combine(_folder.Path, "ballast");
        Fill(ballast);
        for (var i = 0; i < 3000; i++)
        {
            log.Save(Record(Reference(i), MessageState.Delivered) with { Subject = Convert.ToHexString(Bytes(Reference(i), 500)) });
        }

        await Assert.ThrowsAsync<IOException>(() => log.FlushAsync(Cancellation));
        Assert.Contains("cannot be written", log.Trouble, StringComparison.Ordinal);
        Assert.NotNull(await log.FindAsync(Reference(2999), Cancellation));

        File.Delete(ballast);
        foreach (var (reference, entry) in acknowledged.SkipLast(50))
        {
            await spool.FinishAsync(entry, Record(reference, MessageState.Delivered), Cancellation);
        }

        await Eventually.Async(() => new DriveInfo(_folder.Path).AvailableFreeSpace > 25 << 20);
        await SpoolFixture.CommitAsync(spool, Reference(10_000), 50_000);
        Assert.Equal("", spool.Status.Trouble);
        await log.FlushAsync(Cancellation);
        Assert.Equal("", log.Trouble);
        Assert.NotNull(await log.FindAsync(Reference(0), Cancellation));
        await spool.DisposeAsync();

        var (again, recovery) = await Spool.Spool.OpenAsync(options, TimeProvider.System, NullLogger.Instance, null, Cancellation);
        await using var closing = again;
        var live = recovery.Live.ToDictionary(e => e.Reference);
        Assert.All(acknowledged.TakeLast(50), a => Assert.True(AreBytesOf(a.Reference, SpoolFixture.Read(live[a.Reference]))));
    }

    public void Dispose()
    {
        if (_isMounted)
        {
            Run("umount", "-l", _folder.Path);
        }

        _folder.Dispose();
    }

    private static async Task<List<(string Reference, Spool.ISpoolEntry Entry)>> FillAsync(Spool.Spool spool, int first, Func<int, int> lengthOf)
    {
        var acknowledged = new List<(string, Spool.ISpoolEntry)>();
        for (var i = first; i < first + 4000; i++)
        {
            try
            {
                acknowledged.Add((Reference(i), await SpoolFixture.CommitAsync(spool, Reference(i), lengthOf(i))));
            }
            catch (IOException)
            {
                break;
            }
        }

        return acknowledged;
    }

    private static void Fill(string path)
    {
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, 0);
        try
        {
            for (var block = new byte[4096]; ;)
            {
                file.Write(block);
            }
        }
        catch (IOException)
        {
            // Full, as wanted.
        }
    }

    private static bool Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(program, arguments);
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
