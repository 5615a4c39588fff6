using System.Collections.Frozen;
using System.Text.Json;

namespace SecuEdge.Appliance.Access;

/// <summary>What somebody is on a node. Permissions come from here and nowhere else; see <see cref="Roles"/>.</summary>
public enum Role
{
    /// <summary>Runs the appliance. Only on the root.</summary>
    Provider,

    /// <summary>Sells and looks after the customers below his node.</summary>
    Reseller,

    /// <summary>Decides for his company: policy, users, content of its mail.</summary>
    CustomerAdmin,

    /// <summary>Finds mail and releases it, without reading it.</summary>
    Helpdesk,

    /// <summary>Looks after quarantined mail, content included.</summary>
    QuarantineManager,

    /// <summary>Sees what was done and set, changes nothing, reads no content.</summary>
    Auditor,

    /// <summary>His own mail only.</summary>
    MailboxUser,
}

/// <summary>The one table of what each role may do.</summary>
internal static class Roles
{
    /// <summary>Have no meaning below the root.</summary>
    private static readonly FrozenSet<Permission> RootOnly = [Permission.SystemRead, Permission.SystemManage];

    private static readonly FrozenSet<Permission> WholeNode = [.. Grant.All.Except(RootOnly)];

    private static readonly FrozenDictionary<Role, FrozenSet<Permission>> Permissions = new Dictionary<Role, FrozenSet<Permission>>
    {
        [Role.Provider] = Grant.All,

        // The same as a customer's administrator: who may make one can sign in as one, so that less would only look like less.
        [Role.Reseller] = WholeNode,
        [Role.CustomerAdmin] = WholeNode,
        [Role.Helpdesk] =
        [
            Permission.MessagesRead, Permission.QuarantineRead, Permission.QuarantineRelease, Permission.QueueRead,
            Permission.TenantsRead, Permission.PolicyRead, Permission.Analyze,
        ],
        [Role.QuarantineManager] =
        [
            Permission.MessagesRead, Permission.QuarantineRead, Permission.ContentRead, Permission.QuarantineRelease,
            Permission.QuarantineDelete, Permission.TenantsRead,
        ],
        [Role.Auditor] =
        [
            Permission.MessagesRead, Permission.QuarantineRead, Permission.QueueRead, Permission.TenantsRead, Permission.PolicyRead,
            Permission.AuditRead, Permission.UsageRead, Permission.SystemRead,
        ],
        [Role.MailboxUser] =
        [
            Permission.MessagesRead, Permission.QuarantineRead, Permission.ContentRead, Permission.QuarantineRelease, Permission.QuarantineDelete,
        ],
    }.ToFrozenDictionary();

    /// <param name="isRoot">Whether the node is the root: some permissions exist only there.</param>
    public static FrozenSet<Permission> PermissionsOf(Role role, bool isRoot) =>
        isRoot ? Permissions[role] : [.. Permissions[role].Except(RootOnly)];

    public static string Word(Role role) => JsonNamingPolicy.CamelCase.ConvertName(role.ToString());

    /// <returns>Null for a word of another version of the appliance: it gives nothing.</returns>
    public static Role? Find(string word) =>
        Enum.GetValues<Role>().Where(r => Word(r).Equals(word, StringComparison.OrdinalIgnoreCase)).Select(r => (Role?)r).FirstOrDefault();
}
