namespace SecuEdge.Appliance.Directories.Ldap;

/// <summary>Why a directory was not read, in words for whoever set it up.</summary>
/// <param name="IsOfServer">Another server of the same directory may do better: this one is not there, or not well.</param>
internal sealed record LdapTrouble(string Text, bool IsOfServer = false)
{
    /// <summary>What the server's answer means (RFC 4511 appendix A).</summary>
    public static LdapTrouble Of(LdapResult result, string doing) => result.Code switch
    {
        1 => new($"the server refuses {doing}: it wants a name and a password first{Said(result)}"),
        2 => new($"the server does not understand {doing}{Said(result)}"),
        3 or 11 => new($"the server stopped {doing} at its own limit of time or effort, so the list would not be complete; raise its limits for this account{Said(result)}"),
        4 => new($"the server gives this account only a part of the entries (size limit), so the list would not be complete; raise its limit for this account{Said(result)}"),
        8 or 13 => new($"the server wants an encrypted connection; set tls to ldaps or startTls{Said(result)}"),
        10 => new($"the server says that this is kept elsewhere ({string.Join(", ", result.Referrals.Take(2))}); references are not followed: name that server in addresses, or change base"),
        32 => new(result.MatchedName.Length == 0
            ? "base: there is no such object in the directory, or the account may not see it"
            : $"base: there is no such object in the directory; the nearest one that exists is '{result.MatchedName}'"),
        34 => new($"base or bindName: is not a distinguished name such as dc=example,dc=com{Said(result)}"),
        48 => new($"the server does not take this kind of login{Said(result)}"),
        49 => new($"bindName or password: {Credentials(result.Diagnostic)}"),
        50 => new($"the account may not do this: {doing}{Said(result)}"),
        51 or 52 or 80 => new($"the server is not well at the moment: {doing}{Said(result)}", IsOfServer: true),
        53 => new($"the server is unwilling: {doing}{Said(result)}"),
        _ => new($"the server answered code {result.Code} to {doing}{Said(result)}"),
    };

    /// <summary>A large group that did not come to its end.</summary>
    public static LdapTrouble OfGroup(string name) => new($"the members of group '{Plain(name)}' changed while they were read, so the list would not be complete; it is tried again");

    /// <summary>Active Directory says by a number in its diagnostic what is the matter with the account.</summary>
    private static string Credentials(string diagnostic)
    {
        var at = diagnostic.IndexOf("data ", StringComparison.Ordinal);
        var code = at < 0 ? "" : new string([.. diagnostic.AsSpan(at + 5).ToString().TakeWhile(char.IsAsciiHexDigit)]);
        return code switch
        {
            "525" => "there is no account of that name",
            "52e" => "the password is wrong",
            "530" or "531" => "the account may not log in now, or from here",
            "532" or "773" => "the password of the account has expired and must be changed",
            "533" => "the account is disabled",
            "701" => "the account has expired",
            "775" => "the account is locked after too many wrong passwords",
            _ => "one of them is wrong, the server does not say which",
        };
    }

    private static string Said(LdapResult result)
    {
        var text = Plain(result.Diagnostic);
        return text.Length == 0 ? "" : $" ({text})";
    }

    /// <summary>Written by a stranger.</summary>
    private static string Plain(string text) => new string([.. text.Take(200).Select(c => char.IsControl(c) ? ' ' : c)]).Trim();
}
