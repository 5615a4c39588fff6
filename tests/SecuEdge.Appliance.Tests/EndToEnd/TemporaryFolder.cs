namespace SecuEdge.Appliance.Tests.EndToEnd;

/// <summary>A folder for one test, gone with it.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("secuedge-end-to-end-").FullName;

    /// <summary>A child that ends at the same moment may take its own files away meanwhile.</summary>
    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            Directory.CreateDirectory(Path);
            Directory.Delete(Path, recursive: true);
        }
    }
}
