using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SecuEdge.Store.Accounts;
using SecuEdge.TestKit;

namespace SecuEdge.Store.Tests;

public sealed class AccountStoreTests : IDisposable
{
    private readonly TempFolder _folder = new(inMemory: true);
    private readonly FakeTimeProvider _time = new(SampleRecords.Start);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private string Journal => Path.Combine(_folder.Path, "accounts", "journal");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Everything_survives_a_restart()
    {
        var account = Anna with { Roles = [new AccountRole("mailboxUser", "acme", "anna@acme.example")], RecoveryCodeHashes = ["1", "2"] };
        var session = new LoginSession { Id = "s", Hash = "sh", AccountId = "u", CreatedAt = SampleRecords.Start, LastSeenAt = SampleRecords.Start };
        var delegation = new Delegation { Id = "d", Node = "acme", Role = "helpdesk", Consent = "yes", CreatedAt = SampleRecords.Start, CreatedBy = "anna", ExpiresAt = SampleRecords.Start };
        await using (var store = Open())
        {
            await store.ChangeAsync(d => { d.Put(account); d.Put(Token("t", "th")); d.Put(session); d.Put(delegation); return true; }, Cancelled);
        }

        await using var again = Open();
        Assert.Equivalent(account, again.FindAccountByName("ANNA"), strict: true);
        Assert.Equivalent(Token("t", "th"), again.FindTokenByHash("th"), strict: true);
        Assert.Equal(session, again.FindSessionByHash("sh"));
        Assert.Equal(delegation, again.FindDelegation("d"));
        Assert.Empty(again.Notes);
    }

    [Fact]
    public async Task A_record_is_found_by_what_it_is_now_and_not_by_what_it_was()
    {
        await using var store = Open();
        await store.ChangeAsync(d => { d.Put(Token("t", "old")); return true; }, Cancelled);
        await store.ChangeAsync(d => { d.Put(Token("t", "new")); return true; }, Cancelled);
        Assert.Null(store.FindTokenByHash("old"));
        Assert.NotNull(store.FindTokenByHash("new"));
        await store.ChangeAsync(d => { d.Remove(Token("t", "new")); return true; }, Cancelled);
        Assert.Null(store.FindTokenByHash("new"));
        Assert.Empty(store.Tokens);
    }

    [Fact]
    public async Task A_token_revoked_after_its_last_use_stays_revoked()
    {
        await using (var store = Open())
        {
            await store.ChangeAsync(d => { d.Put(Token("t", "h")); return true; }, Cancelled);
            store.Touch(store.FindToken("t")!, _time.GetUtcNow(), "192.0.2.1");
            await store.ChangeAsync(d => { d.Remove(store.FindToken("t")!); return true; }, Cancelled);
        }

        await using var again = Open();
        Assert.Null(again.FindTokenByHash("h"));
    }

    [Fact]
    public async Task Last_uses_reach_the_disk_but_not_one_by_one()
    {
        long after;
        await using (var store = Open())
        {
            await store.ChangeAsync(d => { d.Put(Token("t", "h")); return true; }, Cancelled);
            for (var i = 0; i < 1000; i++)
            {
                store.Touch(store.FindToken("t")!, _time.GetUtcNow(), "192.0.2.1");
            }
        }

        after = new FileInfo(Journal).Length;
        Assert.InRange(after, 1, 2000);
        await using var again = Open();
        Assert.Equal("192.0.2.1", again.FindToken("t")!.LastUsedFrom);
    }

    [Fact]
    public async Task The_file_stays_in_proportion_to_what_is_in_it()
    {
        await using (var store = Open())
        {
            for (var i = 0; i < 5000; i++)
            {
                await store.ChangeAsync(d => { d.Put(Token("t", $"h{i}")); return true; }, Cancelled);
            }
        }

        Assert.InRange(new FileInfo(Journal).Length, 1, 1_000_000);
        await using var again = Open();
        Assert.NotNull(again.FindTokenByHash("h4999"));
        Assert.Single(again.Tokens);
    }

    [Fact]
    public async Task What_was_torn_at_the_end_is_dropped_and_the_rest_is_there()
    {
        await using (var store = Open())
        {
            await store.ChangeAsync(d => { d.Put(Token("a", "a")); return true; }, Cancelled);
            await store.ChangeAsync(d => { d.Put(Token("b", "b")); return true; }, Cancelled);
        }

        var bytes = await File.ReadAllBytesAsync(Journal, Cancelled);
        for (var cut = 1; cut < bytes.Length; cut += 7)
        {
            await File.WriteAllBytesAsync(Journal, bytes[..^cut], Cancelled);
            await using (var store = Open())
            {
                Assert.Null(store.FindToken("b"));
                await store.ChangeAsync(d => { d.Put(Token("c", "c")); return true; }, Cancelled);
            }

            await using var again = Open();
            Assert.NotNull(again.FindToken("c"));
            Assert.Null(again.FindToken("b"));
        }
    }

