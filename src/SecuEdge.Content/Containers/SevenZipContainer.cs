using SharpCompress.Archives;
using SharpCompress.Archives.SevenZip;
using SharpCompress.Readers;

namespace SecuEdge.Content.Containers;

/// <summary>7-Zip. Only its end says what it holds, so it is read as an archive, not as a stream.</summary>
internal sealed class SevenZipContainer : IContainer
{
    public IReadOnlyList<string> MediaTypes => ["application/x-7z-compressed"];

    public void Open(IByteSource bytes, ContainerVisit visit)
    {
        if (SevenZipHeader.HasHugeDictionary(bytes))
        {
            Dictionaries.Refuse(visit);
            return;
        }

        // A solid archive is one stream; entry by entry it would be unpacked once per entry.
        SharpReading.ReadAll(
            bytes,
            visit,
            (stream, options) => SevenZipArchive.OpenArchive(stream, options).ExtractAllEntries(),
            stream => SevenZipArchive.OpenArchive(stream, new ReaderOptions { LeaveStreamOpen = true }).Entries);
    }
}
