using SharpCompress.Readers;
using SharpCompress.Readers.Ace;

namespace SecuEdge.Content.Containers;

/// <summary>ACE: the library lists all and unpacks what is stored; the rest is flagged as broken.</summary>
internal sealed class AceContainer : IContainer
{
    public IReadOnlyList<string> MediaTypes => ["application/x-ace"];

    public void Open(IByteSource bytes, ContainerVisit visit) => SharpReading.Guard(visit, () =>
    {
        using var stream = bytes.OpenRead();
        using var reader = AceReader.OpenReader(stream, new ReaderOptions { LeaveStreamOpen = true });
        SharpReading.AddAll(reader, visit);
    });
}
