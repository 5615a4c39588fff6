using System.Runtime.InteropServices;

namespace SecuEdge.Content.Containers.Native;

/// <summary>What is used of libmspack 0.x, as its header mspack.h lays it out: compiled help is LZX, which nothing managed unpacks.</summary>
internal static unsafe partial class LibMspack
{
    public const int Ok = 0;
    public const int OpenForReading = 0;

    static LibMspack() => _ = NativeLibraries.Preload();

    [LibraryImport(NativeLibraries.Mspack, EntryPoint = "mspack_create_chm_decompressor")]
    public static partial ChmDecompressor* CreateChm(MspackSystem* system);

    [LibraryImport(NativeLibraries.Mspack, EntryPoint = "mspack_destroy_chm_decompressor")]
    public static partial void DestroyChm(ChmDecompressor* decompressor);

    /// <summary>struct mspack_system: how the library reaches files and memory.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct MspackSystem
    {
        public delegate* unmanaged[Cdecl]<MspackSystem*, byte*, int, nint> Open;
        public delegate* unmanaged[Cdecl]<nint, void> Close;
        public delegate* unmanaged[Cdecl]<nint, byte*, int, int> Read;
        public delegate* unmanaged[Cdecl]<nint, byte*, int, int> Write;
        public delegate* unmanaged[Cdecl]<nint, long, int, int> Seek;
        public delegate* unmanaged[Cdecl]<nint, long> Tell;
        public delegate* unmanaged[Cdecl]<nint, byte*, void> Message;
        public delegate* unmanaged[Cdecl]<MspackSystem*, nuint, void*> Allocate;
        public delegate* unmanaged[Cdecl]<void*, void> Free;
        public delegate* unmanaged[Cdecl]<byte*, byte*, nuint, void> Copy;
        public void* End;
    }

    /// <summary>struct mschm_decompressor.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct ChmDecompressor
    {
        public delegate* unmanaged[Cdecl]<ChmDecompressor*, byte*, ChmHeader*> Open;
        public delegate* unmanaged[Cdecl]<ChmDecompressor*, ChmHeader*, void> Close;
        public delegate* unmanaged[Cdecl]<ChmDecompressor*, ChmFile*, byte*, int> Extract;
    }

    /// <summary>The beginning of struct mschmd_header.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct ChmHeader
    {
        public uint Version;
        public uint Timestamp;
        public uint Language;
        public byte* FileName;
        public long Length;
        public ChmFile* Files;
        public ChmFile* SystemFiles;
    }

    /// <summary>struct mschmd_file.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct ChmFile
    {
        public ChmFile* Next;
        public void* Section;
        public long Offset;
        public long Length;
        public byte* Name;
    }
}
