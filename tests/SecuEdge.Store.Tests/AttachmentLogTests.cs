using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SecuEdge.Store.Attachments;
using SecuEdge.TestKit;

namespace SecuEdge.Store.Tests;

public sealed class AttachmentLogTests : IDisposable
{
    private readonly TempFolder _folder = new(inMemory: true);
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Messages_with_a_file_are_found_over_days_and_restarts()
    {
        await using (var log = Open())
        {
            log.Note(Hash(1), "AAAA-0001", _time.GetUtcNow());
            log.Note(Hash(2), "AAAA-0001", _time.GetUtcNow());
            _time.Advance(TimeSpan.FromDays(2));
            log.Note(Hash(1), "AAAA-0002", _time.GetUtcNow());
        }

        await using var again = Open();
        again.Note(Hash(1), "AAAA-0003", _time.GetUtcNow());
        Assert.Equal(["AAAA-0001", "AAAA-0002", "AAAA-0003"], (await FindAsync(again, 1)).Select(s => s.Reference));
        Assert.Equal([(Hash(2), "AAAA-0001")], (await FindAsync(again, 2)).Select(s => (s.Sha256, s.Reference)));
        Assert.Empty(await FindAsync(again, 3));
    }

    [Fact]
    public async Task What_is_older_than_the_retention_is_forgotten_and_its_file_deleted()
    {
        await using var log = Open();
        log.Note(Hash(1), "AAAA-0001", _time.GetUtcNow());
        Assert.Single(await FindAsync(log, 1));
        _time.Advance(TimeSpan.FromDays(30) + TimeSpan.FromHours(1));
        Assert.Empty(await FindAsync(log, 1));
        log.Expire();
        Assert.NotEmpty(Files());
        _time.Advance(TimeSpan.FromDays(1));
        log.Expire();
        Assert.Empty(Files());
    }

    [Fact]
    public async Task A_torn_or_damaged_record_costs_only_itself()
    {
        await using (var log = Open())
        {
            for (var i = 0; i < 10; i++)
            {
                log.Note(Hash(1), $"AAAA-000{i}", _time.GetUtcNow());
            }
        }

        var file = Assert.Single(Files());
        var bytes = await File.ReadAllBytesAsync(file, Cancellation);
        bytes[(3 * 64) + 40] ^= 1;
        await File.WriteAllBytesAsync(file, bytes[..^7], Cancellation);

        await using var again = Open();
        Assert.Equal(8, (await FindAsync(again, 1)).Count);
        again.Note(Hash(1), "BBBB-0000", _time.GetUtcNow());
        Assert.Equal(["AAAA-0008", "BBBB-0000"], (await FindAsync(again, 1)).TakeLast(2).Select(s => s.Reference));
    }

    [Fact]
    public async Task A_disk_that_takes_nothing_costs_hashes_and_nothing_else()
    {
        var failing = new FailingFileSystem { Plan = (_, operation) => operation.StartsWith("write", StringComparison.Ordinal) ? DiskFault.NoSpace : null };
        await using var log = new AttachmentLog(new StoreOptions { DataFolder = _folder.Path, Files = failing }, _time, NullLogger.Instance);
        log.Note(Hash(1), "AAAA-0001", _time.GetUtcNow());
        Assert.Empty(await FindAsync(log, 1));
        failing.Plan = (_, _) => null;
        log.Note(Hash(1), "AAAA-0002", _time.GetUtcNow());
        Assert.Equal("AAAA-0002", Assert.Single(await FindAsync(log, 1)).Reference);
    }

    public void Dispose() => _folder.Dispose();

    private static string Hash(int i) => Convert.ToHexStringLower(SHA256.HashData([(byte)i]));

    private static Task<IReadOnlyList<AttachmentSighting>> FindAsync(AttachmentLog log, int i) =>
        log.FindAsync(new HashSet<string> { Hash(i), Hash(200) }, Cancellation);

    private string[] Files() => Directory.GetFiles(Path.Combine(_folder.Path, "attachments"));

    private AttachmentLog Open() => new(new StoreOptions { DataFolder = _folder.Path }, _time, NullLogger.Instance);
}
