using SecuEdge.Store.MessageLog;
using SecuEdge.Store.Spool;
using SecuEdge.TestKit;
using static SecuEdge.Store.Tests.SampleRecords;

namespace SecuEdge.Store.Tests;

/// <summary>What the spool does in trouble, one kind at a time.</summary>
public sealed class SpoolFailureTests : IDisposable
{
    private readonly SpoolFixture _fixture = new(inMemory: true);
    private readonly FailingFileSystem _disk = new();

    [Fact]
    public async Task After_a_failed_sync_nothing_is_accepted_and_the_sync_is_not_repeated()
    {
        var (spool, _) = await _fixture.OpenAsync(_disk.Options(_fixture.Folder));
        var before = await SpoolFixture.CommitAsync(spool, Reference(1), 100);
        var syncs = 0;
        _disk.Plan = (_, name) => name == "sync" && ++syncs == 1 ? DiskFault.FalseAlarm : null;
        await Assert.ThrowsAsync<IOException>(() => SpoolFixture.CommitAsync(spool, Reference(2), 100));

        Assert.False(spool.Status.IsAccepting);
        Assert.Contains("durable", spool.Status.Trouble, StringComparison.Ordinal);
        Assert.Throws<IOException>(() => spool.OpenDraft());
        Assert.Equal(1, spool.Count);

        await spool.FinishAsync(before, Record(Reference(1), MessageState.Delivered), CancellationToken.None);
        Assert.Equal(1, syncs);
        await spool.DisposeAsync();

        var (again, recovery) = await _fixture.OpenAsync();
        await using var closing = again;
        Assert.Empty(recovery.Live);
        Assert.Equal(Reference(1), Assert.Single(recovery.Finished).Reference);
    }

    [Fact]
    public async Task A_full_disk_refuses_the_batch_and_mail_goes_on_when_there_is_space()
    {
        var (spool, _) = await _fixture.OpenAsync(_disk.Options(_fixture.Folder));
        await SpoolFixture.CommitAsync(spool, Reference(1), 100);
        _disk.Plan = (_, _) => DiskFault.NoSpace;
        await Assert.ThrowsAsync<IOException>(() => SpoolFixture.CommitAsync(spool, Reference(2), 100));
        await Assert.ThrowsAsync<IOException>(() => SpoolFixture.CommitAsync(spool, Reference(3), 100));
        Assert.NotEqual("", spool.Status.Trouble);

        _disk.Plan = (_, _) => null;
        await SpoolFixture.CommitAsync(spool, Reference(4), 100);
        Assert.Equal("", spool.Status.Trouble);
        Assert.True(spool.Status.IsAccepting);
        await spool.DisposeAsync();

        var (again, recovery) = await _fixture.OpenAsync();
        await using var closing = again;
        Assert.Equal([Reference(1), Reference(4)], recovery.Live.Select(e => e.Reference));
    }

    [Fact]
    public async Task A_finished_mark_still_finds_room_when_no_new_segment_can_be_made()
    {
        var (spool, _) = await _fixture.OpenAsync(_disk.Options(_fixture.Folder));
        var first = await SpoolFixture.CommitAsync(spool, Reference(0), 100);
        _disk.Plan = (_, name) => name is "create" or "allocate" ? DiskFault.NoSpace : null;
        for (var i = 1; i < 100; i++)
        {
            try
            {
                await SpoolFixture.CommitAsync(spool, Reference(i), 100_000);
            }
            catch (IOException)
            {
                break;
            }
        }

        await spool.FinishAsync(first, Record(Reference(0), MessageState.Delivered), CancellationToken.None);
        await spool.DisposeAsync();

        var (again, recovery) = await _fixture.OpenAsync();
        await using var closing = again;
        Assert.Equal(Reference(0), Assert.Single(recovery.Finished).Reference);
        Assert.True(recovery.Live.Count > 5);
    }

