using System.Buffers.Binary;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace SecuEdge.TestKit;

/// <summary>Reads what a client sends, descriptors included.</summary>
internal sealed class FakeClamdPeer(Socket socket) : IDisposable
{
    private readonly Queue<SafeFileHandle> _files = [];
    private byte[] _buffer = [];

    public void Dispose()
    {
        while (_files.TryDequeue(out var file))
        {
            file.Dispose();
        }

        socket.Dispose();
    }

    public async Task<string?> ReadCommandAsync()
    {
        int end;
        while ((end = Array.IndexOf(_buffer, (byte)0)) < 0)
        {
            if (!await FillAsync())
            {
                return null;
            }
        }

        return Encoding.ASCII.GetString(Take(end + 1).AsSpan(0, end));
    }

    /// <summary>The content of the stream; null when it is larger than the limit.</summary>
    public async Task<byte[]?> ReadStreamAsync(long limit)
    {
        using var content = new MemoryStream();
        while (BinaryPrimitives.ReadInt32BigEndian(await ReadAsync(4)) is var length and > 0)
        {
            if (content.Length + length > limit)
            {
                return null;
            }

            content.Write(await ReadAsync(length));
        }

        return content.ToArray();
    }

    public async Task<byte[]> ReadFileAsync()
    {
        await ReadAsync(1);
        using var file = new FileStream(_files.Dequeue(), FileAccess.Read);
        using var content = new MemoryStream();
        // clamd maps the file: the position of the shared descriptor plays no role.
        file.Position = 0;
        await file.CopyToAsync(content);
        return content.ToArray();
    }

    public async Task WaitForHangUpAsync()
    {
        while (await FillAsync())
        {
        }
    }

    private async Task<byte[]> ReadAsync(int count)
    {
        while (_buffer.Length < count)
        {
            if (!await FillAsync())
            {
                throw new EndOfStreamException();
            }
        }

        return Take(count);
    }

    private byte[] Take(int count)
    {
        var taken = _buffer[..count];
        _buffer = _buffer[count..];
        return taken;
    }

    private async Task<bool> FillAsync()
    {
        var chunk = new byte[64 * 1024];
        int read;
        if (socket.AddressFamily == AddressFamily.Unix)
        {
            // A look first, so that the call that takes descriptors never waits.
            read = await socket.ReceiveAsync(chunk.AsMemory(0, 1), SocketFlags.Peek) == 0 ? 0 : Ancillary.Receive(socket, chunk, _files);
        }
        else
        {
            read = await socket.ReceiveAsync(chunk, SocketFlags.None);
        }

        _buffer = [.. _buffer, .. chunk.AsSpan(0, read)];
        return read > 0;
    }

    /// <summary>recvmsg, which .NET does not offer: receives descriptors with the bytes. Structures of 64-bit Linux.</summary>
    private static class Ancillary
    {
        private const int ControlLength = 24;
        private const int ScmRights = 1;

        public static int Receive(Socket socket, byte[] buffer, Queue<SafeFileHandle> files)
        {
            var pinned = GCHandle.Alloc(buffer, GCHandleType.Pinned);
            var vector = Marshal.AllocHGlobal(16);
            var control = Marshal.AllocHGlobal(ControlLength);
            try
            {
                Marshal.WriteInt64(vector, pinned.AddrOfPinnedObject());
                Marshal.WriteInt64(vector, 8, buffer.Length);
                var message = new MessageHeader { Vectors = vector, VectorCount = 1, Control = control, ControlLength = ControlLength };
                var read = RecvMsg((int)socket.Handle, ref message, 0);
                if (message.ControlLength >= 20 && Marshal.ReadInt32(control, 12) == ScmRights)
                {
                    files.Enqueue(new SafeFileHandle(Marshal.ReadInt32(control, 16), ownsHandle: true));
                }

                return (int)Math.Max(0, read);
            }
            finally
            {
                Marshal.FreeHGlobal(control);
                Marshal.FreeHGlobal(vector);
                pinned.Free();
            }
        }

        [DllImport("libc", EntryPoint = "recvmsg", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        private static extern nint RecvMsg(int socket, ref MessageHeader message, int flags);

        private struct MessageHeader
        {
            public nint Name;
            public uint NameLength;
            public nint Vectors;
            public nint VectorCount;
            public nint Control;
            public nint ControlLength;
            public int Flags;
        }
    }
}
