using System.Diagnostics;
using System.Net.Sockets;

namespace SecuEdge.Load.Systems;

/// <summary>A clamd with a database of one signature: what is measured is the way to it and back, the same for everyone who uses it.</summary>
internal sealed class ClamdScanner : IDisposable
{
    /// <param name="remembers">Keeps the hashes of what it found clean, as it does by default.</param>
    public ClamdScanner(string folder, bool remembers = true)
    {
        Directory.CreateDirectory(folder);
        var database = Directory.CreateDirectory(Path.Combine(folder, "signatures")).FullName;
        File.WriteAllText(Path.Combine(database, "eicar.ndb"),
            "Eicar-Test-Signature:0:*:" + Convert.ToHexStringLower("EICAR-STANDARD-ANTIVIRUS-TEST-FILE!"u8) + "\n");
        SocketPath = Path.Combine(folder, "clamd.sock");
        var configuration = Path.Combine(folder, "clamd.conf");
        File.WriteAllText(configuration, $"""
            DatabaseDirectory {database}
            LocalSocket {SocketPath}
            LocalSocketMode 666
            TemporaryDirectory {folder}
            Foreground yes
            LogFile {folder}/clamd.log
            MaxThreads 20
            MaxQueue 200
            MaxConnectionQueueLength 200
            StreamMaxLength 100M
            MaxFileSize 100M
            MaxScanSize 400M
            DisableCache {(remembers ? "no" : "yes")}

            """);
        var process = Processes.Start(MailSystem.FindProgram("clamd")!, ["--config-file", configuration], Path.Combine(folder, "output.log"));
        var start = Stopwatch.GetTimestamp();
        while (!Answers())
        {
            if (process.WaitForExit(100) || Stopwatch.GetElapsedTime(start) > TimeSpan.FromSeconds(20))
            {
                throw new InvalidOperationException($"clamd did not start; see {folder}");
            }
        }
    }

    public string SocketPath { get; }

    public ProcessGroup Processes { get; } = new("clamd");

    public static bool IsAvailable => MailSystem.FindProgram("clamd") is not null;

    public void Dispose() => Processes.Dispose();

    private bool Answers()
    {
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { ReceiveTimeout = 2000 };
            socket.Connect(new UnixDomainSocketEndPoint(SocketPath));
            socket.Send("zPING\0"u8);
            return socket.Receive(new byte[5]) == 5;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
