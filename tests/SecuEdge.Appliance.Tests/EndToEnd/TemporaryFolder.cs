namespace SecuEdge.Appliance.Tests.EndToEnd;

/// <summary>A folder for one test, gone with it.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("secuedge-end-to-end-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
