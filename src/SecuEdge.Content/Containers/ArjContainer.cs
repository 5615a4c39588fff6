using SharpCompress.Readers;
using SharpCompress.Readers.Arj;

namespace SecuEdge.Content.Containers;

/// <summary>ARJ: old, and therefore forgotten by many filters.</summary>
internal sealed class ArjContainer : IContainer
{
    public IReadOnlyList<string> MediaTypes => ["application/x-arj"];

    public void Open(IByteSource bytes, ContainerVisit visit) => SharpReading.Guard(visit, () =>
    {
        using var stream = bytes.OpenRead();
        using var reader = ArjReader.OpenReader(stream, new ReaderOptions { LeaveStreamOpen = true });
        SharpReading.AddAll(reader, visit);
    });
}
