namespace SecuEdge.Appliance.Api;

/// <summary>Marks a look at who is there that the appliance takes by itself, as at each heartbeat of a stream: no sign that anybody is at work.</summary>
internal sealed record NobodyAtWork;
