using SecuEdge.Smtp;

namespace SecuEdge.Appliance.MailFlow;

/// <summary>One server to connect to.</summary>
/// <param name="Name">The host as configured or as the MX says, for TLS and for people; differs from the endpoint's host where that is a looked-up address.</param>
internal sealed record NextHop(SmtpEndpoint Endpoint, string Name)
{
    public static NextHop Of(SmtpEndpoint endpoint) => new(endpoint, endpoint.Host);

    public override string ToString() => Name == Endpoint.Host ? Endpoint.ToString() : $"{Name} [{Endpoint.Host}]:{Endpoint.Port}";
}

/// <summary>Where mail for a recipient goes. Recipients with the same <see cref="Name"/> share a transaction, and a lane.</summary>
/// <param name="Hops">Tried in order; empty for a route by MX.</param>
/// <param name="Domain">The domain whose MX decides; null for configured hops.</param>
/// <param name="Failure">There is no way, and why.</param>
internal sealed record Route(string Name, IReadOnlyList<NextHop> Hops, string? Domain, SmtpReply? Failure)
{
    public static Route To(IReadOnlyList<SmtpEndpoint> hops) => new(string.Join(", ", hops), [.. hops.Select(NextHop.Of)], null, null);

    /// <summary>In again by the gateway's own listener. Each tenant has a route of its own, as a transaction takes recipients of one only.</summary>
    public static Route ToTenant(string tenant, SmtpEndpoint frontDoor) => new($"tenant {tenant}", [new NextHop(frontDoor, "localhost")], null, null);

    public static Route ByMx(string domain) => new($"MX of {domain}", [], domain, null);

    public static Route Nowhere(SmtpReply failure) => new("", [], null, failure);
}
