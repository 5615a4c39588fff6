using SecuEdge.Store.MessageLog;
using SecuEdge.TestKit;
using static SecuEdge.Store.Tests.SampleRecords;

namespace SecuEdge.Store.Tests;

public sealed class SpoolTests : IDisposable
{
    private readonly SpoolFixture _fixture = new();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4096)]
    [InlineData(256 << 10)]
    [InlineData((256 << 10) + 1)]
    [InlineData(3_000_000)]
    public async Task A_committed_message_is_there_after_a_restart_with_bytes_and_record(int length)
    {
        var (spool, _) = await _fixture.OpenAsync();
        var record = Record(Reference(1));
        var entry = await SpoolFixture.CommitAsync(spool, Reference(1), length, record);
        Assert.Equal(length, entry.Bytes.Length);
        Assert.True(AreBytesOf(Reference(1), SpoolFixture.Read(entry)));
        await spool.DisposeAsync();

        var (again, recovery) = await _fixture.OpenAsync();
        await using var closing = again;
        var found = Assert.Single(recovery.Live);
        Assert.Equal(1, again.Count);
        Assert.Equal(Reference(1), found.Reference);
        Assert.Equal(length, SpoolFixture.Read(found).Length);
        Assert.True(AreBytesOf(Reference(1), SpoolFixture.Read(found)));
        Assert.Equivalent(record, found.ReadRecord(), strict: true);
        Assert.Empty(recovery.Notes);
    }

    [Fact]
    public async Task A_finished_message_comes_back_only_as_a_finished_record()
    {
        var (spool, _) = await _fixture.OpenAsync();
        var entry = await SpoolFixture.CommitAsync(spool, Reference(1), 100);
        var last = Record(Reference(1), MessageState.Delivered);
        await spool.FinishAsync(entry, last, CancellationToken.None);
        await spool.FinishAsync(entry, last, CancellationToken.None);
        Assert.Equal(0, spool.Count);
        await spool.DisposeAsync();

        var (again, recovery) = await _fixture.OpenAsync();
        await using var closing = again;
        Assert.Empty(recovery.Live);
        Assert.Equivalent(last, Assert.Single(recovery.Finished), strict: true);
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(1_000_000)]
    public async Task A_saved_record_survives_and_its_files_go_when_it_is_finished(int length)
    {
        var (spool, _) = await _fixture.OpenAsync();
        var entry = await SpoolFixture.CommitAsync(spool, Reference(1), length);
        await spool.SaveAsync(entry, Record(Reference(1), MessageState.Deferred), CancellationToken.None);
        await spool.SaveAsync(entry, Record(Reference(1), MessageState.Deferred) with { Subject = "second" }, CancellationToken.None);
        Assert.Equal("second", entry.ReadRecord().Subject);
        Assert.True(AreBytesOf(Reference(1), SpoolFixture.Read(entry)));
        await spool.DisposeAsync();

        var (again, recovery) = await _fixture.OpenAsync();
        var found = Assert.Single(recovery.Live);
        Assert.Equal("second", found.ReadRecord().Subject);
        Assert.Equal(length, SpoolFixture.Read(found).Length);
        await again.FinishAsync(found, Record(Reference(1), MessageState.Delivered), CancellationToken.None);
        Assert.Empty(Directory.GetFiles(_fixture.Messages, "*", SearchOption.AllDirectories));
        await again.DisposeAsync();

        var (third, empty) = await _fixture.OpenAsync();
        await using var closing = third;
        Assert.Empty(empty.Live);
    }

    [Fact]
    public async Task Two_messages_of_one_reference_are_two_messages()
    {
        var (spool, _) = await _fixture.OpenAsync();
        var first = await SpoolFixture.CommitAsync(spool, Reference(1), 10);
        await spool.FinishAsync(first, Record(Reference(1), MessageState.Quarantined), CancellationToken.None);
        await SpoolFixture.CommitAsync(spool, Reference(1), 20);
        await spool.DisposeAsync();

        var (again, recovery) = await _fixture.OpenAsync();
        await using var closing = again;
        Assert.Equal(20, Assert.Single(recovery.Live).Bytes.Length);
    }

    [Fact]
    public async Task Drafts_do_not_survive_a_restart()
    {
        var (spool, _) = await _fixture.OpenAsync();
        var draft = spool.OpenDraft();
        await draft.WriteAsync(new byte[1_000_000], CancellationToken.None);
        Assert.NotNull(draft.Bytes.FilePath);
        await spool.DisposeAsync();

        var (again, recovery) = await _fixture.OpenAsync();
        await using var closing = again;
        Assert.Empty(recovery.Live);
        Assert.Empty(Directory.GetFiles(Path.Combine(_fixture.Folder, "spool", "incoming")));
    }

    [Fact]
    public async Task Segments_without_live_messages_are_deleted_after_the_message_log_was_flushed()
    {
        var flushes = 0;
        _fixture.BeforeSegmentDelete = _ =>
        {
            Interlocked.Increment(ref flushes);
            return Task.CompletedTask;
        };
        var (spool, _) = await _fixture.OpenAsync();
        await using var closing = spool;
        for (var i = 0; i < 40; i++)
        {
            var entry = await SpoolFixture.CommitAsync(spool, Reference(i), 100_000);
            await spool.FinishAsync(entry, Record(Reference(i), MessageState.Delivered), CancellationToken.None);
        }

        await Eventually.Async(() => Directory.GetFiles(_fixture.Segments).Length == 1);
        Assert.True(flushes > 0);
    }

    [Fact]
    public async Task A_segment_stays_while_the_message_log_cannot_be_flushed()
    {
        _fixture.BeforeSegmentDelete = _ => throw new IOException("the log is full");
        var (spool, _) = await _fixture.OpenAsync();
        for (var i = 0; i < 30; i++)
        {
            var entry = await SpoolFixture.CommitAsync(spool, Reference(i), 100_000);
            await spool.FinishAsync(entry, Record(Reference(i), MessageState.Delivered), CancellationToken.None);
        }

        await spool.DisposeAsync();
        var (again, recovery) = await _fixture.OpenAsync();
        await using var closing = again;
        Assert.Equal(30, recovery.Finished.Count);
    }

    [Fact]
    public async Task A_full_disk_frees_itself_although_the_message_log_cannot_be_flushed()
    {
        _fixture.BeforeSegmentDelete = _ => throw new IOException("the log is full");
        var disk = new FailingFileSystem { FreeBytes = 300 << 20 };
        var (spool, _) = await _fixture.OpenAsync(disk.Options(_fixture.Folder));
        await using var closing = spool;
        for (var i = 0; i < 30; i++)
        {
            var entry = await SpoolFixture.CommitAsync(spool, Reference(i), 100_000);
            await spool.FinishAsync(entry, Record(Reference(i), MessageState.Delivered), CancellationToken.None);
        }

        Assert.True(Directory.GetFiles(_fixture.Segments).Length > 2);
        disk.FreeBytes = 100 << 20;
        _fixture.Time.Advance(TimeSpan.FromSeconds(15));
        await Eventually.Async(() => Directory.GetFiles(_fixture.Segments).Length == 1);
    }

    [Fact]
    public async Task An_old_message_moves_to_files_so_that_its_segment_can_go()
    {
        var (spool, _) = await _fixture.OpenAsync(new FailingFileSystem().Options(_fixture.Folder, maxSegments: 2));
        await using var closing = spool;
        var old = await SpoolFixture.CommitAsync(spool, Reference(999), 5000);
        var bytes = old.Bytes;
        for (var i = 0; i < 60; i++)
        {
            var entry = await SpoolFixture.CommitAsync(spool, Reference(i), 100_000);
            await spool.FinishAsync(entry, Record(Reference(i), MessageState.Delivered), CancellationToken.None);
        }

        await Eventually.Async(() => Directory.GetFiles(_fixture.Segments).Length <= 2);
        Assert.NotNull(old.Bytes.FilePath);
        Assert.True(AreBytesOf(Reference(999), SpoolFixture.Read(old)));
        Assert.Equal(5000, bytes.Memory!.Value.Length);
        Assert.Equal(Reference(999), old.ReadRecord().Reference);
    }

    [Fact]
    public async Task Messages_can_be_read_while_their_segments_go()
    {
        var (spool, _) = await _fixture.OpenAsync(new FailingFileSystem().Options(_fixture.Folder, maxSegments: 2));
        await using var closing = spool;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(async () =>
        {
            for (var i = 0; i < 40; i++)
            {
                var reference = Reference((worker * 1000) + i);
                var entry = await SpoolFixture.CommitAsync(spool, reference, 20_000);
                for (var reads = 0; reads < 5; reads++)
                {
                    Assert.True(AreBytesOf(reference, SpoolFixture.Read(entry)));
                    Assert.Equal(reference, entry.ReadRecord().Reference);
                }

                if (i % 10 == 0)
                {
                    await spool.SaveAsync(entry, Record(reference, MessageState.Deferred), CancellationToken.None);
                    Assert.True(AreBytesOf(reference, SpoolFixture.Read(entry)));
                }

                await spool.FinishAsync(entry, Record(reference, MessageState.Delivered), CancellationToken.None);
            }
        })));
        Assert.Equal(0, spool.Count);
    }

    [Fact]
    public async Task Below_the_floor_of_free_space_no_draft_is_opened_until_there_is_space_again()
    {
        var disk = new FailingFileSystem { FreeBytes = 300 << 20 };
        var (spool, _) = await _fixture.OpenAsync(disk.Options(_fixture.Folder));
        await using var closing = spool;
        Assert.True(spool.Status.IsAccepting);

        disk.FreeBytes = 200 << 20;
        _fixture.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.False(spool.Status.IsAccepting);
        Assert.Contains("200 MB", spool.Status.Trouble, StringComparison.Ordinal);
        Assert.Throws<IOException>(() => spool.OpenDraft());

        disk.FreeBytes = 400 << 20;
        _fixture.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.True(spool.Status.IsAccepting);
    }

    [Fact]
    public async Task A_second_process_cannot_open_the_spool()
    {
        var (spool, _) = await _fixture.OpenAsync();
        await using var closing = spool;
        await Assert.ThrowsAsync<IOException>(_fixture.OpenAsync);
    }

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("a/b")]
    [InlineData("")]
    [InlineData("a.b")]
    [InlineData("a\0b")]
    public async Task A_reference_that_is_no_plain_name_is_refused(string reference)
    {
        var (spool, _) = await _fixture.OpenAsync();
        await using var closing = spool;
        await using var draft = spool.OpenDraft();
        await Assert.ThrowsAsync<ArgumentException>(() => spool.CommitAsync(draft, Record(reference), CancellationToken.None));
    }

    [Fact]
    public async Task A_cancelled_commit_does_not_make_a_message()
    {
        var (spool, _) = await _fixture.OpenAsync();
        await using var closing = spool;
        await using var draft = spool.OpenDraft();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => spool.CommitAsync(draft, Record(Reference(1)), new CancellationToken(true)));
        Assert.Equal(0, spool.Count);
    }

    public void Dispose() => _fixture.Dispose();
}
