using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SecuEdge.Store.MessageLog;
using SecuEdge.Store.Spool;
using SecuEdge.TestKit;

namespace SecuEdge.Store.Tests;

/// <summary>A spool on a folder of its own, to be opened again and again.</summary>
internal sealed class SpoolFixture(bool inMemory = false) : IDisposable
{
    private readonly TempFolder _folder = new(inMemory);

    public FakeTimeProvider Time { get; } = new(SampleRecords.Start);

    public string Folder => _folder.Path;

    public string Segments => Path.Combine(Folder, "spool", "segments");

    public string Messages => Path.Combine(Folder, "spool", "messages");

    public Func<CancellationToken, Task>? BeforeSegmentDelete { get; set; }

    public Task<(Spool.Spool Spool, SpoolRecovery Recovery)> OpenAsync(StoreOptions options) =>
        Spool.Spool.OpenAsync(options, Time, NullLogger.Instance, BeforeSegmentDelete, TestContext.Current.CancellationToken);

    public Task<(Spool.Spool Spool, SpoolRecovery Recovery)> OpenAsync() => OpenAsync(new FailingFileSystem().Options(Folder));

    public static async Task<ISpoolEntry> CommitAsync(ISpool spool, string reference, int length, MessageRecord? record = null)
    {
        await using var draft = spool.OpenDraft();
        var bytes = SampleRecords.Bytes(reference, length);
        for (var offset = 0; offset < length; offset += 10_000)
        {
            await draft.WriteAsync(bytes.AsMemory(offset, Math.Min(10_000, length - offset)), CancellationToken.None);
        }

        return await spool.CommitAsync(draft, record ?? SampleRecords.Record(reference), CancellationToken.None);
    }

    public static byte[] Read(ISpoolEntry entry)
    {
        using var stream = entry.Bytes.OpenRead();
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }

    public void Dispose() => _folder.Dispose();
}
