namespace SecuEdge.Appliance.Api.Description;

/// <summary>One sentence about each group of operations, for readers of the document.</summary>
internal static class TagTexts
{
    private static readonly Dictionary<string, string> Texts = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Access"] = "Who may do what where: users, roles, tokens, sessions and delegations.",
        ["Analyze"] = "Judging a message without delivering it.",
        ["Audit"] = "What was done by whom, in an order nobody can change.",
        ["Directories"] = "Directories (LDAP) that say who is there, and in which groups.",
        ["Domains"] = "Mail domains and how we know whose they are.",
        ["Engines"] = "Antivirus engines: what they know and whether they are believed.",
        ["Events"] = "What happens, as it happens.",
        ["Hash lists"] = "The administrator's own lists of files that are malware, or are not.",
        ["Messages"] = "The message log: where is this mail, and why.",
        ["Policies"] = "What happens to mail: thresholds, actions, lists and rules, inherited down the tree.",
        ["Privacy"] = "Search, export and erasure of what is known of a person.",
        ["Quarantine"] = "Mail kept for a person. Reading never acts.",
        ["Queue"] = "Mail that waits for its next hop.",
        ["Recipients"] = "Mailboxes of protected domains.",
        ["Retro-verdicts"] = "Delivered files that an engine convicted later.",
        ["Rules"] = "Rules: what they ask of a message and what they do.",
        ["Site"] = "Everything that is set, as one file.",
        ["System"] = "The appliance itself.",
        ["Tenants"] = "The tree of provider, resellers and customers.",
        ["Usage"] = "Mailboxes, messages and bytes by customer and month.",
        ["Webhooks"] = "Calls of the appliance to programs of the tenant when something happens.",
        ["YARA"] = "Rules for files: what is in force, and the administrator's own.",
    };

    public static string Of(string tag) => Texts.GetValueOrDefault(tag, $"{tag}.");
}
