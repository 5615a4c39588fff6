using System.Globalization;
using SecuEdge.Appliance.Settings;
using SecuEdge.Store.Audit;

namespace SecuEdge.Appliance.Verbs;

/// <summary>
/// <c>audit verify</c>: walks through the chain of the audit log and prints its months, its head and the first break. It reads the files
/// only, so it does not matter whether the appliance runs.
/// </summary>
internal static class AuditVerb
{
    public static int Execute(string[] arguments)
    {
        var (configuration, noFolder) = DataChoice.Take(ref arguments, mayBeNew: false);
        if (configuration is null)
        {
            return Usage.Fail([$"audit: {noFolder}"]);
        }

        if (arguments is not ["verify", .. var rest] || Heads(rest) is not { } heads)
        {
            return Usage.Fail(["audit: the only command is 'audit verify [--head NUMBER:HASH]... [--data DIR]', a head being what the log of the appliance showed"]);
        }

        try
        {
            return Report(AuditVerifier.Run(configuration.Store, heads, CancellationToken.None));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Usage.Fail([$"the audit log cannot be read: {e.Message}"]);
        }
    }

    internal static int Report(AuditVerification found)
    {
        foreach (var month in found.Months)
        {
            Print($"{month.Month / 100:d4}-{month.Month % 100:d2}  {month.Entries} entries{(month.Entries > 0 ? string.Create(CultureInfo.InvariantCulture, $", {month.First} to {month.Last}") : "")}");
        }

        foreach (var entry in found.Recorded)
        {
            Print($"RECORDED  entry {entry.Number} of {entry.At:yyyy-MM-dd HH:mm} UTC: {entry.Detail}");
        }

        if (found.Break is { } at)
        {
            Print($"BROKEN  at entry {at.Number}, {at.File} line {at.Line}: {at.Problem}");
        }

        Print($"{(found.IsWhole ? "The chain is whole" : "The chain is NOT whole")}: {found.Entries} entries, head {found.Head}");
        return found.IsWhole ? Usage.Success : Usage.Unhealthy;
    }

    /// <returns>Null when they are not understood.</returns>
    private static List<AuditHead>? Heads(string[] arguments)
    {
        var heads = new List<AuditHead>();
        for (var i = 0; i < arguments.Length; i += 2)
        {
            if (arguments[i] != "--head" || i + 1 == arguments.Length || !AuditHead.TryParse(arguments[i + 1], out var head))
            {
                return null;
            }

            heads.Add(head);
        }

        return heads;
    }

    private static void Print(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
