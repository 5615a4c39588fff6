using SharpCompress.Readers.Arj;

namespace SecuEdge.Content.Containers;

/// <summary>ARJ: old, and therefore forgotten by many filters.</summary>
internal sealed class ArjContainer : IContainer
{
    public IReadOnlyList<string> MediaTypes => ["application/x-arj"];

    public void Open(IByteSource bytes, ContainerVisit visit) => SharpReading.ReadAll(bytes, visit, ArjReader.OpenReader);
}
