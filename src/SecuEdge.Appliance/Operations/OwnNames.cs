using System.Net;
using SecuEdge.Appliance.Settings;
using SecuEdge.Smtp;

namespace SecuEdge.Appliance.Operations;

/// <summary>The names under which customers reach the appliance: what they write into their MX record and set as smarthost.</summary>
internal sealed record OwnNames(string Mx, string Smarthost, int SmarthostPort)
{
    // RFC 6761 and 6762, and what routers and machines at home are called; names for documentation are left out, where they are used on purpose.
    private static readonly string[] Private = [".local", ".localdomain", ".localhost", ".internal", ".lan", ".home", ".home.arpa", ".invalid", ".onion"];

    public static OwnNames Of(ApplianceOptions appliance, SmtpServerOptions smtp) => new(
        appliance.MxName is { Length: > 0 } mx ? mx : smtp.Hostname,
        appliance.SmarthostName is { Length: > 0 } host ? host : smtp.Hostname,
        appliance.SmarthostPort);

    /// <summary>What nobody outside can resolve; empty when all of it can be meant.</summary>
    public IEnumerable<string> Warnings() =>
        (Mx == Smarthost ? [(Mx, "MxName")] : ((string, string)[])[(Mx, "MxName"), (Smarthost, "SmarthostName")])
            .Where(n => !IsPublic(n.Item1))
            .Select(n => $"'{n.Item1}' is no name of the public DNS, so that no customer can write it down; set SECUEDGE__{n.Item2} to the name that leads here");

    internal static bool IsPublic(string name) =>
        name.TrimEnd('.') is var plain && plain.Contains('.', StringComparison.Ordinal) && !IPAddress.TryParse(plain, out _)
        && !Private.Any(p => plain.EndsWith(p, StringComparison.OrdinalIgnoreCase));
}
