using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using SecuEdge.Content.Text;

namespace SecuEdge.Content.Containers.Native;

/// <summary>
/// One archive read through libarchive. The library asks for bytes by callback; no exception may pass through its frames, so what goes
/// wrong there is kept and thrown on our side of the call.
/// </summary>
internal sealed unsafe class NativeArchive : IDisposable
{
    private const int BufferBytes = 64 * 1024;
    private const int MaxNameBytes = 64 * 1024;

    private readonly Stream _stream;
    private readonly BudgetMeter _meter;
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(BufferBytes, pinned: true);
    private readonly ArchiveHandle _archive;
    private GCHandle _self;
    private nint _entry;
    private ExceptionDispatchInfo? _failure;

    public NativeArchive(IByteSource bytes, BudgetMeter meter, ReadOnlySpan<Func<ArchiveHandle, int>> formats)
    {
        _meter = meter;
        _archive = LibArchive.New();
        _stream = bytes.OpenRead();
        _self = GCHandle.Alloc(this);
        try
        {
            foreach (var format in formats)
            {
                Check(format(_archive));
            }

            Check(LibArchive.SetRead(_archive, &OnRead));
            Check(LibArchive.SetSeek(_archive, &OnSeek));
            Check(LibArchive.SetData(_archive, GCHandle.ToIntPtr(_self)));
            Check(LibArchive.Open(_archive));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public bool IsDirectory => (LibArchive.TypeOf(_entry) & LibArchive.TypeMask) == LibArchive.Directory;

    public bool IsLink => (LibArchive.TypeOf(_entry) & LibArchive.TypeMask) == LibArchive.SymbolicLink;

    public long? DeclaredSize => LibArchive.HasSize(_entry) != 0 ? LibArchive.Size(_entry) : null;

    /// <summary>As UTF-8 where the library can convert it; it cannot convert everything without a locale, and then gives the raw bytes.</summary>
    public string? Name
    {
        get
        {
            var name = LibArchive.NameInUtf8(_entry);
            name = name == 0 ? LibArchive.Name(_entry) : name;
            if (name == 0)
            {
                return null;
            }

            var bytes = MemoryMarshal.CreateReadOnlySpanFromNullTerminated((byte*)name);
            return Charsets.OfEntryName(bytes[..Math.Min(bytes.Length, MaxNameBytes)]);
        }
    }

    /// <summary>Steps to the next entry; false at the end. The stream of the entry before is dead then.</summary>
    public bool MoveNext()
    {
        var result = LibArchive.NextHeader(_archive, out _entry);
        if (result == LibArchive.EndOfArchive)
        {
            ThrowFailure();
            return false;
        }

        Check(result);
        return true;
    }

    public Stream OpenEntry() => new EntryStream(this);

    public void Dispose()
    {
        _archive.Dispose();
        _stream.Dispose();
        if (_self.IsAllocated)
        {
            _self.Free();
        }
    }

    private int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty)
        {
            return 0;
        }

        nint count;
        fixed (byte* start = buffer)
        {
            count = LibArchive.ReadData(_archive, start, (nuint)buffer.Length);
        }

        Check((int)Math.Min(count, 0));
        return count <= 0 ? 0 : (int)Math.Min(count, buffer.Length);
    }

    /// <summary>A warning is a name that could not be converted or a checksum that is not there: the entry is usable.</summary>
    private void Check(int result)
    {
        ThrowFailure();
        if (result is < LibArchive.Warn or LibArchive.Retry)
        {
            throw new InvalidDataException($"libarchive says {result}.");
        }
    }

    private void ThrowFailure() => _failure?.Throw();

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint OnRead(nint archive, nint data, byte** buffer)
    {
        if (GCHandle.FromIntPtr(data).Target is not NativeArchive self)
        {
            return LibArchive.Fatal;
        }

        try
        {
            // The library looks for a next header through any amount of junk, so time is watched where it fetches bytes.
            if (!self._meter.HasTime())
            {
                return LibArchive.Fatal;
            }

            *buffer = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(self._buffer));
            return self._stream.Read(self._buffer, 0, self._buffer.Length);
        }
        catch (Exception exception)
        {
            self._failure = ExceptionDispatchInfo.Capture(exception);
            return LibArchive.Fatal;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static long OnSeek(nint archive, nint data, long offset, int whence)
    {
        if (GCHandle.FromIntPtr(data).Target is not NativeArchive self)
        {
            return LibArchive.Fatal;
        }

        try
        {
            var target = whence switch { 0 => offset, 1 => self._stream.Position + offset, _ => self._stream.Length + offset };
            return target < 0 || target > self._stream.Length ? LibArchive.Fatal : self._stream.Seek(target, SeekOrigin.Begin);
        }
        catch (Exception exception)
        {
            self._failure = ExceptionDispatchInfo.Capture(exception);
            return LibArchive.Fatal;
        }
    }

    private sealed class EntryStream(NativeArchive archive) : ForwardStream
    {
        public override int Read(Span<byte> buffer) => archive.Read(buffer);
    }
}
