using System.Diagnostics;

namespace SecuEdge.Appliance.Tests.Supervision;

/// <summary>A folder of one test, with short names (a Unix socket's path is short), gone afterwards.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("se-").FullName;

    public string File(string name, string text)
    {
        var path = System.IO.Path.Combine(Path, name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        System.IO.File.WriteAllText(path, text);
        return path;
    }

    /// <summary>A shell script that plays a program.</summary>
    public string Program(string name, string script)
    {
        var text = File(name + ".sh", "#!/bin/sh\n" + script + "\n");
        var path = System.IO.Path.Combine(Path, name);
        // Written by another process: a child that a test beside this one is just starting would hold our file open for writing, and a
        // program open for writing cannot be run.
        using var install = Process.Start("/usr/bin/install", ["-m", "700", text, path]);
        install.WaitForExit();
        return path;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
