namespace SecuEdge.Appliance.Verbs;

/// <summary>Data folders of the appliances that run on this machine, as far as this user may look: a verb is mostly meant for one of these.</summary>
internal static class RunningAppliances
{
    public static IReadOnlyList<string> Folders()
    {
        if (!Directory.Exists("/proc"))
        {
            return [];
        }

        var found = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var process in Directory.EnumerateDirectories("/proc").Where(p => char.IsAsciiDigit(Path.GetFileName(p)[0])))
        {
            if (FolderOf(process) is { } folder && Answers(folder))
            {
                found.Add(folder);
            }
        }

        return [.. found];
    }

    /// <summary>A process may be over, or somebody else's, before it is read: then it is none that could be meant.</summary>
    private static string? FolderOf(string process)
    {
        try
        {
            var command = File.ReadAllText(Path.Combine(process, "cmdline")).Split('\0', StringSplitOptions.RemoveEmptyEntries);
            if (command is not [.., var program, "run"] || !Path.GetFileNameWithoutExtension(program).Equals("secuedge", StringComparison.Ordinal))
            {
                return null;
            }

            const string key = "SECUEDGE__Data=";
            var named = File.ReadAllText(Path.Combine(process, "environ")).Split('\0').FirstOrDefault(v => v.StartsWith(key, StringComparison.Ordinal));
            var started = new FileInfo(Path.Combine(process, "cwd")).LinkTarget;
            return started is null ? null : Path.GetFullPath(named?[key.Length..] ?? DataChoice.Usual, started);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static bool Answers(string folder)
    {
        using var control = ControlClient.TryConnect(folder);
        return control is not null;
    }
}
