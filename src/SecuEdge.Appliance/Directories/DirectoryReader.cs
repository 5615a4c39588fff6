using System.Globalization;
using SecuEdge.Appliance.Directories.Ldap;
using SecuEdge.Appliance.Settings;
using SecuEdge.Smtp;

namespace SecuEdge.Appliance.Directories;

/// <summary>
/// Reads a directory whole: first server that answers, login, entries with addresses page by page, groups with all their members. What is not
/// read to its end is not read.
/// </summary>
internal sealed class DirectoryReader(LdapConnector connector, DirectoryOptions options, TimeProvider timeProvider)
{
    private const string ShortNameAttribute = "uid";

    /// <summary>Memberships of one directory, direct ones: each costs some hundred bytes while it is read.</summary>
    private const int MaxMemberships = 2_000_000;

    /// <summary>On average: somebody has three, shared mailboxes some more.</summary>
    private const int MaxAddressesAnEntry = 5;

    /// <summary>Never throws for trouble with the network or the server.</summary>
    public async Task<(DirectoryReading? Reading, string Trouble)> ReadAsync(string tenant, TenantDirectory directory, string password, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(options.ReadTimeLimit, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        List<string> troubles = [];
        try
        {
            foreach (var address in directory.Addresses)
            {
                var (reading, trouble) = await ReadAsync(tenant, directory, address, password, either.Token);
                if (reading is not null)
                {
                    return (reading, "");
                }

                troubles.Add(trouble!.Text);
                if (!trouble.IsOfServer)
                {
                    // Another server says the same, and counts wrong passwords once more.
                    break;
                }
            }

            return (null, string.Join("; ", troubles));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (null, $"the directory could not be read to its end within {options.ReadTimeLimit.TotalMinutes:0.#} minutes");
        }
    }

    private async Task<(DirectoryReading? Reading, LdapTrouble? Trouble)> ReadAsync(
        string tenant, TenantDirectory directory, string address, string password, CancellationToken cancellationToken)
    {
        var (connection, refused) = await connector.OpenAsync(tenant, directory, address, cancellationToken);
        if (connection is null)
        {
            return (null, refused);
        }

        await using (connection)
        {
            if (await connection.BindAsync(directory.BindName, password, cancellationToken) is { } wrong)
            {
                return (null, wrong);
            }

            var preset = DirectoryPreset.Of(directory);
            var collected = new Collection(preset, options.MaxEntries);
            if (await connection.SearchAsync(
                    new LdapSearch(directory.Base, LdapFilter.Of(preset.People), [.. preset.AddressAttributes, ShortNameAttribute, "objectClass"]), collected.AddPerson, cancellationToken) is { } noPeople)
            {
                return (null, noPeople);
            }

            if (await connection.SearchAsync(
                    new LdapSearch(directory.Base, LdapFilter.Of(preset.Groups), [preset.GroupName, .. preset.MemberAttributes]), collected.AddGroup, cancellationToken) is { } noGroups)
            {
                return (null, noGroups);
            }

            return await CompleteAsync(connection, collected, cancellationToken) is { } incomplete ? (null, incomplete)
                : collected.IsOver ? (null, new LdapTrouble($"the directory has more than {options.MaxEntries} entries, {options.MaxEntries * (long)MaxAddressesAnEntry} addresses or {MaxMemberships} memberships; choose a narrower base or filter"))
                : (collected.Done(), null);
        }
    }

    /// <summary>Active Directory gives 1,500 members at a time, as <c>member;range=0-1499</c>; the last piece ends in <c>*</c>.</summary>
    private static async Task<LdapTrouble?> CompleteAsync(LdapConnection connection, Collection collected, CancellationToken cancellationToken)
    {
        while (collected.NextUnfinished() is var (name, attribute, from))
        {
            var before = collected.Memberships;
            var search = new LdapSearch(name, LdapFilter.Of("(objectClass=*)"), [string.Create(CultureInfo.InvariantCulture, $"{attribute};range={from}-*")], IsBaseOnly: true);
            if (await connection.SearchAsync(search, collected.AddGroup, cancellationToken) is { } trouble)
            {
                return trouble;
            }

            if (collected.IsOver)
            {
                break;
            }

            if (collected.Memberships == before)
            {
                // It shrank between two pieces, so that what was read of it may not be all; asked on, it would never end.
                return LdapTrouble.OfGroup(name);
            }
        }

        return null;
    }

    /// <summary>Entries as they come.</summary>
    private sealed class Collection(DirectoryPreset preset, int maxEntries)
    {
        private readonly List<DirectoryPerson> _people = [];
        private readonly Dictionary<string, (string RawName, string Title, List<string> Members)> _groups = new(StringComparer.Ordinal);
        private readonly Queue<(string Name, string Attribute, int From)> _unfinished = new();
        private long _addresses;
        private int _wrongAddresses;
        private int _unnamed;

        public int Memberships { get; private set; }

        public bool IsOver => _people.Count > maxEntries || _groups.Count > maxEntries || _addresses > (long)maxEntries * MaxAddressesAnEntry || Memberships > MaxMemberships;

        public (string Name, string Attribute, int From)? NextUnfinished() => _unfinished.TryDequeue(out var next) ? next : null;

        public void AddPerson(LdapEntry entry)
        {
            if (IsOver)
            {
                return;
            }

            var addresses = new List<string>();
            foreach (var value in preset.AddressAttributes.SelectMany(entry.Values))
            {
                if (AddressOf(value) is not { } address)
                {
                    continue;
                }

                if (!MailPath.TryParse(address, out var path) || path.Domain.Length == 0)
                {
                    _wrongAddresses++;
                }
                else if (!addresses.Contains(address))
                {
                    addresses.Add(address);
                }
            }

            _addresses += addresses.Count;
            if (addresses.Count > 0)
            {
                var isList = entry.Values("objectClass").Any(c => c.Contains("group", StringComparison.OrdinalIgnoreCase) || c.Contains("DistributionList", StringComparison.OrdinalIgnoreCase));
                _people.Add(new DirectoryPerson(DistinguishedName.Normalize(entry.Name), entry.Value(ShortNameAttribute).ToLowerInvariant(), addresses, !isList));
            }
        }

        public void AddGroup(LdapEntry entry)
        {
            if (IsOver)
            {
                return;
            }

            var name = DistinguishedName.Normalize(entry.Name);
            if (!_groups.TryGetValue(name, out var group))
            {
                var title = entry.Value(preset.GroupName).Trim();
                if (title.Length is 0 or > 200)
                {
                    _unnamed++;
                    return;
                }

                group = _groups[name] = (entry.Name, title, []);
            }

            foreach (var (type, values) in entry.Attributes)
            {
                var attribute = type.Split(';', 2);
                if (!preset.MemberAttributes.Contains(attribute[0], StringComparer.OrdinalIgnoreCase))
                {
                    continue;
                }

                group.Members.AddRange(values.Select(v => v.Contains('=', StringComparison.Ordinal) ? DistinguishedName.Normalize(v) : v.ToLowerInvariant()));
                Memberships += values.Count;
                if (attribute.Length == 2 && attribute[1].StartsWith("range=", StringComparison.OrdinalIgnoreCase)
                    && attribute[1].Split('-') is [_, var last] && int.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out var end) && end < int.MaxValue)
                {
                    _unfinished.Enqueue((group.RawName, attribute[0], end + 1));
                }
            }
        }

        public DirectoryReading Done()
        {
            List<string> warnings = [];
            if (_wrongAddresses > 0)
            {
                warnings.Add($"{_wrongAddresses} values are no mail addresses and were left out");
            }

            if (_unnamed > 0)
            {
                warnings.Add($"{_unnamed} groups have no usable name in {preset.GroupName} and were left out");
            }

            return new DirectoryReading(_people, [.. _groups.Select(g => new DirectoryGroupEntry(g.Key, g.Value.Title, g.Value.Members))], warnings);
        }

        /// <summary>Exchange writes <c>SMTP:eva@…</c> for the main address, <c>smtp:</c> for others and <c>x500:</c> for what is no mail address.</summary>
        private static string? AddressOf(string value)
        {
            var text = value.Trim();
            var colon = text.IndexOf(':', StringComparison.Ordinal);
            return colon < 0 ? Canonical(text)
                : text.AsSpan(0, colon).Equals("smtp", StringComparison.OrdinalIgnoreCase) ? Canonical(text[(colon + 1)..].Trim())
                : null;
        }

        private static string Canonical(string address) =>
            address.LastIndexOf('@') + 1 is var domain and > 0 ? address[..domain].ToLowerInvariant() + DomainName.Canonical(address[domain..]) : address;
    }
}
