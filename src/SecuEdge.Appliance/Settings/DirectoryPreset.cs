namespace SecuEdge.Appliance.Settings;

/// <summary>What is asked of a directory and under which names: the usual of its kind, with what the tenant says instead.</summary>
/// <param name="People">Filter of entries with addresses; groups and contacts that take mail are among them.</param>
internal sealed record DirectoryPreset(
    string People, string Groups, IReadOnlyList<string> AddressAttributes, string GroupName, IReadOnlyList<string> MemberAttributes)
{
    /// <summary>
    /// Disabled accounts are not left out: mailboxes that several people share are disabled accounts. Groups that take mail are recipients, too.
    /// </summary>
    private static readonly DirectoryPreset ActiveDirectory = new(
        "(&(|(objectCategory=person)(objectClass=group)(objectClass=publicFolder)(objectClass=msExchDynamicDistributionList))(|(mail=*)(proxyAddresses=*)))",
        "(objectClass=group)",
        ["mail", "proxyAddresses"],
        "cn",
        ["member"]);

    private static readonly DirectoryPreset OpenLdap = new(
        "(|(mail=*)(mailAlternateAddress=*)(mailLocalAddress=*))",
        "(|(objectClass=groupOfNames)(objectClass=groupOfUniqueNames)(objectClass=posixGroup)(objectClass=groupOfMembers))",
        ["mail", "mailAlternateAddress", "mailLocalAddress", "proxyAddresses"],
        "cn",
        ["member", "uniqueMember", "memberUid"]);

    public static DirectoryPreset Of(TenantDirectory directory)
    {
        var usual = directory.Kind switch
        {
            DirectoryKind.ActiveDirectory => ActiveDirectory,
            DirectoryKind.OpenLdap or DirectoryKind.Custom => OpenLdap,
            _ => throw new ArgumentException($"unknown kind {directory.Kind}", nameof(directory)),
        };
        return new DirectoryPreset(
            directory.PeopleFilter ?? usual.People,
            directory.GroupFilter ?? usual.Groups,
            directory.AddressAttributes ?? usual.AddressAttributes,
            directory.GroupNameAttribute ?? usual.GroupName,
            directory.MemberAttributes ?? usual.MemberAttributes);
    }
}
