using System.Collections.Frozen;

namespace SecuEdge.Filter.Policy.Rules.Matching;

/// <summary>
/// Many address patterns asked at once: whole addresses, <c>@example.com</c>, <c>@*.example.com</c>, names with <c>*</c>, and
/// <c>&lt;&gt;</c>, the null path of delivery reports. Any case.
/// </summary>
internal sealed class AddressPatterns
{
    public const string NullPath = "<>";

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
            var at = pattern.LastIndexOf('@');
            var (local, domain) = (pattern[..Math.Max(at, 0)], pattern[(at + 1)..]);
            if (pattern == NullPath)
            {
                _hasNullPath = true;
            }
            else if (local.Length == 0 && !domain.Contains('*', StringComparison.Ordinal))
            {
                domains.Add(domain);
            }
            else if (local.Length == 0 && domain.StartsWith("*.", StringComparison.Ordinal) && !domain[1..].Contains('*', StringComparison.Ordinal))
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
    public bool IsSubsetOf(AddressPatterns other) =>
        (!_hasNullPath || other._hasNullPath)
        && _addresses.All(other.Contains)
        && _domains.All(d => other._domains.Contains(d) || other.IsBelow(d))
        && _parents.All(p => other._parents.Contains(p) || other.IsBelow(p))
        && _others.All(o => other._others.Contains(o, StringComparer.OrdinalIgnoreCase));

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
