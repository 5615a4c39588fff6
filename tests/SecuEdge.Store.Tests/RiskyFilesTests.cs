using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SecuEdge.Filter.Outbreak;
using SecuEdge.Store.Outbreak;
using SecuEdge.TestKit;

namespace SecuEdge.Store.Tests;

public sealed class RiskyFilesTests : IDisposable
{
    private readonly TempFolder _folder = new(inMemory: true);
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly OutbreakOptions _limits = new() { RememberedFiles = 1000 };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Journal => Path.Combine(_folder.Path, "outbreak", "risky-files");

    [Fact]
    public async Task What_was_seen_is_known_after_a_restart_exactly()
    {
        Sightings before;
        await using (var files = Open())
        {
            for (var i = 0; i < 30; i++)
            {
                files.See(1);
                _time.Advance(TimeSpan.FromHours(7));
            }

            files.See(2);
            files.Forget(2);
            before = files.Find(1);
        }

        await using var again = Open();
        Assert.Equal(before, again.Find(1));
        Assert.Equal(30, again.Find(1).Count);
        Assert.True(again.Find(2).IsNever);
    }

    [Fact]
    public async Task The_longest_unseen_are_forgotten_first()
    {
        await using var files = Open();
        for (UInt128 i = 1; i <= 1001; i++)
        {
            files.See(i);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(901, files.Count);
        Assert.True(files.Find(100).IsNever);
        Assert.False(files.Find(101).IsNever);
    }

    [Fact]
    public async Task The_journal_does_not_grow_without_end()
    {
        await using (var files = Open())
        {
            for (var round = 0; round < 30; round++)
            {
                for (UInt128 i = 1; i <= 900; i++)
                {
                    files.See(i);
                }

                await files.FlushAsync(Cancellation);
            }
        }

        Assert.InRange(new FileInfo(Journal).Length, 900 * 64, 11_000 * 64);
        await using var again = Open();
        Assert.Equal((900, 30), (again.Count, again.Find(900).Count));
    }

    [Fact]
    public async Task A_damaged_journal_is_read_as_far_as_it_is_good()
    {
        await using (var files = Open())
        {
            files.See(1);
            files.See(2);
        }

        var bytes = await File.ReadAllBytesAsync(Journal, Cancellation);
        bytes[10] ^= 1;
        await File.WriteAllBytesAsync(Journal, [.. bytes, 1, 2, 3], Cancellation);
        await using var again = Open();
        Assert.Equal((1, true), (again.Count, again.Find(1).IsNever));
    }

    public void Dispose() => _folder.Dispose();

    private RiskyFiles Open() => RiskyFiles.Open(new StoreOptions { DataFolder = _folder.Path }, _limits, _time, NullLogger.Instance);
}
