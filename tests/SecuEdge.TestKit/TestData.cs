namespace SecuEdge.TestKit;

/// <summary>
/// Where tests find real-world samples that are not ours to publish: <c>SECUEDGE_TEST_DATA</c>, or <c>../shared/data</c> beside the
/// repository. Tests over them are skipped, loudly, where the folder is absent.
/// </summary>
public static class TestData
{
    /// <summary>The repository's root: the folder of the solution file above the running test.</summary>
    public static string RepositoryRoot { get; } = FindRoot();

    /// <summary>The folder or file below the sample folder; null when absent.</summary>
    public static string? Find(string relative)
    {
        var root = Environment.GetEnvironmentVariable("SECUEDGE_TEST_DATA") ?? Path.Combine(RepositoryRoot, "..", "shared", "data");
        var path = Path.GetFullPath(Path.Combine(root, relative));
        return Directory.Exists(path) || File.Exists(path) ? path : null;
    }

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "SecuEdge.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("SecuEdge.sln not found above the tests");
        }

        return folder;
    }
}
