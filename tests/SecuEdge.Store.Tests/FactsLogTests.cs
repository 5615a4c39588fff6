using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SecuEdge.Content;
using SecuEdge.Filter;
using SecuEdge.Filter.Policy.Rules;
using SecuEdge.Store.Facts;
using SecuEdge.TestKit;

namespace SecuEdge.Store.Tests;

public sealed class FactsLogTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly TempFolder _folder = new(inMemory: true);
    private readonly FakeTimeProvider _time = new(Noon);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Facts_come_back_as_they_were_after_a_restart()
    {
        var facts = Sample("R1", "acme", Noon) with
        {
            Headers = [new("List-Id", "<été>")],
            Flags = AnatomyFlags.EncryptedArchive | AnatomyFlags.Ambiguous,
            Attachments = [new AttachmentFacts { Path = "2", Name = "a.zip", Type = "application/zip", Kind = AttachmentKind.Archive, SizeBytes = 5, Flags = AnatomyFlags.EncryptedArchive }],
            Findings = [new Finding("X", 1.5, MessageClass.Spam, VerdictAction.Quarantine, "text", "detail", VerdictAction.Tag, FindingGroup.Spam)],
            Convictions = [new ConvictionFact("clamav", "Eicar")],
            Authentication = new Dictionary<AuthenticationMethod, string> { [AuthenticationMethod.Dmarc] = "fail" },
            IsFirstContact = true,
            Country = "FR",
            AutonomousSystem = 64500,
            Verdicts = [new PastVerdict(VerdictAction.Quarantine, "X") { Monitored = [new MonitoredRule("films", "acme")] }],
        };
        await using (var log = Open())
        {
            log.Note(facts);
        }

        await using var again = Open();
        var read = Assert.Single(await ReadAsync(again));
        // Collections of records do not compare by content, their JSON does.
        Assert.Equal(System.Text.Json.JsonSerializer.Serialize(facts), System.Text.Json.JsonSerializer.Serialize(read));
    }

    [Fact]
    public async Task A_tenant_and_a_time_are_read_alone()
    {
        await using var log = Open();
        for (var hour = 0; hour < 72; hour++)
        {
            log.Note(Sample($"A{hour}", "acme", Noon.AddHours(hour)));
            log.Note(Sample($"B{hour}", "Bakery", Noon.AddHours(hour)));
        }

        var read = await ReadAsync(log, ["BAKERY"], Noon.AddHours(20), Noon.AddHours(40));

        Assert.Equal(Enumerable.Range(20, 20).Select(h => $"B{h}"), read.Select(f => f.Reference));
        Assert.Equal(144, (await ReadAsync(log)).Count);
    }

    [Fact]
    public async Task A_torn_tail_costs_itself_and_what_is_written_behind_it_is_read()
    {
        await using (var log = Open())
        {
            log.Note(Sample("R1", "acme", Noon));
            await log.FlushAsync(Cancellation);
            log.Note(Sample("R2", "acme", Noon));
        }

        var path = Assert.Single(Directory.GetFiles(Path.Combine(_folder.Path, "facts")));
        var whole = await File.ReadAllBytesAsync(path, Cancellation);
        var first = whole.Length / 2;
        for (var cut = 1; cut < whole.Length; cut += 7)
        {
            await File.WriteAllBytesAsync(path, whole[..cut], Cancellation);
            await using var log = Open();
            log.Note(Sample("R3", "acme", Noon));
            var read = (await ReadAsync(log)).Select(f => f.Reference).ToList();
            Assert.Equal("R3", read[^1]);
            Assert.Equal(cut < first ? 1 : 2, read.Count);
        }
    }

    [Fact]
    public async Task A_damaged_byte_costs_its_block()
    {
        await using (var log = Open())
        {
            for (var i = 0; i < 3; i++)
            {
                log.Note(Sample($"R{i}", "acme", Noon));
                await log.FlushAsync(Cancellation);
            }
        }

        var path = Assert.Single(Directory.GetFiles(Path.Combine(_folder.Path, "facts")));
        var whole = await File.ReadAllBytesAsync(path, Cancellation);
        for (var at = 0; at < whole.Length; at += 5)
        {
            var damaged = (byte[])whole.Clone();
            damaged[at] ^= 0x40;
            await File.WriteAllBytesAsync(path, damaged, Cancellation);
            await using var log = Open();
            Assert.Equal(2, (await ReadAsync(log)).Count);
        }
    }

    [Fact]
    public async Task Expiry_is_the_tenants_own()
    {
        await using var log = Open();
        foreach (var tenant in (string[])["acme", "bakery"])
        {
            log.Note(Sample("old", tenant, Noon.AddDays(-3)));
            log.Note(Sample("new", tenant, Noon));
            // Its day is not over at the hour asked for: the whole of it stays.
            log.Note(Sample("kept", tenant, Noon.AddDays(-1)));
            await log.FlushAsync(Cancellation);
        }

        log.Note(Sample("gone", "closed", Noon.AddDays(-3)));
        await log.ExpireAsync(new Dictionary<string, DateTimeOffset> { ["acme"] = Noon.AddDays(-1).AddHours(1), ["bakery"] = Noon.AddDays(-9) }, Noon.AddDays(-2), Cancellation);

        Assert.Equal(["kept", "new"], (await ReadAsync(log, ["acme"])).Select(f => f.Reference));
        Assert.Equal(["old", "kept", "new"], (await ReadAsync(log, ["bakery"])).Select(f => f.Reference));
        Assert.Empty(await ReadAsync(log, ["closed"]));
        await log.ExpireAsync(new Dictionary<string, DateTimeOffset> { ["bakery"] = Noon.AddYears(1) }, Noon.AddYears(1), Cancellation);
        Assert.Empty(Directory.GetFiles(Path.Combine(_folder.Path, "facts")));
        log.Note(Sample("again", "acme", Noon));
        Assert.Equal("again", Assert.Single(await ReadAsync(log)).Reference);
    }

    [Fact]
    public async Task A_day_is_written_anew_once_for_a_tenant_and_not_every_hour()
    {
        var disk = new FailingFileSystem();
        await using var log = new FactsLog(disk.Options(_folder.Path), _time, NullLogger.Instance);
        for (var i = 0; i < 20; i++)
        {
            // A block each: the mail of a day, hour by hour.
            log.Note(Sample($"A{i}", "acme", Noon.AddHours(-12 + i)));
            log.Note(Sample($"B{i}", "bakery", Noon.AddHours(-12 + i)));
            await log.FlushAsync(Cancellation);
        }

        var written = new List<int>();
        for (var hour = 0; hour < 72; hour++)
        {
            var before = disk.Operations;
            var acme = Noon.AddHours(hour - 12);
            await log.ExpireAsync(new Dictionary<string, DateTimeOffset> { ["acme"] = acme, ["bakery"] = acme.AddDays(-1) }, acme.AddDays(-1), Cancellation);
            if (disk.Operations > before)
            {
                written.Add(hour);
            }
        }

        // At the end of the day for the one, a day later for the other.
        Assert.Equal([24, 48], written);
        Assert.Empty(await ReadAsync(log));
    }

    [Fact]
    public async Task A_persons_mail_is_erased_and_the_rest_stays()
    {
        await using var log = Open();
        for (var i = 0; i < 10; i++)
        {
            log.Note(Sample($"R{i}", "acme", Noon.AddDays(i % 2)) with { Sender = i < 3 ? "eva@example.org" : "x@example.org" });
        }

        Assert.Equal(3, await log.EraseAsync("acme", f => f.Sender.StartsWith("eva@", StringComparison.Ordinal), Cancellation));
        Assert.Equal(["R3", "R4", "R5", "R6", "R7", "R8", "R9"], (await ReadAsync(log)).Select(f => f.Reference).Order());
        Assert.Equal(0, await log.EraseAsync("bakery", _ => true, Cancellation));
    }

    [Fact]
    public async Task Disk_space_is_bounded_and_the_oldest_day_goes_first()
    {
        var random = new Random(1);
        await using var log = Open(1 << 20);
        for (var day = 0; day < 5; day++)
        {
            for (var i = 0; i < 40; i++)
            {
                // Letters by chance do not compress: some 400 KB a day.
                log.Note(Sample($"D{day}", "acme", Noon.AddDays(day)) with { Subject = Convert.ToBase64String(Bytes(random, 10_000)) });
            }

            await log.FlushAsync(Cancellation);
        }

        Assert.InRange(Directory.GetFiles(Path.Combine(_folder.Path, "facts")).Sum(f => new FileInfo(f).Length), 1, 1 << 20);
        Assert.Equal(["D3", "D4"], (await ReadAsync(log)).Select(f => f.Reference).Distinct());
    }

    [Fact]
    public async Task A_record_of_an_ordinary_mail_takes_less_than_a_kilobyte()
    {
        await using var log = Open();
        for (var i = 0; i < 100; i++)
        {
            log.Note(Sample($"R{i}", "acme", Noon) with
            {
                Subject = $"Invoice {i}",
                Headers = [.. Enumerable.Range(0, 20).Select(h => new KeyValuePair<string, string>($"X-Field-{h}", $"value {i * h}"))],
            });
        }

        await log.FlushAsync(Cancellation);
        Assert.InRange(new FileInfo(Assert.Single(Directory.GetFiles(Path.Combine(_folder.Path, "facts")))).Length, 1, 100 * 1024);
    }

    public void Dispose() => _folder.Dispose();

    private FactsLog Open(long bytes = 1L << 30) =>
        new(new StoreOptions { DataFolder = _folder.Path, FactsBytes = bytes }, _time, NullLogger.Instance);

    private static async Task<List<PolicyFacts>> ReadAsync(FactsLog log, IReadOnlyList<string>? tenants = null, DateTimeOffset? since = null, DateTimeOffset? until = null)
    {
        List<PolicyFacts> all = [];
        await foreach (var facts in log.ReadAsync(tenants?.ToHashSet(StringComparer.OrdinalIgnoreCase), since ?? Noon.AddDays(-30), until ?? Noon.AddDays(30), Cancellation))
        {
            all.Add(facts);
        }

        return all;
    }

    private static PolicyFacts Sample(string reference, string tenant, DateTimeOffset at) =>
        new() { Reference = reference, At = at, Tenant = tenant, Direction = Direction.Inbound, Recipients = ["info@acme.example"] };

    private static byte[] Bytes(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }
}
