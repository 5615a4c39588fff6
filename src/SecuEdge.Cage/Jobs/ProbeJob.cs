using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text.Json;
using SecuEdge.Cage.Protocol;
using SecuEdge.Cage.Sandbox;

namespace SecuEdge.Cage.Jobs;

/// <param name="Try">What to try: a word of <see cref="ProbeJob"/>.</param>
/// <param name="Path">File, folder or program.</param>
/// <param name="Count">Bytes to allocate or to write, or a process.</param>
internal sealed record ProbeParameters(string Try, string Path = "", long Count = 0);

/// <param name="Succeeded">The cage let it happen.</param>
internal sealed record ProbeResult(bool Succeeded, string Detail);

/// <summary>
/// Tries what a taken-over worker would try, to see that it fails on this machine. Harmless to have: whoever can ask the cage can do
/// all of it outside.
/// </summary>
internal sealed unsafe partial class ProbeJob : ICageJob
{
    public const string Word = "probe";

    private const int PtraceAttach = 16;
    private const int Terminate = 15;

    private static readonly Dictionary<string, Func<ProbeParameters, string>> Attempts = new(StringComparer.Ordinal)
    {
        ["nothing"] = _ => "did nothing",
        ["socket"] = _ =>
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            return "made a socket";
        },
        ["unix-socket"] = _ =>
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            return "made a socket";
        },
        ["read"] = p => $"read {File.ReadAllBytes(p.Path).Length} bytes",
        ["list"] = p => $"saw {Directory.GetFileSystemEntries(p.Path).Length} entries",
        ["write"] = p =>
        {
            File.WriteAllText(p.Path, "was here");
            return "wrote";
        },
        ["link"] = p => File.CreateSymbolicLink("link", p.Path).FullName,
        ["execute"] = p => Checked(Linux.Execute(p.Path, [p.Path, null], [null]), "executed"),
        ["fork"] = _ => Checked(Fork(), "forked"),
        ["kill"] = p => Checked(Kill((int)p.Count, Terminate), "sent a signal"),
        ["ptrace"] = p => Checked(Ptrace(PtraceAttach, (int)p.Count, 0, 0), "attached"),
        ["environment"] = p => $"read {File.ReadAllText($"/proc/{p.Count}/environ").Length} characters",
        ["allocate-managed"] = AllocateManaged,
        ["allocate-native"] = AllocateNative,
        ["allocate-shared"] = p => Checked(Map(0, (nuint)p.Count, 3, 0x21, -1, 0) == -1 ? -1 : 0, "mapped"),
        ["fill-disk"] = FillDisk,
        ["flood"] = _ => Flood(),
        ["loop"] = _ => Loop(),
        ["overflow"] = _ => $"{Overflow(0)}",
        ["crash"] = _ => Marshal.ReadByte(0x10).ToString(System.Globalization.CultureInfo.InvariantCulture),
        ["throw"] = _ => throw new InvalidDataException("thrown on demand"),
    };

    public string Kind => Word;

    public CageAnswer Run(CageQuestion question, CancellationToken cancellationToken)
    {
        var parameters = JsonSerializer.Deserialize(question.Parameters, CageJson.Default.ProbeParameters) ?? throw new InvalidDataException("No parameters.");
        if (parameters.Try == "throw")
        {
            Attempts[parameters.Try](parameters);
        }

        ProbeResult result;
        try
        {
            result = new ProbeResult(true, Attempts[parameters.Try](parameters));
        }
        catch (Exception exception)
        {
            // That it fails is the point: how, is the answer.
            result = new ProbeResult(false, $"{exception.GetType().Name}: {exception.Message}");
        }

        return new CageAnswer(JsonSerializer.Serialize(result, CageJson.Default.ProbeResult));
    }

    private static string Checked(long result, string done) => result >= 0 ? done : throw new IOException(Linux.LastError());

    private static string AllocateManaged(ProbeParameters parameters)
    {
        const int Piece = 16 * 1024 * 1024;
        var kept = new List<byte[]>();
        for (long bytes = 0; bytes < parameters.Count; bytes += Piece)
        {
            var piece = new byte[Piece];
            piece.AsSpan().Fill(1);
            kept.Add(piece);
        }

        return $"holds {kept.Count} pieces";
    }

    private static string AllocateNative(ProbeParameters parameters)
    {
        const int Piece = 16 * 1024 * 1024;
        var pieces = 0;
        for (long bytes = 0; bytes < parameters.Count; bytes += Piece, pieces++)
        {
            NativeMemory.Fill(NativeMemory.Alloc(Piece), Piece, 1);
        }

        return $"holds {pieces} pieces";
    }

    private static string FillDisk(ProbeParameters parameters)
    {
        var piece = new byte[1024 * 1024];
        long written = 0;
        for (var file = 0; written < parameters.Count; file++)
        {
            using var stream = File.Create(Path.Combine(SecondStage.ScratchFolder, $"fill-{file}"));
            for (var i = 0; i < 8 && written < parameters.Count; i++, written += piece.Length)
            {
                stream.Write(piece);
            }
        }

        return $"wrote {written} bytes";
    }

    private static string Flood()
    {
        using var output = Console.OpenStandardOutput();
        var piece = new byte[64 * 1024];
        while (true)
        {
            output.Write(piece);
        }
    }

    private static string Loop()
    {
        while (true)
        {
        }
    }

    private static int Overflow(int depth) => depth < 0 ? 0 : Overflow(depth + 1) + 1;

    [LibraryImport("libc", EntryPoint = "fork", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Fork();

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Kill(int process, int signal);

    [LibraryImport("libc", EntryPoint = "ptrace", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial long Ptrace(long request, int process, nint address, nint data);

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int descriptor, nint offset);
}
