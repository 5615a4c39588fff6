namespace SecuEdge.Appliance.Settings;

/// <summary>
/// What is wrong with a tenant only when somebody sets it: it depends on what the appliance has and is today, so what is stored already stays in
/// force whatever becomes of that.
/// </summary>
internal interface IChangeCheck
{
    /// <param name="before">Null for a new tenant.</param>
    /// <param name="at">Where errors of the tenant are.</param>
    void Check(Tenant? before, Tenant after, string at, List<string> errors);
}
