namespace SecuEdge.TestKit;

/// <summary>A folder of one test, gone with it.</summary>
/// <param name="inMemory">On the memory disk where there is one: for tests of many syncs whose real duration tells nothing.</param>
public sealed class TempFolder(bool inMemory = false) : IDisposable
{
    private const string MemoryDisk = "/dev/shm";

    public string Path { get; } = Directory.CreateDirectory(
        System.IO.Path.Combine(inMemory && Directory.Exists(MemoryDisk) ? MemoryDisk : System.IO.Path.GetTempPath(), $"secuedge-test-{Guid.NewGuid():n}")).FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
