using SecuEdge.Content.Containers.Images;
using SecuEdge.Content.Containers.Native;

namespace SecuEdge.Content.Containers;

/// <summary>The formats that are opened. To add one: a file in this folder, a line here, a row with its signature in FileTypes.</summary>
internal static class AllContainers
{
    private static readonly IContainer[] List =
    [
        new ZipContainer(),
        new TarContainer(),
        new GzipContainer(),
        new Bzip2Container(),
        new XzContainer(),
        new ZstdContainer(),
        new LzipContainer(),
        new CompressContainer(),
        new SevenZipContainer(),
        new RarContainer(),
        new ArjContainer(),
        new AceContainer(),
        new ArcContainer(),
        new TnefContainer(),
        new SignedDataContainer(),
        new RpmContainer(),
        new LzmaContainer(),
        new SzddContainer(),
        new ZlibContainer(),
        new BrotliContainer(),
        new DiscContainer(),
        new DiskContainer(),
        new VirtualDiskContainer(),
        new ChmContainer(),
        .. LibArchiveContainer.All(),
    ];

    private static readonly Dictionary<string, IContainer> ByMediaType = List
        .SelectMany(container => container.MediaTypes, (container, mediaType) => (container, mediaType))
        .ToDictionary(pair => pair.mediaType, pair => pair.container, StringComparer.Ordinal);

    public static IContainer? For(string mediaType) => ByMediaType.GetValueOrDefault(mediaType);
}
