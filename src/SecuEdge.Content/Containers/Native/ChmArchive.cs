using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static SecuEdge.Content.Containers.Native.LibMspack;

namespace SecuEdge.Content.Containers.Native;

/// <summary>One file of compiled help, as its directory lists it.</summary>
internal readonly record struct ChmEntry(string Name, long Length, nint File);

/// <summary>
/// Compiled help read through libmspack. The library opens files by name; ours are "i" for the help file and "o" for what comes out, which
/// goes where the visit counts it. Exceptions stay on this side of each callback.
/// </summary>
internal sealed unsafe class ChmArchive : IDisposable
{
    /// <summary>The largest window of LZX is 2 MB; a directory is as large as the file at most.</summary>
    private const long MaxMemory = 64L * 1024 * 1024;

    private const int MaxNameBytes = 4096;

    private static readonly byte[] Input = "i\0"u8.ToArray();
    private static readonly byte[] Output = "o\0"u8.ToArray();

    /// <summary>
    /// Who is being read on this thread. The library copies its system structure, so nothing of ours can travel in it; a call never
    /// leads to another archive.
    /// </summary>
    [ThreadStatic]
    private static ChmArchive? _current;

    private readonly IByteSource _bytes;
    private readonly BudgetMeter _meter;
    private readonly MspackSystem* _system;
    private readonly ChmDecompressor* _decompressor;
    private readonly ChmHeader* _header;
    private readonly List<GCHandle> _open = [];
    private PartSink? _sink;
    private long _memory;
    private Exception? _failure;

    public ChmArchive(IByteSource bytes, BudgetMeter meter)
    {
        _bytes = bytes;
        _meter = meter;
        _system = (MspackSystem*)NativeMemory.AllocZeroed((nuint)sizeof(MspackSystem));
        *_system = new MspackSystem
        {
            Open = &OnOpen,
            Close = &OnClose,
            Read = &OnRead,
            Write = &OnWrite,
            Seek = &OnSeek,
            Tell = &OnTell,
            Message = &OnMessage,
            Allocate = &OnAllocate,
            Free = &OnFree,
            Copy = &OnCopy,
        };
        try
        {
            _current = this;
            _decompressor = CreateChm(_system);
            if (_decompressor is not null)
            {
                fixed (byte* name = Input)
                {
                    _header = _decompressor->Open(_decompressor, name);
                }
            }

            if (_header is null)
            {
                throw _failure ?? new InvalidDataException("No compiled help.");
            }
        }
        catch
        {
            Dispose();
            throw;
        }
        finally
        {
            _current = null;
        }
    }

    /// <summary>In the order in which they are packed: going back would unpack from the start again.</summary>
    public List<ChmEntry> Entries(int max)
    {
        var entries = new List<(long Offset, ChmEntry Entry)>();
        for (var file = _header->Files; file is not null && entries.Count < max; file = file->Next)
        {
            var name = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(file->Name);
            entries.Add((file->Offset, new ChmEntry(Text.Charsets.OfEntryName(name[..Math.Min(name.Length, MaxNameBytes)]), file->Length, (nint)file)));
        }

        return [.. entries.OrderBy(entry => entry.Offset).Select(entry => entry.Entry)];
    }

    /// <summary>Unpacks one file; false when it is damaged, though what came out so far is in the sink.</summary>
    public bool Extract(ChmEntry entry, PartSink sink)
    {
        _sink = sink;
        _current = this;
        try
        {
            fixed (byte* name = Output)
            {
                var result = _decompressor->Extract(_decompressor, (ChmFile*)entry.File, name);
                return _failure is null ? result == Ok : throw _failure;
            }
        }
        finally
        {
            _current = null;
        }
    }

    public void Dispose()
    {
        if (_header is not null)
        {
            _decompressor->Close(_decompressor, _header);
        }

        if (_decompressor is not null)
        {
            DestroyChm(_decompressor);
        }

        foreach (var handle in _open.Where(handle => handle.IsAllocated))
        {
            (handle.Target as OpenFile)?.Input?.Dispose();
            handle.Free();
        }

        NativeMemory.Free(_system);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint OnOpen(MspackSystem* system, byte* name, int mode)
    {
        if (_current is not { } self)
        {
            return 0;
        }

        try
        {
            var handle = GCHandle.Alloc(new OpenFile(self, mode == OpenForReading ? self._bytes.OpenRead() : null));
            self._open.Add(handle);
            return GCHandle.ToIntPtr(handle);
        }
        catch (Exception exception)
        {
            self._failure = exception;
            return 0;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnClose(nint file)
    {
        var handle = GCHandle.FromIntPtr(file);
        if (handle.Target is OpenFile open)
        {
            open.Input?.Dispose();
            open.Owner._open.Remove(handle);
            handle.Free();
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnRead(nint file, byte* buffer, int count) =>
        Guarded(file, open => !open.Owner._meter.HasTime() || open.Input is null ? -1 : open.Input.ReadAtLeast(new Span<byte>(buffer, count), count, throwOnEndOfStream: false));

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnWrite(nint file, byte* buffer, int count) =>
        Guarded(file, open => open.Owner._sink is { } sink && sink.TryWrite(new ReadOnlySpan<byte>(buffer, count)) ? count : -1);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnSeek(nint file, long offset, int mode) => Guarded(file, open =>
    {
        var target = open.Input is null ? -1 : mode switch { 0 => offset, 1 => open.Input.Position + offset, _ => open.Input.Length + offset };
        if (target < 0 || target > open.Input!.Length)
        {
            return -1;
        }

        open.Input.Position = target;
        return Ok;
    });

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static long OnTell(nint file) => GCHandle.FromIntPtr(file).Target is OpenFile { Input: { } input } ? input.Position : 0;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnMessage(nint file, byte* format)
    {
    }

    /// <summary>What is freed is not given back to the limit: a help file needs a few windows, and a hostile one must not have many.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void* OnAllocate(MspackSystem* system, nuint count)
    {
        if (_current is not { } self || count > (nuint)MaxMemory || self._memory + (long)count > MaxMemory)
        {
            return null;
        }

        self._memory += (long)count;
        return Calloc(count);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnFree(void* memory) => NativeMemory.Free(memory);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnCopy(byte* source, byte* target, nuint count) => Buffer.MemoryCopy(source, target, count, count);

    private static void* Calloc(nuint count)
    {
        try
        {
            return NativeMemory.AllocZeroed(count);
        }
        catch (OutOfMemoryException)
        {
            // The library knows what to do without memory; an exception in its frames would end the process.
            return null;
        }
    }

    private static int Guarded(nint file, Func<OpenFile, int> action)
    {
        if (GCHandle.FromIntPtr(file).Target is not OpenFile open)
        {
            return -1;
        }

        try
        {
            return action(open);
        }
        catch (Exception exception)
        {
            open.Owner._failure = exception;
            return -1;
        }
    }

    /// <param name="Input">Null for the file that is written.</param>
    private sealed record OpenFile(ChmArchive Owner, Stream? Input);
}