    [Fact]
    public async Task Many_at_once_are_each_told_the_truth_about_a_disk_that_fails_now_and_then()
    {
        var random = new Random(5);
        _disk.Plan = (_, name) => name == "write" && random.Next(10) == 0 ? DiskFault.NoSpace : null;
        var (spool, _) = await OpenWithLuckAsync();
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(async () =>
        {
            try
            {
                await SpoolFixture.CommitAsync(spool, Reference(i), 3000);
                return (Reference: Reference(i), IsAcknowledged: true);
            }
            catch (IOException)
            {
                return (Reference: Reference(i), IsAcknowledged: false);
            }
        })));
        await spool.DisposeAsync();

        var (again, recovery) = await _fixture.OpenAsync();
        await using var closing = again;
        Assert.Equal(outcomes.Where(o => o.IsAcknowledged).Select(o => o.Reference).Order(), recovery.Live.Select(e => e.Reference).Order());
        Assert.All(recovery.Live, e => Assert.True(AreBytesOf(e.Reference, SpoolFixture.Read(e))));
    }

    [Fact]
    public async Task A_segment_cut_at_any_byte_of_its_last_record_keeps_all_before_it()
    {
        var (spool, _) = await _fixture.OpenAsync();
        await SpoolFixture.CommitAsync(spool, Reference(1), 300);
        await SpoolFixture.CommitAsync(spool, Reference(2), 200);
        await spool.DisposeAsync();
        var path = Directory.GetFiles(_fixture.Segments).Single();
        var whole = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        var used = Array.FindLastIndex(whole, b => b != 0) + 1;
        var lastStart = LastRecordStart(whole);

        for (var cut = lastStart; cut < used; cut += 1)
        {
            Keep(path, whole.AsSpan(0, cut));
            var (again, recovery) = await _fixture.OpenAsync();
            await again.DisposeAsync();
            Assert.Equal([Reference(1)], recovery.Live.Select(e => e.Reference));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    [InlineData(20)]
    [InlineData(60)]
    [InlineData(500)]
    public async Task A_rotten_byte_costs_one_message_and_not_those_behind_it(int position)
    {
        var (spool, _) = await _fixture.OpenAsync();
        for (var i = 0; i < 5; i++)
        {
            await SpoolFixture.CommitAsync(spool, Reference(i), 300);
        }

        await spool.DisposeAsync();
        var path = Directory.GetFiles(_fixture.Segments).Single();
        var bytes = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        bytes[64 + position] ^= 0x5A;
        Keep(path, bytes);

        var (again, recovery) = await _fixture.OpenAsync();
        await using var closing = again;
        Assert.Equal([Reference(1), Reference(2), Reference(3), Reference(4)], recovery.Live.Select(e => e.Reference));
        Assert.Contains("damaged", Assert.Single(recovery.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_record_inside_a_mail_is_never_taken_for_one_of_ours()
    {
        // What a stranger could send: a whole segment of another appliance, as the body of a message in a damaged segment.
        using var foreign = new SpoolFixture(inMemory: true);
        var (other, _) = await foreign.OpenAsync(new FailingFileSystem().Options(foreign.Folder));
        await SpoolFixture.CommitAsync(other, Reference(666), 300);
        await other.DisposeAsync();
        var poison = (await File.ReadAllBytesAsync(Directory.GetFiles(foreign.Segments).Single(), TestContext.Current.CancellationToken))[64..8064];

        var (spool, _) = await _fixture.OpenAsync();
        await using (var draft = spool.OpenDraft())
        {
            await draft.WriteAsync(poison, CancellationToken.None);
            await spool.CommitAsync(draft, Record(Reference(1)), CancellationToken.None);
        }

        await SpoolFixture.CommitAsync(spool, Reference(2), 300);
        await spool.DisposeAsync();
        var path = Directory.GetFiles(_fixture.Segments).Single();
        var bytes = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        bytes[70] ^= 0xFF;
        Keep(path, bytes);

        var (again, recovery) = await _fixture.OpenAsync();
        await using var closing = again;
        Assert.Equal([Reference(2)], recovery.Live.Select(e => e.Reference));
    }

    [Fact]
    public async Task A_message_that_rots_while_it_waits_is_reported_and_not_delivered()
    {
        var (spool, _) = await _fixture.OpenAsync();
        await using var closing = spool;
        var entry = await SpoolFixture.CommitAsync(spool, Reference(1), 3000);
        var path = Directory.GetFiles(_fixture.Segments).Single();
        Rot(path, 64 + 4000);

        var trouble = Assert.Throws<DamagedMessageException>(() => entry.Bytes.Memory);
        Assert.Contains("checksum", trouble.Message, StringComparison.Ordinal);
        Assert.Equal($"spool/damaged/{Reference(1)}.1.eml", trouble.Remains);
        var remains = await File.ReadAllBytesAsync(Path.Combine(_fixture.Folder, trouble.Remains), TestContext.Current.CancellationToken);
        Assert.Equal(3000, remains.Length);
        Assert.InRange(remains.Zip(Bytes(Reference(1), 3000)).Count(b => b.First != b.Second), 1, 6);
        await Assert.ThrowsAsync<DamagedMessageException>(() => spool.SaveAsync(entry, Record(Reference(1), MessageState.Deferred), CancellationToken.None));
    }

    [Theory]
    [InlineData(4000)]
    [InlineData(100)]
    public async Task A_message_that_rots_does_not_keep_its_segment_and_is_still_known_as_damaged_after_a_restart(int position)
    {
        var (spool, _) = await _fixture.OpenAsync(new FailingFileSystem().Options(_fixture.Folder, maxSegments: 2));
        var rotten = await SpoolFixture.CommitAsync(spool, Reference(900), 5000);
        var sound = await SpoolFixture.CommitAsync(spool, Reference(901), 5000);
        Rot(Directory.GetFiles(_fixture.Segments).Single(), 64 + position);
        for (var i = 0; i < 60; i++)
        {
            var entry = await SpoolFixture.CommitAsync(spool, Reference(i), 100_000);
            await spool.FinishAsync(entry, Record(Reference(i), MessageState.Delivered), CancellationToken.None);
        }

        await Eventually.Async(() => Directory.GetFiles(_fixture.Segments).Length <= 2);
        Assert.Throws<DamagedMessageException>(() => rotten.Bytes.OpenRead());
        Assert.True(AreBytesOf(Reference(901), SpoolFixture.Read(sound)));
        await spool.DisposeAsync();

        var (again, recovery) = await _fixture.OpenAsync();
        await using var closing = again;
        Assert.Equal([Reference(900), Reference(901)], recovery.Live.Select(e => e.Reference));
        Assert.Throws<DamagedMessageException>(() => recovery.Live[0].Bytes.Memory);
        if (position < 1000)
        {
            Assert.Throws<DamagedMessageException>(() => recovery.Live[0].ReadRecord());
        }

        await again.FinishAsync(recovery.Live[0], Record(Reference(900), MessageState.Dropped), CancellationToken.None);
        Assert.Equal(1, again.Count);
        Assert.Equal(2, Directory.GetFiles(Path.Combine(_fixture.Folder, "spool", "damaged")).Length);
    }

    [Fact]
    public async Task A_damaged_message_does_not_end_before_its_remains_are_safe()
    {
        var (spool, _) = await _fixture.OpenAsync(_disk.Options(_fixture.Folder));
        await using var closing = spool;
        var entry = await SpoolFixture.CommitAsync(spool, Reference(1), 3000);
        Rot(Directory.GetFiles(_fixture.Segments).Single(), 64 + 4000);
        _disk.Plan = (_, _) => DiskFault.NoSpace;
        Assert.IsNotType<DamagedMessageException>(Assert.ThrowsAny<IOException>(() => entry.Bytes.Memory));

        _disk.Plan = (_, _) => null;
        Assert.Throws<DamagedMessageException>(() => entry.Bytes.Memory);
    }

    [Fact]
    public async Task A_segment_with_an_unreadable_head_is_kept_aside_and_its_files_are_not_thrown_away()
    {
        var (spool, _) = await _fixture.OpenAsync();
        await SpoolFixture.CommitAsync(spool, Reference(1), 1_000_000);
        await spool.DisposeAsync();
        var path = Directory.GetFiles(_fixture.Segments).Single();
        Keep(path, "not a segment at all, but not empty either"u8);

        var (again, recovery) = await _fixture.OpenAsync();
        await using var closing = again;
        Assert.Empty(recovery.Live);
        Assert.Equal(2, recovery.Notes.Count);
        Assert.True(File.Exists(path + ".broken"));
        Assert.Single(Directory.GetFiles(Path.Combine(_fixture.Folder, "spool", "orphans")));
    }

    public void Dispose() => _fixture.Dispose();

    private async Task<(Spool.Spool, Spool.SpoolRecovery)> OpenWithLuckAsync()
    {
        while (true)
        {
            try
            {
                return await _fixture.OpenAsync(_disk.Options(_fixture.Folder));
            }
            catch (IOException)
            {
                // The first segment met a fault; the next try has other luck.
            }
        }
    }

    /// <summary>Puts the one segment back as it was, whatever starts since then added.</summary>
    private void Keep(string path, ReadOnlySpan<byte> bytes)
    {
        foreach (var other in Directory.GetFiles(_fixture.Segments))
        {
            File.Delete(other);
        }

        File.WriteAllBytes(path, bytes);
    }

    private static void Rot(string path, int position)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        RandomAccess.Write(file, "rotten"u8, position);
    }

    private static int LastRecordStart(ReadOnlySpan<byte> segment) => segment.LastIndexOf("SILM"u8);
}
