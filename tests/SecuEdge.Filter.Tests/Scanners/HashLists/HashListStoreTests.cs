using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SecuEdge.Content;
using SecuEdge.Filter.Scanners;
using SecuEdge.Filter.Scanners.HashLists;

namespace SecuEdge.Filter.Tests.Scanners.HashLists;

public sealed class HashListStoreTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hashlists").FullName;
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero));
    private HashListStore _lists;

    public HashListStoreTests() => _lists = Open();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _lists.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    // On both sides of the size from which a list has an index, and of one sorted run.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1000)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    [InlineData(600_000)]
    public async Task Every_hash_of_a_list_of_any_size_is_found_and_no_other(int count)
    {
        await ImportAsync("big", string.Concat(Enumerable.Range(0, count).Select(i => Sha(i) + "\n")));

        Assert.Equal(count, _lists.Find("big")!.Sha256Entries);
        for (var i = 0; i < count; i += Math.Max(1, count / 5000))
        {
            Assert.NotNull(_lists.FindDenied(Sha(i), ""));
        }

        for (var i = count; i < count + 5000; i++)
        {
            Assert.Null(_lists.FindDenied(Sha(i), ""));
        }
    }

    [Fact]
    public async Task The_first_and_last_possible_hash_and_all_of_one_prefix_are_found()
    {
        List<string> hashes = [new string('0', 64), new string('f', 64), .. Enumerable.Range(0, 70_000).Select(i => "abcd" + Sha(i)[4..])];
        await ImportAsync("edges", string.Join('\n', hashes));

        Assert.All(hashes, hash => Assert.NotNull(_lists.FindDenied(hash, "")));
        Assert.Null(_lists.FindDenied("abcd" + new string('0', 60), ""));
        Assert.Null(_lists.FindDenied("abcd" + new string('f', 60), ""));
    }

    [Fact]
    public async Task Repeats_count_once_with_the_longest_life()
    {
        await ImportAsync("twice", $"{Sha(1)};A;2026-02-01\n{Sha(1)};;2027-02-01\n{Sha(2)};B;2026-02-01\n{Sha(2)}\n{Sha(3)}\n{Sha(3)}\n");

        Assert.Equal(3, _lists.Find("twice")!.Sha256Entries);
        _time.SetUtcNow(new DateTimeOffset(2026, 12, 1, 0, 0, 0, TimeSpan.Zero));
        Assert.Equal("A", _lists.FindDenied(Sha(1), "")!.Comment);
        Assert.Equal("B", _lists.FindDenied(Sha(2), "")!.Comment);
        _time.SetUtcNow(new DateTimeOffset(2028, 1, 1, 0, 0, 0, TimeSpan.Zero));
        Assert.Null(_lists.FindDenied(Sha(1), ""));
        Assert.NotNull(_lists.FindDenied(Sha(2), ""));
    }

    [Fact]
    public async Task An_entry_holds_through_its_last_day()
    {
        await _lists.ImportAsync(new() { Name = "a" }, Text($"{Sha(1)}\n{Sha(2)};;2026-03-01"), new DateTimeOffset(2026, 1, 31, 0, 0, 0, TimeSpan.Zero), Token);

        _time.SetUtcNow(new DateTimeOffset(2026, 1, 31, 23, 59, 0, TimeSpan.Zero));
        Assert.NotNull(_lists.FindDenied(Sha(1), ""));
        _time.Advance(TimeSpan.FromMinutes(2));
        Assert.Null(_lists.FindDenied(Sha(1), ""));
        Assert.NotNull(_lists.FindDenied(Sha(2), ""));
    }

    [Fact]
    public async Task A_list_of_a_tenant_concerns_his_mail_only_and_an_allow_list_denies_nothing()
    {
        await ImportAsync("all", Sha(1));
        await ImportAsync("acme", Sha(2), tenant: "acme");
        await ImportAsync("good", $"{Sha(3)}\n{Sha(1)}", kind: HashListKind.Allow);

        Assert.NotNull(_lists.FindDenied(Sha(1), ""));
        Assert.NotNull(_lists.FindDenied(Sha(1), "other"));
        Assert.NotNull(_lists.FindDenied(Sha(2), "acme"));
        Assert.Null(_lists.FindDenied(Sha(2), "other"));
        Assert.Null(_lists.FindDenied(Sha(3), ""));
        Assert.True(_lists.IsKnownGood(Sha(3), "other"));
        Assert.False(_lists.IsKnownGood(Sha(2), "acme"));
        Assert.Equal(["all", "good"], _lists.FindAll(Sha(1)).Select(match => match.List));
    }

    [Fact]
    public async Task Added_entries_count_at_once_and_after_a_restart_and_take_entries_back()
    {
        await ImportAsync("a", $"{Sha(1)};Old\n{Sha(2)}");
        var before = _lists.Version;

        Assert.Empty((await _lists.AddAsync("a", Text($"{Sha(3)};New\n{Sha(1)};Newer\n{Sha(2)};not evil;2000-01-02\n{Md5(7)}"), Token)).Errors);

        Assert.NotEqual(before, _lists.Version);
        for (var start = 0; start < 2; start++)
        {
            Assert.Equal("New", _lists.FindDenied(Sha(3), "")!.Comment);
            Assert.Equal("Newer", _lists.FindDenied(Sha(1), "")!.Comment);
            Assert.Null(_lists.FindDenied(Sha(2), ""));
            Assert.NotNull(_lists.FindDenied(Md5(7), ""));
            Assert.True(_lists.Denies("").Md5);
            Reopen();
        }

        await ImportAsync("a", Sha(9));
        Assert.Null(_lists.FindDenied(Sha(3), ""));
    }

    [Fact]
    public async Task Many_additions_become_part_of_the_file()
    {
        await ImportAsync("a", $"{Sha(0)}\n{Sha(1)};expired;2025-01-01");
        for (var batch = 0; batch < 3; batch++)
        {
            var text = string.Concat(Enumerable.Range(10 + (batch * 5000), 5000).Select(i => $"{Sha(i)};c{i % 10}\n"));
            Assert.Empty((await _lists.AddAsync("a", Text(text), Token)).Errors);
        }

        Assert.Equal((15_001, 0), ((int)_lists.Find("a")!.Sha256Entries, _lists.Find("a")!.AddedEntries));
        Reopen();
        Assert.NotNull(_lists.FindDenied(Sha(0), ""));
        Assert.Equal("c3", _lists.FindDenied(Sha(15_003), "")!.Comment);
    }

    [Fact]
    public async Task A_wrong_line_changes_nothing()
    {
        await ImportAsync("a", Sha(1));

        var import = await _lists.ImportAsync(new() { Name = "a" }, Text($"{Sha(2)}\nnonsense"), null, Token);
        var added = await _lists.AddAsync("a", Text("nonsense"), Token);

        Assert.Null(import.Info);
        Assert.StartsWith("line 2 ", Assert.Single(import.Errors), StringComparison.Ordinal);
        Assert.StartsWith("line 1 ", Assert.Single(added.Errors), StringComparison.Ordinal);
        Assert.NotNull(_lists.FindDenied(Sha(1), ""));
        Assert.Null(_lists.FindDenied(Sha(2), ""));
        Assert.Empty(Directory.EnumerateDirectories(_folder));
    }

    [Theory]
    [InlineData("")]
    [InlineData("../x")]
    [InlineData("A")]
    [InlineData("-a")]
    [InlineData("a/b")]
    public async Task A_name_that_is_no_file_name_is_refused(string name) =>
        Assert.Single((await _lists.ImportAsync(new() { Name = name }, Text(""), null, Token)).Errors);

    [Fact]
    public async Task A_removed_list_is_gone_with_its_additions()
    {
        await ImportAsync("a", Sha(1));
        await _lists.AddAsync("a", Text(Sha(2)), Token);

        Assert.True(await _lists.RemoveAsync("a", Token));
        Assert.False(await _lists.RemoveAsync("a", Token));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
        Assert.Null(_lists.FindDenied(Sha(1), ""));
        Assert.Single((await _lists.AddAsync("a", Text(Sha(2)), Token)).Errors);
    }

    [Fact]
    public async Task A_damaged_file_never_breaks_a_look_up_and_leaves_the_other_lists_in_force()
    {
        await ImportAsync("big", string.Concat(Enumerable.Range(0, 70_000).Select(i => $"{Sha(i)};c{i % 9};2030-01-01\n")));
        await ImportAsync("good", Sha(-1));
        _lists.Dispose();
        var path = Path.Combine(_folder, "big.hashlist");
        var whole = await File.ReadAllBytesAsync(path, Token);
        var random = new Random(3);
        for (var round = 0; round < 200; round++)
        {
            var bytes = whole.AsSpan().ToArray();
            // In the header, the index or the comments; a flipped hash is another hash and nobody can tell.
            for (var i = 0; i < 3; i++)
            {
                var position = random.Next(3) switch { 0 => random.Next(1000), 1 => bytes.Length - 1 - random.Next(1000), _ => random.Next(bytes.Length) };
                bytes[position] = (byte)random.Next(256);
            }

            await File.WriteAllBytesAsync(path, round % 10 == 0 ? bytes[..random.Next(bytes.Length)] : bytes, Token);
            _lists = Open();
            for (var i = 0; i < 200; i++)
            {
                _lists.FindDenied(Sha(i * 350), "");
            }

            Assert.NotNull(_lists.FindDenied(Sha(-1), ""));
            _lists.Dispose();
        }

        await File.WriteAllTextAsync(path, "nonsense", Token);
        _lists = Open();
        Assert.NotEmpty(_lists.Find("big")!.Trouble);
        var scanner = new HashListScanner(_lists);
        Assert.False(scanner.Status.IsReady);
        Assert.Contains("hash list big cannot be read", scanner.Status.Trouble, StringComparison.Ordinal);
        Assert.Contains("delete it", scanner.Status.Trouble, StringComparison.Ordinal);
        var part = Facts.Part("1", [1], "a.exe");
        var target = new ScanTarget { Bytes = part.Content!, Part = part, Sha256 = part.Sha256 };
        Assert.True(scanner.Wants(target));
        Assert.IsType<ScanResult.Failed>(await scanner.ScanAsync(target, Token));

        await ImportAsync("big", Sha(-3));
        Assert.True(scanner.Status.IsReady);
        Assert.IsType<ScanResult.Clean>(await scanner.ScanAsync(target, Token));
    }

    [Fact]
    public async Task Look_ups_go_on_while_the_list_is_replaced()
    {
        await ImportAsync("a", Sha(1));
        using var stop = new CancellationTokenSource();
        var looking = Task.Run(
            () =>
            {
                var found = 0;
                while (!stop.IsCancellationRequested)
                {
                    Assert.NotNull(_lists.FindDenied(Sha(1), ""));
                    found++;
                }

                return found;
            },
            Token);
        for (var i = 0; i < 30; i++)
        {
            await ImportAsync("a", $"{Sha(1)}\n{Sha(i)}");
        }

        await stop.CancelAsync();
        Assert.True(await looking > 0);
    }

    [Fact]
    public async Task Whoever_keeps_hashes_is_asked_to_look_at_a_new_list()
    {
        List<(string List, string? Comment)> seen = [];
        _lists.Changed += (_, change) => seen.Add((change.List.Name, change.Find(Sha(5))?.Comment));

        await ImportAsync("a", $"{Sha(5)};Emotet");
        await ImportAsync("b", Sha(6));
        await _lists.AddAsync("b", Text($"{Sha(5)};later"), Token);

        Assert.Equal([("a", "Emotet"), ("b", null), ("b", "later")], seen);
    }

    [Fact]
    public async Task The_engine_convicts_by_either_hash_with_list_and_comment()
    {
        byte[] content = [1, 2, 3];
        var engine = new HashListScanner(_lists);
        var part = Facts.Part("1", content, "a.zip");
        ScanTarget target = new() { Bytes = part.Content!, Part = part, Sha256 = part.Sha256, Tenant = "acme" };
        Assert.False(engine.Wants(target));

        await ImportAsync("mine", $"{part.Sha256};Emotet", tenant: "acme");
        Assert.True(engine.Wants(target));
        Assert.False(engine.Wants(target with { Tenant = "other" }));
        Assert.False(engine.Wants(target with { Part = null }));
        Assert.Equal(new ScanResult.Infected("mine: Emotet"), await engine.ScanAsync(target, Token));

        await ImportAsync("mine", Md5(content), tenant: "acme");
        Assert.Equal(new ScanResult.Infected("mine"), await engine.ScanAsync(target, Token));
        var file = Path.Combine(_folder, "part");
        await File.WriteAllBytesAsync(file, content, Token);
        Assert.Equal(new ScanResult.Infected("mine"), await engine.ScanAsync(target with { Bytes = new FileBytes(file) }, Token));
        Assert.IsType<ScanResult.Failed>(await engine.ScanAsync(target with { Bytes = new FileBytes(file + "-gone") }, Token));

        await ImportAsync("mine", Sha(1), tenant: "acme");
        Assert.Equal(new ScanResult.Clean(), await engine.ScanAsync(target, Token));
    }

    [Fact(Explicit = true)]
    public async Task Figures_of_five_million()
    {
        const int Count = 5_000_000;
        var source = Path.Combine(_folder, "source.txt");
        await using (var writer = new StreamWriter(source))
        {
            for (var i = 0; i < Count; i++)
            {
                await writer.WriteLineAsync(Sha(i));
            }
        }

        var clock = Stopwatch.StartNew();
        await using (var text = File.OpenRead(source))
        {
            Assert.Empty((await _lists.ImportAsync(new() { Name = "big" }, text, null, Token)).Errors);
        }

        var imported = clock.Elapsed;
        _lists.Dispose();
        GC.Collect();
        var resident = Process.GetCurrentProcess().PrivateMemorySize64;
        clock.Restart();
        _lists = Open();
        var loaded = clock.Elapsed;
        var hashes = Enumerable.Range(0, 100_000).Select(i => Sha(i * 100)).ToArray();
        clock.Restart();
        var cold = hashes.Count(hash => _lists.FindDenied(hash, "") is not null);
        var coldTime = clock.Elapsed;
        clock.Restart();
        var warm = hashes.Count(hash => _lists.FindDenied(hash, "") is not null);
        var warmTime = clock.Elapsed;
        Assert.Equal((50_000, 50_000), (cold, warm));
        TestContext.Current.TestOutputHelper!.WriteLine(FormattableString.Invariant(
            $"import {imported.TotalSeconds:0.0} s, file {new FileInfo(Path.Combine(_folder, "big.hashlist")).Length / 1e6:0.0} MB, load {loaded.TotalMilliseconds:0.0} ms, private memory +{(Process.GetCurrentProcess().PrivateMemorySize64 - resident) / 1e6:0.0} MB, look-up {coldTime.TotalNanoseconds / hashes.Length:0} ns the first time, {warmTime.TotalNanoseconds / hashes.Length:0} ns after"));
    }

    private async Task ImportAsync(string name, string text, string tenant = "", HashListKind kind = HashListKind.Deny) =>
        Assert.Empty((await _lists.ImportAsync(new() { Name = name, Tenant = tenant, Kind = kind }, Text(text), null, Token)).Errors);

    private void Reopen()
    {
        _lists.Dispose();
        _lists = Open();
    }

    private HashListStore Open() => new(_folder, _time, NullLogger<HashListStore>.Instance);

    private static MemoryStream Text(string text) => new(Encoding.UTF8.GetBytes(text));

    private static string Sha(int number) => Convert.ToHexStringLower(SHA256.HashData(BitConverter.GetBytes(number)));

    private static string Md5(int number) => Md5(BitConverter.GetBytes(number));

#pragma warning disable CA5351 // The lists have it.
    private static string Md5(byte[] bytes) => Convert.ToHexStringLower(MD5.HashData(bytes));
#pragma warning restore CA5351
}
