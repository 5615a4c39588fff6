using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace SecuEdge.Filter.Scanners.Clamd;

/// <summary>
/// What .NET lacks for FILDES: sending an open file over a Unix socket (SCM_RIGHTS), and files that live in memory only. The structures
/// are those of 64-bit Linux, the same on x64 and arm64.
/// </summary>
internal static partial class FileDescriptors
{
    private const int SolSocket = 1;
    private const int ScmRights = 1;
    private const int MsgNoSignal = 0x4000;
    private const uint MfdCloexec = 1;
    private const int Eintr = 4;
    private const int Eagain = 11;
    private const int Epipe = 32;
    private const int Econnreset = 104;

    /// <summary>A nameless file with these bytes, gone when closed.</summary>
    public static SafeFileHandle CreateMemoryFile(ReadOnlySpan<byte> bytes)
    {
        var handle = MemfdCreate("scan", MfdCloexec);
        if (handle.IsInvalid)
        {
            throw new IOException($"memfd_create failed with error {Marshal.GetLastPInvokeError()}");
        }

        RandomAccess.Write(handle, bytes, 0);
        return handle;
    }

    /// <summary>Sends the bytes with the open file attached. The peer gets a descriptor of its own: ours may be closed then.</summary>
    /// <returns>False when the socket's buffer is full; try again later.</returns>
    public static unsafe bool TrySend(Socket socket, ReadOnlySpan<byte> bytes, SafeFileHandle file)
    {
        var isHeld = false;
        file.DangerousAddRef(ref isHeld);
        try
        {
            var control = new ControlMessage
            {
                Length = (nuint)sizeof(ControlMessage) - 4,
                Level = SolSocket,
                Type = ScmRights,
                Descriptor = (int)file.DangerousGetHandle(),
            };
            fixed (byte* data = bytes)
            {
                var vector = new IoVector { Base = data, Length = (nuint)bytes.Length };
                var message = new MessageHeader
                {
                    Vectors = &vector,
                    VectorCount = 1,
                    Control = &control,
                    ControlLength = (nuint)sizeof(ControlMessage),
                };
                while (true)
                {
                    var sent = SendMessage(socket.SafeHandle, &message, MsgNoSignal);
                    if (sent == bytes.Length)
                    {
                        return true;
                    }

                    switch (sent < 0 ? Marshal.GetLastPInvokeError() : 0)
                    {
                        case Eintr:
                            continue;
                        case Eagain:
                            return false;
                        case Epipe or Econnreset:
                            throw new EndOfStreamException("the peer closed the connection");
                        case var error:
                            throw new IOException($"sendmsg failed: {sent} bytes sent, error {error}");
                    }
                }
            }
        }
        finally
        {
            file.DangerousRelease();
        }
    }

    [LibraryImport("libc", EntryPoint = "sendmsg", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static unsafe partial nint SendMessage(SafeSocketHandle socket, MessageHeader* message, int flags);

    [LibraryImport("libc", EntryPoint = "memfd_create", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial SafeFileHandle MemfdCreate(string name, uint flags);

    /// <summary>struct iovec.</summary>
    private unsafe struct IoVector
    {
        public void* Base;
        public nuint Length;
    }

    /// <summary>struct msghdr.</summary>
    private unsafe struct MessageHeader
    {
        public void* Name;
        public uint NameLength;
        public IoVector* Vectors;
        public nuint VectorCount;
        public void* Control;
        public nuint ControlLength;
        public int Flags;
    }

    /// <summary>struct cmsghdr and one descriptor; its length field leaves out the padding at the end.</summary>
    private struct ControlMessage
    {
        public nuint Length;
        public int Level;
        public int Type;
        public int Descriptor;
        public int Padding;
    }
}
