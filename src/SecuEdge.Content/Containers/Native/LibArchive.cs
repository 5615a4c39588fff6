using System.Runtime.InteropServices;

namespace SecuEdge.Content.Containers.Native;

/// <summary>The functions of libarchive 3 that are used. Formats are enabled one by one: "all" takes a text for a list of files.</summary>
internal static unsafe partial class LibArchive
{
    public const int Ok = 0;
    public const int EndOfArchive = 1;
    public const int Retry = -10;
    public const int Warn = -20;
    public const int Fatal = -30;

    /// <summary>The bits of st_mode that say what an entry is.</summary>
    public const uint TypeMask = 0xf000;
    public const uint Directory = 0x4000;
    public const uint SymbolicLink = 0xa000;

    static LibArchive() => _ = NativeLibraries.Preload();

    [LibraryImport(NativeLibraries.Archive, EntryPoint = "archive_read_new")]
    public static partial ArchiveHandle New();

    [LibraryImport(NativeLibraries.Archive, EntryPoint = "archive_read_free")]
    public static partial int Free(nint archive);

    [LibraryImport(NativeLibraries.Archive, EntryPoint = "archive_read_support_format_cab")]
    public static partial int SupportCab(ArchiveHandle archive);

    [LibraryImport(NativeLibraries.Archive, EntryPoint = "archive_read_support_format_lha")]
    public static partial int SupportLha(ArchiveHandle archive);

    [LibraryImport(NativeLibraries.Archive, EntryPoint = "archive_read_support_format_cpio")]
    public static partial int SupportCpio(ArchiveHandle archive);

    [LibraryImport(NativeLibraries.Archive, EntryPoint = "archive_read_support_format_ar")]
    public static partial int SupportAr(ArchiveHandle archive);

    [LibraryImport(NativeLibraries.Archive, EntryPoint = "archive_read_support_format_xar")]
    public static partial int SupportXar(ArchiveHandle archive);

    [LibraryImport(NativeLibraries.Archive, EntryPoint = "archive_read_support_format_warc")]
    public static partial int SupportWarc(ArchiveHandle archive);

    [LibraryImport(NativeLibraries.Archive, EntryPoint = "archive_read_support_format_raw")]
    public static partial int SupportRaw(ArchiveHandle archive);

    [LibraryImport(NativeLibraries.Archive, EntryPoint = "archive_read_support_filter_lz4")]
    public static partial int SupportLz4(ArchiveHandle archive);

    [LibraryImport(NativeLibraries.Archive, EntryPoint = "archive_read_set_read_callback")]
    public static partial int SetRead(ArchiveHandle archive, delegate* unmanaged[Cdecl]<nint, nint, byte**, nint> callback);

    [LibraryImport(NativeLibraries.Archive, EntryPoint = "archive_read_set_seek_callback")]
    public static partial int SetSeek(ArchiveHandle archive, delegate* unmanaged[Cdecl]<nint, nint, long, int, long> callback);

    [LibraryImport(NativeLibraries.Archive, EntryPoint = "archive_read_set_callback_data")]
    public static partial int SetData(ArchiveHandle archive, nint data);

    [LibraryImport(NativeLibraries.Archive, EntryPoint = "archive_read_open1")]
    public static partial int Open(ArchiveHandle archive);

    [LibraryImport(NativeLibraries.Archive, EntryPoint = "archive_read_next_header")]
    public static partial int NextHeader(ArchiveHandle archive, out nint entry);

    [LibraryImport(NativeLibraries.Archive, EntryPoint = "archive_read_data")]
    public static partial nint ReadData(ArchiveHandle archive, byte* buffer, nuint length);

    [LibraryImport(NativeLibraries.Archive, EntryPoint = "archive_entry_filetype")]
    public static partial uint TypeOf(nint entry);

    [LibraryImport(NativeLibraries.Archive, EntryPoint = "archive_entry_pathname_utf8")]
    public static partial nint NameInUtf8(nint entry);

    [LibraryImport(NativeLibraries.Archive, EntryPoint = "archive_entry_pathname")]
    public static partial nint Name(nint entry);

    [LibraryImport(NativeLibraries.Archive, EntryPoint = "archive_entry_size_is_set")]
    public static partial int HasSize(nint entry);

    [LibraryImport(NativeLibraries.Archive, EntryPoint = "archive_entry_size")]
    public static partial long Size(nint entry);
}
