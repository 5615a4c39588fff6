namespace SecuEdge.Filter.Checks;

/// <summary>The finding every check has without declaring it: that it failed or was late.</summary>
internal static class CheckFailure
{
    public static FindingDefinition Of(ICheck check) => new()
    {
        Code = check.Name + "_FAILED",
        Class = MessageClass.Suspicious,
        Action = check.OnFailure,

        // What a check could not look at does not become harmless by a setting.
        Floor = check.OnFailure,
        Text = $"The check {check.Name} failed or did not finish in time.",
    };
}
