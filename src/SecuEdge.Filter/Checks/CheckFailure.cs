namespace SecuEdge.Filter.Checks;

/// <summary>The finding every check has without declaring it: that it failed or was late.</summary>
internal static class CheckFailure
{
    public static FindingDefinition Of(ICheck check) => new()
    {
        Code = check.Name + "_FAILED",
        Class = MessageClass.Suspicious,
        Action = check.OnFailure,
        Text = $"The check {check.Name} failed or did not finish in time.",
    };
}