    [Fact]
    public async Task A_damaged_change_is_passed_over_and_told()
    {
        await using (var store = Open())
        {
            await store.ChangeAsync(d => { d.Put(Token("a", "a")); return true; }, Cancelled);
            await store.ChangeAsync(d => { d.Put(Token("b", "b")); return true; }, Cancelled);
        }

        var bytes = await File.ReadAllBytesAsync(Journal, Cancelled);
        bytes[20] ^= 1;
        await File.WriteAllBytesAsync(Journal, bytes, Cancelled);
        await using var again = Open();
        Assert.Null(again.FindToken("a"));
        Assert.NotNull(again.FindToken("b"));
        Assert.Contains("damaged", Assert.Single(again.Notes), StringComparison.Ordinal);
    }

    public static TheoryData<DiskFault> Faults => [DiskFault.NoSpace, DiskFault.InputOutput, DiskFault.FalseAlarm];

    /// <summary>Each disk operation fails in turn: what was confirmed is there after a restart, what was refused is not.</summary>
    [Theory]
    [MemberData(nameof(Faults))]
    public async Task What_was_confirmed_is_kept_and_what_was_refused_is_not(DiskFault fault)
    {
        for (var operation = 1; operation <= 14; operation++)
        {
            using var folder = new TempFolder(inMemory: true);
            var disk = FailingFileSystem.FailingOnce(operation, fault);
            var confirmed = new List<string>();
            var refused = new List<string>();
            try
            {
                await using var store = AccountStore.Open(disk.Options(folder.Path), _time, NullLogger.Instance);
                foreach (var id in (string[])["a", "b", "c", "d"])
                {
                    try
                    {
                        await store.ChangeAsync(d => { d.Put(Token(id, id)); return true; }, Cancelled);
                        confirmed.Add(id);
                    }
                    catch (IOException)
                    {
                        refused.Add(id);
                        Assert.Null(store.FindToken(id));
                    }
                }
            }
            catch (IOException)
            {
                // Opening failed: the appliance does not start.
            }

            await using var again = AccountStore.Open(new FailingFileSystem().Options(folder.Path), _time, NullLogger.Instance);
            Assert.All(confirmed, id => Assert.NotNull(again.FindToken(id)));
            Assert.All(refused, id => Assert.Null(again.FindToken(id)));
            Assert.Equal(confirmed.Count, again.Tokens.Count());
        }
    }

    [Fact]
    public async Task Changes_run_one_at_a_time_and_see_each_other()
    {
        await using var store = Open();
        await store.ChangeAsync(d => { d.Put(Anna); return true; }, Cancelled);
        await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Task.Run(() => store.ChangeAsync(
            d =>
            {
                var newest = store.FindAccount("u")!;
                d.Put(newest with { TotpLastStep = newest.TotpLastStep + 1 });
                return true;
            },
            Cancelled))));
        Assert.Equal(200, store.FindAccount("u")!.TotpLastStep);
    }

    [Fact]
    public async Task Ten_thousand_tokens_and_five_thousand_users_are_there_again_within_seconds()
    {
        await using (var store = Open())
        {
            await store.ChangeAsync(
                d =>
                {
                    for (var i = 0; i < 10_000; i++)
                    {
                        d.Put(Token($"t{i}", $"h{i}"));
                    }

                    for (var i = 0; i < 5_000; i++)
                    {
                        d.Put(Anna with { Id = $"u{i}", Name = $"anna{i}" });
                    }

                    return true;
                },
                Cancelled);
        }

        var clock = System.Diagnostics.Stopwatch.StartNew();
        await using var again = Open();
        TestContext.Current.SendDiagnosticMessage($"opened in {clock.ElapsedMilliseconds} ms, {new FileInfo(Journal).Length} bytes");
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), $"{clock.Elapsed}");
        Assert.Equal(10_000, again.Tokens.Count());
        Assert.NotNull(again.FindTokenByHash("h9999"));
        Assert.NotNull(again.FindAccountByName("Anna4999"));
    }

    private static Account Anna => new() { Id = "u", Name = "anna", Node = "acme", CreatedAt = SampleRecords.Start };

    private static ApiToken Token(string id, string hash) => new()
    {
        Id = id,
        Name = "ci",
        Hash = hash,
        Node = "acme",
        Permissions = ["messagesRead"],
        Networks = ["192.0.2.0/24"],
        CreatedAt = SampleRecords.Start,
        ExpiresAt = SampleRecords.Start.AddDays(1),
    };

    private AccountStore Open() => AccountStore.Open(new FailingFileSystem().Options(_folder.Path), _time, NullLogger.Instance);
}
