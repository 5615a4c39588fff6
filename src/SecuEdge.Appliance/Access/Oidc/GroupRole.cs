using SecuEdge.Appliance.Settings;
using SecuEdge.Store.Accounts;

namespace SecuEdge.Appliance.Access.Oidc;

/// <summary>One line of the map from the provider's groups to roles here.</summary>
internal sealed record GroupRole(string Group, AccountRole Role)
{
    /// <summary>A mailbox user needs an address, which no group has.</summary>
    private static readonly IReadOnlyList<Role> Usable = [.. Enum.GetValues<Role>().Where(r => r != Access.Role.MailboxUser)];

    public static string Known => string.Join(", ", Usable.Select(Roles.Word));

    /// <param name="line"><c>group=role@node</c>; a group may itself contain = and @, as names of directories do.</param>
    public static GroupRole? Parse(string line)
    {
        var equals = line.LastIndexOf('=');
        var at = line.IndexOf('@', equals + 1);
        if (equals < 1 || at < 0 || at == line.Length - 1 || Roles.Find(line[(equals + 1)..at]) is not { } role || !Usable.Contains(role))
        {
            return null;
        }

        var node = line[(at + 1)..].ToLowerInvariant();
        return role == Access.Role.Provider && node != Tenant.Root ? null : new GroupRole(line[..equals], new AccountRole(Roles.Word(role), node));
    }
}
