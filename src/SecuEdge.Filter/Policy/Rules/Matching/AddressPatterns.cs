using System.Collections.Frozen;
using System.Runtime.CompilerServices;

namespace SecuEdge.Filter.Policy.Rules.Matching;

/// <summary>
/// Many address patterns asked at once: whole addresses, <c>@example.com</c>, <c>@*.example.com</c>, names with <c>*</c>, and
/// <c>&lt;&gt;</c>, the null path of delivery reports. Any case.
/// </summary>
internal sealed class AddressPatterns
{
    public const string NullPath = "<>";

    /// <summary>The members of a group are compiled once for all conditions that name it, and kept as long as one of them is.</summary>
    private static readonly ConditionalWeakTable<Group, AddressPatterns> Groups = [];

    private readonly FrozenSet<string> _addresses;
    private readonly FrozenSet<string> _domains;
    private readonly FrozenSet<string> _parents;
    private readonly string[] _others;
    private readonly bool _hasNullPath;

    public AddressPatterns(IEnumerable<string> patterns)
    {
        List<string> addresses = [], domains = [], parents = [], others = [];
        foreach (var pattern in patterns)
        {
            var (local, domain) = Divide(pattern);
            if (pattern == NullPath)
            {
                _hasNullPath = true;
            }
            else if (local.Length == 0 && !domain.Contains('*', StringComparison.Ordinal))
            {
                domains.Add(domain);
            }
            else if (local.Length == 0 && IsParent(domain))
            {
                parents.Add(domain[2..]);
            }
            else if (!pattern.Contains('*', StringComparison.Ordinal))
            {
                addresses.Add(pattern);
            }
            else
            {
                others.Add(local.Length == 0 ? "*" + pattern : pattern);
            }
        }

        _addresses = addresses.ToFrozenSet(StringComparer.OrdinalIgnoreCase);
        _domains = domains.ToFrozenSet(StringComparer.OrdinalIgnoreCase);
        _parents = parents.ToFrozenSet(StringComparer.OrdinalIgnoreCase);
        _others = [.. others];
    }

    public static AddressPatterns Of(Group group) => Groups.GetValue(group, g => new AddressPatterns(g.Members));

    /// <summary>How many of them there are.</summary>
    public int Count => _addresses.Count + _domains.Count + _parents.Count + _others.Length + (_hasNullPath ? 1 : 0);

    /// <summary>Those that each address is compared with, one after the other.</summary>
    public int GlobCount => _others.Length;

    /// <summary>Whether a pattern is compared with each address, instead of being looked up.</summary>
    public static bool IsGlob(string pattern)
    {
        var (local, domain) = Divide(pattern);
        return pattern.Contains('*', StringComparison.Ordinal) && !(local.Length == 0 && IsParent(domain));
    }

    /// <summary>What is wrong with a pattern and what to write instead; null when nothing is.</summary>
    public static string? Problem(string pattern)
    {
        if (pattern == NullPath)
        {
            return null;
        }

        var at = pattern.LastIndexOf('@');
        return at < 0 || at == pattern.Length - 1 || pattern.Length > 320 || pattern.Any(c => char.IsWhiteSpace(c) || char.IsControl(c))
            ? $"'{pattern}' is no address pattern; write an address, @example.com, @*.example.com, a name with * such as newsletter-*@*, or <> for delivery reports"
            : null;
    }

    public bool Contains(string address)
    {
        if (address.Length == 0)
        {
            return _hasNullPath;
        }

        if (_addresses.Count > 0 && _addresses.Contains(address))
        {
            return true;
        }

        if (_domains.Count > 0 || _parents.Count > 0)
        {
            var domain = address.AsSpan(address.LastIndexOf('@') + 1);
            if (_domains.Count > 0 && _domains.GetAlternateLookup<ReadOnlySpan<char>>().Contains(domain))
            {
                return true;
            }

            if (_parents.Count > 0 && IsBelow(domain))
            {
                return true;
            }
        }

        foreach (var other in _others)
        {
            if (Glob.IsMatch(other, address))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether every address that these contain is among the others; false when it cannot be shown.</summary>
    public bool IsSubsetOf(IReadOnlyCollection<AddressPatterns> others) =>
        (!_hasNullPath || others.Any(o => o._hasNullPath))
        && _addresses.All(a => others.Any(o => o.Contains(a)))
        && _domains.All(d => others.Any(o => o._domains.Contains(d) || o.IsBelow(d)))
        && _parents.All(p => others.Any(o => o._parents.Contains(p) || o.IsBelow(p)))
        && _others.All(g => others.Any(o => o._others.Contains(g, StringComparer.OrdinalIgnoreCase)));

    private static (string Local, string Domain) Divide(string pattern)
    {
        var at = pattern.LastIndexOf('@');
        return (pattern[..Math.Max(at, 0)], pattern[(at + 1)..]);
    }

    private static bool IsParent(string domain) => domain.StartsWith("*.", StringComparison.Ordinal) && !domain[1..].Contains('*', StringComparison.Ordinal);

    private bool IsBelow(ReadOnlySpan<char> domain)
    {
        var parents = _parents.GetAlternateLookup<ReadOnlySpan<char>>();
        for (var dot = domain.IndexOf('.'); dot >= 0; dot = domain.IndexOf('.'))
        {
            domain = domain[(dot + 1)..];
            if (parents.Contains(domain))
            {
                return true;
            }
        }

        return false;
    }
}
