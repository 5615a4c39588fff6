using System.Text.Json;
using System.Text.Json.Serialization;

namespace SecuEdge.Appliance.Directories;

/// <summary>
/// A directory as it was at its last complete reading: every address, and the groups it is in, those of nested groups too. Immutable; asked
/// for every recipient and message.
/// </summary>
internal sealed class DirectorySnapshot
{
    /// <summary>All memberships together, nested ones counted: 16 MB.</summary>
    private const int MaxMemberships = 4_000_000;

    private readonly Dictionary<string, int> _entryByAddress;
    private readonly Dictionary<string, int> _mailboxesByDomain;
    private readonly Content _content;

    private DirectorySnapshot(Content content)
    {
        _content = content;
        _entryByAddress = new Dictionary<string, int>(content.Entries.Count, StringComparer.OrdinalIgnoreCase);
        _mailboxesByDomain = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        var members = new int[content.Groups.Count];
        for (var i = 0; i < content.Entries.Count; i++)
        {
            var entry = content.Entries[i];
            foreach (var address in entry.Addresses)
            {
                _entryByAddress.TryAdd(address, i);
            }

            foreach (var group in entry.Groups)
            {
                members[group]++;
            }

            if (entry.IsMailbox)
            {
                var domain = entry.Addresses[0][(entry.Addresses[0].LastIndexOf('@') + 1)..];
                _mailboxesByDomain[domain] = _mailboxesByDomain.GetValueOrDefault(domain) + 1;
            }
        }

        Groups = [.. content.Groups.Select((name, i) => new DirectoryGroup(name, members[i]))];
    }

    public DateTimeOffset ReadAt => _content.ReadAt;

    public int EntryCount => _content.Entries.Count;

    /// <summary>In the order of their names.</summary>
    public IReadOnlyList<DirectoryGroup> Groups { get; }

    public IReadOnlyCollection<string> Addresses => _entryByAddress.Keys;

    public IEnumerable<DirectoryEntry> Entries => _content.Entries;

    /// <summary>What was not as it should be.</summary>
    public IReadOnlyList<string> Warnings => _content.Warnings;

    /// <returns>The snapshot; null when memberships would take too much memory.</returns>
    public static DirectorySnapshot? Of(DirectoryReading reading, DateTimeOffset readAt)
    {
        var groups = new GroupTree(reading);
        var total = 0L;
        var entries = new List<DirectoryEntry>(reading.People.Count);
        foreach (var person in reading.People)
        {
            var memberships = groups.Of(person);
            total += memberships.Length;
            if (total > MaxMemberships)
            {
                return null;
            }

            entries.Add(new DirectoryEntry(person.Addresses, person.IsMailbox, memberships));
        }

        return new DirectorySnapshot(new Content(readAt, groups.Titles, entries, [.. reading.Warnings, .. groups.Warnings]));
    }

    public static DirectorySnapshot? Parse(ReadOnlySpan<byte> json) =>
        JsonSerializer.Deserialize<Content>(json) is { } content && content.Entries.All(e => e.Addresses.Count > 0 && e.Groups.All(g => g >= 0 && g < content.Groups.Count))
            ? new DirectorySnapshot(content)
            : null;

    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(_content);

    public bool Knows(ReadOnlySpan<char> address) => _entryByAddress.GetAlternateLookup<ReadOnlySpan<char>>().ContainsKey(address);

    /// <summary>Whether it is the main address of a mailbox.</summary>
    public bool IsMailbox(string address) =>
        _entryByAddress.TryGetValue(address, out var at) && _content.Entries[at] is { IsMailbox: true } entry && entry.Addresses[0].Equals(address, StringComparison.OrdinalIgnoreCase);

    /// <summary>Numbers in <see cref="Groups"/>; empty for an address that is not here.</summary>
    public IReadOnlyList<int> GroupsOf(string address) => _entryByAddress.TryGetValue(address, out var entry) ? _content.Entries[entry].Groups : [];

    /// <summary>Entries of people whose main address is in the domain; aliases and lists are none.</summary>
    public int MailboxesIn(string domain) => _mailboxesByDomain.GetValueOrDefault(domain);

    /// <summary>Addresses that are here and were not there.</summary>
    public int Added(DirectorySnapshot? before) => before is null ? _entryByAddress.Count : _entryByAddress.Keys.Count(a => !before._entryByAddress.ContainsKey(a));

    /// <summary>Whether so much is missing that it looks like a mistake, of a filter or of the account's rights, and not like what happens in a company.</summary>
    public bool HasLostTooMuch(DirectorySnapshot before) =>
        before.Added(this) * 2 > before._entryByAddress.Count || LostGroups(before) * 2 > before.Groups.Count;

    /// <summary>Groups that were there and are not here.</summary>
    public int LostGroups(DirectorySnapshot before)
    {
        var names = Groups.Select(g => g.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return before.Groups.Count(g => !names.Contains(g.Name));
    }

    /// <summary>As it is on disk. Short names: with 100,000 entries they are most of the file.</summary>
    private sealed record Content(
        [property: JsonPropertyName("readAt")] DateTimeOffset ReadAt,
        [property: JsonPropertyName("groups")] IReadOnlyList<string> Groups,
        [property: JsonPropertyName("entries")] IReadOnlyList<DirectoryEntry> Entries,
        [property: JsonPropertyName("warnings")] IReadOnlyList<string> Warnings);
}

/// <summary>Somebody, or something, with addresses.</summary>
/// <param name="Addresses">The main one first.</param>
/// <param name="Groups">Numbers of groups, nested ones too, rising.</param>
internal sealed record DirectoryEntry(
    [property: JsonPropertyName("a")] IReadOnlyList<string> Addresses, [property: JsonPropertyName("m")] bool IsMailbox, [property: JsonPropertyName("g")] int[] Groups);

/// <summary>A group of a directory.</summary>
/// <param name="Name">As rules name it, after the directory's name and a slash.</param>
/// <param name="Members">Entries with addresses that are in it, also through groups inside it.</param>
public sealed record DirectoryGroup(string Name, int Members);
