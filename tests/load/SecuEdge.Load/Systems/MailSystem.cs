using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace SecuEdge.Load.Systems;

/// <summary>A running system under test: mail goes in at <see cref="Entry"/> and is to come out at the sink.</summary>
internal abstract class MailSystem(string name, string folder) : IDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);

    /// <summary>The name in the tables.</summary>
    public string Name { get; } = name;

    /// <summary>Its own folder, for configuration, queue and log.</summary>
    public string Folder { get; } = Directory.CreateDirectory(Path.Combine(folder, name)).FullName;

    /// <summary>Where mail goes in.</summary>
    public IPEndPoint Entry { get; protected init; } = new(IPAddress.Loopback, FreePort());

    /// <summary>Its processes, a virus scanner shared with others excepted.</summary>
    public ProcessGroup Processes { get; } = new(name);

    /// <summary>The virus scanner it uses, or null.</summary>
    public ClamdScanner? Scanner { get; protected init; }

    /// <summary>What is special about how it runs, for the report.</summary>
    public abstract string Description { get; }

    public virtual void Dispose() => Processes.Dispose();

    /// <summary>A port that was free a moment ago.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>The path of a program, or null.</summary>
    public static string? FindProgram(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .Concat(["/usr/sbin", "/usr/local/sbin"]).Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    /// <summary>Waits for a greeting at the entry.</summary>
    protected void WaitUntilReady(Process process)
    {
        var start = Stopwatch.GetTimestamp();
        while (!Greets())
        {
            if (process.WaitForExit(100) || Stopwatch.GetElapsedTime(start) > StartLimit)
            {
                Dispose();
                throw new InvalidOperationException($"{Name} did not start; see {Folder}");
            }
        }
    }

    private bool Greets()
    {
        try
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 5000 };
            socket.Connect(Entry);
            return socket.Receive(new byte[3]) > 0 && socket.Send("QUIT\r\n"u8) > 0;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
