using System.Globalization;
using System.Text;

namespace SecuEdge.Appliance.Settings;

/// <summary>
/// The one form of a mail domain: A-labels, lower-case, without the dot at the end. The same domain comes as <c>müller.example</c>,
/// <c>xn--mller-kva.example</c> and <c>MÜLLER.example.</c>; with two forms inside, mail to the one that was not written down is refused, and two
/// tenants can own the same domain.
/// </summary>
internal static class DomainName
{
    private static readonly IdnMapping Idn = new() { UseStd3AsciiRules = true };

    /// <summary>A text that is no domain name comes back as it is, for validation to refuse; so does an address literal.</summary>
    public static string Canonical(string name)
    {
        var bare = name.EndsWith('.') ? name[..^1] : name;
        if (Ascii.IsValid(bare))
        {
            return bare.ToLowerInvariant();
        }

        try
        {
            return Idn.GetAscii(bare).ToLowerInvariant();
        }
        catch (ArgumentException)
        {
            return name;
        }
    }

    /// <summary>With U-labels, as people write it; a text that is no domain name comes back as it is.</summary>
    public static string Readable(string name)
    {
        try
        {
            return Idn.GetUnicode(Canonical(name));
        }
        catch (ArgumentException)
        {
            return name;
        }
    }

    public static bool AreSame(string one, string other) => Canonical(one) == Canonical(other);

    /// <summary>Whether a canonical name can be a domain of the DNS.</summary>
    public static bool IsValid(string name) => Ascii.IsValid(name) && !name.EndsWith('.') && Uri.CheckHostName(name) == UriHostNameType.Dns;
}
