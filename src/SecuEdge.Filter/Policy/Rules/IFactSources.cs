using System.Net;

namespace SecuEdge.Filter.Policy.Rules;

/// <summary>What rules may ask that is not in the message: memory and tables of the appliance. Answers at once, from memory.</summary>
public interface IFactSources
{
    /// <summary>Null when nobody knows.</summary>
    NetworkOrigin? OriginOf(IPAddress address);

    /// <summary>The tenant never exchanged mail with this sender; null when nobody knows.</summary>
    /// <param name="headerFrom">What the reader sees; empty when there is none, then the envelope's sender counts.</param>
    bool? IsFirstContact(Envelope envelope, string headerFrom);

    /// <summary>Groups of directories that the tenant may name.</summary>
    GroupFacts GroupsOf(string tenant, IEnumerable<string> addresses);
}

/// <param name="Country">ISO 3166-1.</param>
public sealed record NetworkOrigin(string? Country, int? AutonomousSystem);
