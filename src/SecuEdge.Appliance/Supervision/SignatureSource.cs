namespace SecuEdge.Appliance.Supervision;

internal enum SignatureKind
{
    /// <summary>Nothing to scan with: clamd is not started and mail is answered 451.</summary>
    None,

    /// <summary>The few test signatures that come with the gateway: EICAR is found, nothing real is.</summary>
    TestOnly,

    /// <summary>The database folder holds databases: fetched, mirrored, or put there by the administrator.</summary>
    Installed,
}

/// <param name="Folder">What clamd loads; empty for <see cref="SignatureKind.None"/>.</param>
/// <param name="Missing">Why there are no real signatures; empty when there are.</param>
internal sealed record SignatureChoice(SignatureKind Kind, string Folder, string Missing);

/// <summary>Decides which signatures clamd loads: the database, else, once fetching it has failed, the test signatures.</summary>
internal sealed class SignatureSource(ClamAvServiceOptions options)
{
    /// <summary>Database files that clamd loads by itself; <c>freshclam.dat</c> and half-fetched files are none.</summary>
    private static readonly HashSet<string> DatabaseExtensions = new(
        [".cvd", ".cld", ".cud", ".ndb", ".ndu", ".hdb", ".hsb", ".hdu", ".hsu", ".mdb", ".msb", ".ldb", ".ldu", ".db", ".yar", ".yara"],
        StringComparer.OrdinalIgnoreCase);

    private volatile string _updateTrouble = "the first update has not ended yet";
    private volatile bool _updateTried;

    public string DatabaseFolder { get; } = ClamAvPaths.From(options).DatabaseFolder;

    /// <summary>An update ended, or will never be tried; the test signatures may be used from now on.</summary>
    /// <param name="trouble">Why it brought nothing; empty after success.</param>
    public void UpdateTried(string trouble)
    {
        _updateTrouble = trouble;
        _updateTried = true;
    }

    public SignatureChoice Choose()
    {
        if (HasDatabase(DatabaseFolder))
        {
            return new SignatureChoice(SignatureKind.Installed, DatabaseFolder, "");
        }

        var missing = _updateTrouble.Length > 0 ? $"no signature database: {_updateTrouble}" : $"no signature database in {DatabaseFolder}";
        return _updateTried && options.TestSignatures.Length > 0 && HasDatabase(options.TestSignatures)
            ? new SignatureChoice(SignatureKind.TestOnly, Path.GetFullPath(options.TestSignatures), missing)
            : new SignatureChoice(SignatureKind.None, "", missing);
    }

    /// <summary>A folder that cannot be read holds nothing for clamd either.</summary>
    private static bool HasDatabase(string folder)
    {
        try
        {
            return Directory.Exists(folder)
                && Directory.EnumerateFiles(folder).Any(file => DatabaseExtensions.Contains(Path.GetExtension(file)));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
