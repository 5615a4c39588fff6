using System.Text;
using System.Text.Json;
using SecuEdge.Cage.Jobs;
using SecuEdge.Cage.Protocol;
using SecuEdge.Cage.Sandbox;

namespace SecuEdge.Cage.Tests;

/// <summary>A pool whose program is a shell script: it greets as a worker does, then does what the test wants.</summary>
internal sealed class FakeWorker : IAsyncDisposable
{
    private readonly DirectoryInfo _folder;

    private FakeWorker(DirectoryInfo folder, Cages cages)
    {
        _folder = folder;
        Cages = cages;
    }

    public Cages Cages { get; }

    public static async Task<FakeWorker> StartAsync(string afterGreeting, bool greets = true)
    {
        var folder = Directory.CreateTempSubdirectory("secuedge-fake-");
        using var greeting = new MemoryStream();
        AnswerFrame.Write(greeting, new CageAnswer(JsonSerializer.Serialize(new Greeting([new Bar(Bar.Limits, true, "")]), CageJson.Default.Greeting)));
        await File.WriteAllBytesAsync(Path.Combine(folder.FullName, "greeting"), greeting.ToArray());
        var program = Path.Combine(folder.FullName, "worker");
        var script = $"#!/bin/sh\n{(greets ? $"cat {folder.FullName}/greeting" : "")}\n{afterGreeting.Replace("FOLDER", folder.FullName, StringComparison.Ordinal)}\n";
        await File.WriteAllTextAsync(program, script, Encoding.ASCII);
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return new FakeWorker(folder, new Cages(options => options.Program = program));
    }

    public async ValueTask DisposeAsync()
    {
        await Cages.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
