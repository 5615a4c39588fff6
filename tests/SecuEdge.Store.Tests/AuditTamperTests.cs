using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using SecuEdge.Store.Audit;
using SecuEdge.TestKit;

namespace SecuEdge.Store.Tests;

/// <summary>Somebody with all rights on the disk changes what was written; each way of doing it shows.</summary>
public sealed class AuditTamperTests : IDisposable
{
    private const string First = "audit-202611.jsonl";
    private const string Second = "audit-202612.jsonl";

    private readonly TempFolder _folder = new(inMemory: true);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string, string, Func<List<string>, List<string>>, long, string, long> Changes => new()
    {
        { "a word in the middle", First, l => Replace(l, 4, "thing-5", "thing-6"), 5, First, 5 },
        { "the first entry", First, l => Replace(l, 0, "user", "usar"), 1, First, 1 },
        { "a hash", First, l => Replace(l, 2, "\"hash\":\"", "\"hash\":\"0"), 3, First, 3 },
        { "a line is deleted", First, l => [.. l[..6], .. l[7..]], 7, First, 7 },
        { "the first line is deleted", First, l => l[1..], 1, First, 1 },
        { "the last line of a month is deleted", First, l => l[..^1], 11, Second, 1 },
        { "two lines are swapped", First, l => [.. l[..3], l[4], l[3], .. l[5..]], 4, First, 4 },
        { "a line twice", First, l => [.. l[..3], l[2], .. l[3..]], 4, First, 4 },
        { "an empty line", First, l => [.. l[..3], "", .. l[3..]], 4, First, 4 },
        { "the tail is cut off", Second, l => l[..^2], 20, Second, 9 },
        { "the last line is cut off", Second, l => l[..^1], 21, Second, 10 },
        { "nothing is left of a month", Second, _ => [], 12, Second, 1 },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task A_change_is_found_at_its_place(string what, string file, Func<List<string>, List<string>> change, long number, string breakFile, long line)
    {
        await FillAsync(_folder.Path);
        Assert.True(Verify().IsWhole);
        var path = Path.Combine(_folder.Path, "audit", file);
        var lines = change([.. await File.ReadAllLinesAsync(path, Cancellation)]);
        await File.WriteAllTextAsync(path, string.Concat(lines.Select(l => l + "\n")), Cancellation);
        var found = Verify().Break;
        Assert.True(found is not null, what);
        Assert.True((number, breakFile, line) == (found.Number, found.File, found.Line), $"{what}: {found}");
    }

    [Fact]
    public async Task Every_single_byte_counts()
    {
        await FillAsync(_folder.Path);
        var path = Path.Combine(_folder.Path, "audit", Second);
        var bytes = await File.ReadAllBytesAsync(path, Cancellation);
        var random = new Random(7);
        for (var i = 0; i < 300; i++)
        {
            var at = random.Next(bytes.Length);
            var before = bytes[at];
            bytes[at] ^= (byte)(1 << random.Next(8));
            await File.WriteAllBytesAsync(path, bytes, Cancellation);
            Assert.False(Verify().IsWhole, $"byte {at} was changed from {before} to {bytes[at]}");
            bytes[at] = before;
        }
    }

    [Fact]
    public async Task A_tail_made_anew_with_right_hashes_shows_by_the_anchor()
    {
        await FillAsync(_folder.Path);
        using var other = new TempFolder(inMemory: true);
        await FillAsync(other.Path, "somebody else");
        File.Copy(Path.Combine(other.Path, "audit", First), Path.Combine(_folder.Path, "audit", First), overwrite: true);
        File.Copy(Path.Combine(other.Path, "audit", Second), Path.Combine(_folder.Path, "audit", Second), overwrite: true);
        Assert.Contains("replaced", Verify().Break?.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_also_replaces_the_anchor_is_found_by_a_head_written_down_elsewhere()
    {
        await FillAsync(_folder.Path);
        var head = Verify().Head;
        using var other = new TempFolder(inMemory: true);
        await FillAsync(other.Path, "somebody else");
        Assert.Null(Verify(other.Path).Break);
        Assert.Contains("the given head", Verify(other.Path, head).Break?.Problem, StringComparison.Ordinal);
        Assert.Null(Verify(_folder.Path, head).Break);
    }

    [Fact]
    public async Task A_deleted_anchor_shows()
    {
        await FillAsync(_folder.Path);
        File.Delete(Path.Combine(_folder.Path, "state", "audit-anchor"));
        Assert.Contains("anchor is missing", Verify().Break?.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_cut_off_still_shows_after_the_next_start()
    {
        await FillAsync(_folder.Path);
        var path = Path.Combine(_folder.Path, "audit", Second);
        var lines = await File.ReadAllLinesAsync(path, Cancellation);
        await File.WriteAllTextAsync(path, string.Concat(lines[..^3].Select(l => l + "\n")), Cancellation);
        await using (var log = await OpenAsync(_folder.Path))
        {
            Assert.Contains("cut off", Assert.Single(log.Notes), StringComparison.Ordinal);
            Assert.Equal(AuditLog.BrokenAction, (await log.SearchAsync(new AuditQuery { Limit = 1 }, Cancellation)).Items[0].Action);
        }

        Assert.Equal((19, 8), (Verify().Break!.Number, Verify().Break!.Line));
    }

    public void Dispose() => _folder.Dispose();

    private static List<string> Replace(List<string> lines, int index, string from, string to)
    {
        Assert.Contains(from, lines[index], StringComparison.Ordinal);
        lines[index] = lines[index].Replace(from, to, StringComparison.Ordinal);
        return lines;
    }

    /// <summary>Eleven entries in November, ten in December.</summary>
    private static async Task FillAsync(string folder, string actor = "user")
    {
        await using var log = await OpenAsync(folder);
        for (var i = 1; i <= 21; i++)
        {
            await log.AppendAsync(
                new AuditEntry
                {
                    At = new DateTimeOffset(2026, i <= 11 ? 11 : 12, 20, 12, 0, i, TimeSpan.Zero),
                    Actor = actor,
                    Action = "token.create",
                    Target = $"thing-{i}",
                },
                Cancellation);
        }
    }

    private static Task<AuditLog> OpenAsync(string folder) =>
        AuditLog.OpenAsync(new StoreOptions { DataFolder = folder }, TimeProvider.System, NullLogger.Instance, Cancellation);

    private AuditVerification Verify() => Verify(_folder.Path);

    private static AuditVerification Verify(string folder, params AuditHead[] known) =>
        AuditVerifier.Run(new StoreOptions { DataFolder = folder }, known, Cancellation);
}
