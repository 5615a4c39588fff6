namespace SecuEdge.Appliance.Operations;

/// <summary>What a revision did, in the words of who looks for it later.</summary>
internal static class RevisionComment
{
    /// <param name="action"><c>noun.verb</c>, as the audit log has it.</param>
    public static string Of(string action, string name)
    {
        var dot = action.IndexOf('.', StringComparison.Ordinal);
        var (noun, verb) = (action[..dot], action[(dot + 1)..]);
        return $"{noun} {name} {Done(verb)}";
    }

    private static string Done(string verb) => verb switch
    {
        "create" => "made",
        "put" => "set",
        "patch" => "changed",
        "suspend" => "suspended",
        "resume" => "in service again",
        "verify" => "verified",
        "vouch" => "vouched for",
        "delete" => "deleted",
        _ => verb,
    };
}
