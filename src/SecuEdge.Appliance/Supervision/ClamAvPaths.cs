namespace SecuEdge.Appliance.Supervision;

/// <summary>The files and folders of the supervised ClamAV, derived from the options in one place.</summary>
internal sealed record ClamAvPaths(string RunFolder, string DatabaseFolder, string TemporaryFolder, ClamdEndpoint Endpoint)
{
    /// <summary>The kernel's <c>sun_path</c> holds 108 bytes with the final zero.</summary>
    public const int MaxSocketPath = 107;

    /// <summary>Mode of the folders that only the gateway and its children enter.</summary>
    public const UnixFileMode PrivateFolder = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Empty when clamd listens on TCP.</summary>
    public string Socket => Endpoint.SocketPath;

    public string ClamdConfiguration => Path.Combine(RunFolder, "clamd.conf");

    public string FreshclamConfiguration => Path.Combine(RunFolder, "freshclam.conf");

    public static ClamAvPaths From(ClamAvServiceOptions options)
    {
        var data = Path.GetFullPath(options.DataFolder);
        var run = Path.Combine(data, "run", "clamav");
        return new ClamAvPaths(
            run,
            options.DatabaseFolder.Length > 0 ? Path.GetFullPath(options.DatabaseFolder) : Path.Combine(data, "clamav"),
            options.TemporaryFolder.Length > 0 ? Path.GetFullPath(options.TemporaryFolder) : Path.GetTempPath(),
            ClamdEndpoint.TryParse(options.Endpoint, out var endpoint)
                ? endpoint
                : new ClamdEndpoint(Path.Combine(run, "clamd.sock"), "", 0));
    }
}
