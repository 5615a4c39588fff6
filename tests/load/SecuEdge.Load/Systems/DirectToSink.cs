using System.Net;

namespace SecuEdge.Load.Systems;

/// <summary>No system at all: what generator and sink reach by themselves, the floor of every delay.</summary>
internal sealed class DirectToSink : MailSystem
{
    public DirectToSink(string folder, IPEndPoint sink) : base("direct", folder) => Entry = sink;

    public override string Description => "generator to sink, nothing between";
}
