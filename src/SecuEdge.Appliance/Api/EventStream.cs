namespace SecuEdge.Appliance.Api;

/// <summary>Put on an endpoint that can also answer as server-sent events, for the document.</summary>
/// <param name="Event">What <c>data</c> of its events is.</param>
internal sealed record EventStream(Type Event);
