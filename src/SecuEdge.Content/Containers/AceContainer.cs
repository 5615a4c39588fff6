using SharpCompress.Readers.Ace;

namespace SecuEdge.Content.Containers;

/// <summary>ACE: the library lists all and unpacks what is stored; the rest is flagged as broken.</summary>
internal sealed class AceContainer : IContainer
{
    public IReadOnlyList<string> MediaTypes => ["application/x-ace"];

    public void Open(IByteSource bytes, ContainerVisit visit) => SharpReading.ReadAll(bytes, visit, AceReader.OpenReader);
}
