using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SecuEdge.Store.Contacts;
using SecuEdge.TestKit;

namespace SecuEdge.Store.Tests;

public sealed class ContactsTests : IDisposable
{
    private readonly TempFolder _folder = new(inMemory: true);
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Noted, asked, known.</summary>
    public static TheoryData<string, string, bool> Addresses => new()
    {
        { "eva@example.org", "eva@example.org", true },
        { "Eva@Example.ORG", "eva@example.org", true },
        { "eva@example.org", "adam@example.org", false },
        { "eva@example.org", "eva@example.net", false },
        { "bounce+1a2b=you@list.example", "bounce+9f=me@list.example", true },
        { "msg-12345@news.example", "msg-678@news.example", true },
        { "+tag@example.org", "+other@example.org", false },
    };

    [Theory]
    [MemberData(nameof(Addresses))]
    public async Task An_address_is_known_with_its_automatic_part_left_out(string noted, string asked, bool known)
    {
        await using var contacts = Open();
        contacts.Note("acme", noted);
        Assert.Equal(known, contacts.Knows("acme", asked));
        Assert.False(contacts.Knows("bakery", noted));
    }

    [Fact]
    public async Task Contacts_survive_a_restart()
    {
        await using (var contacts = Open())
        {
            contacts.Note("acme", "eva@example.org");
        }

        await using var again = Open();
        Assert.True(again.Knows("acme", "eva@example.org"));
        Assert.Equal(1, again.Count);
    }

    [Fact]
    public async Task The_longest_silent_are_forgotten_first()
    {
        await using var contacts = Open(1_000);
        for (var i = 0; i < 1_001; i++)
        {
            contacts.Note("acme", $"{Letters(i)}@example.org");
            // Without waking the timer for each second of it.
            _time.AdjustTime(_time.GetUtcNow().AddDays(1));
        }

        Assert.Equal(901, contacts.Count);
        Assert.False(contacts.Knows("acme", $"{Letters(99)}@example.org"));
        Assert.True(contacts.Knows("acme", $"{Letters(100)}@example.org"));
    }

    [Fact]
    public async Task The_journal_does_not_grow_without_end()
    {
        await using var contacts = Open(1_000);
        for (var round = 0; round < 40; round++)
        {
            for (var i = 0; i < 900; i++)
            {
                contacts.Note("acme", $"{Letters(i)}@example.org");
            }

            _time.AdjustTime(_time.GetUtcNow().AddDays(31));
            await contacts.FlushAsync(Cancellation);
        }

        Assert.InRange(new FileInfo(Path.Combine(_folder.Path, "contacts", "contacts")).Length, 900 * 32, 11_000 * 32);
    }

    public void Dispose() => _folder.Dispose();

    private Contacts.Contacts Open(int remembered = 1_000_000) =>
        Contacts.Contacts.Open(new StoreOptions { DataFolder = _folder.Path, RememberedContacts = remembered }, _time, NullLogger.Instance);

    /// <summary>Numbers are one contact.</summary>
    private static string Letters(int i) => new([.. i.ToString("0000", null).Select(c => (char)('a' + c - '0'))]);
}
