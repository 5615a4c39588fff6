namespace SecuEdge.Appliance.Settings;

/// <summary>
/// Names of one label, <c>com</c> or <c>fr</c>, are nobody's domain: they belong to registries. Longer suffixes such as <c>co.uk</c> are not known
/// here, because there is no list of them that is always at hand; such a name takes mail for itself alone and never for what stands below it.
/// </summary>
internal sealed class BareSuffixes : IChangeCheck
{
    public void Check(Tenant? before, Tenant after, string at, List<string> errors)
    {
        for (var d = 0; d < after.Domains.Count; d++)
        {
            var name = after.Domains[d].Name;
            if (!name.TrimEnd('.').Contains('.', StringComparison.Ordinal) && before?.Domains.Any(b => b.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) != true)
            {
                errors.Add($"{at}domains[{d}].name: '{name}' has one part and belongs to a registry; write the whole domain, such as example.{name}");
            }
        }
    }
}
