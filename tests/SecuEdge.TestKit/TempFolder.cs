namespace SecuEdge.TestKit;

/// <summary>A folder of one test, gone with it.</summary>
public sealed class TempFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("secuedge-test-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
