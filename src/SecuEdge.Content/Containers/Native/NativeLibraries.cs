using System.Reflection;
using System.Runtime.InteropServices;

namespace SecuEdge.Content.Containers.Native;

/// <summary>
/// The C libraries behind some containers, found by the names that distributions give them. Without one its formats are
/// <see cref="AnatomyFlags.UnknownContainer"/>; nothing else changes.
/// </summary>
public static class NativeLibraries
{
    internal const string Archive = "libarchive";
    internal const string Mspack = "libmspack";

    /// <summary>Debian's name first: it is what the image installs and what the tests ran with.</summary>
    private static readonly string[] ArchiveNames = ["libarchive.so.13", "libarchive.so", "libarchive.13.dylib", "archive"];

    private static readonly string[] MspackNames = ["libmspack.so.0", "libmspack.so", "libmspack.0.dylib", "mspack"];

    private static readonly Lazy<nint> ArchiveLibrary = new(() => Load(ArchiveNames));
    private static readonly Lazy<nint> MspackLibrary = new(() => Load(MspackNames));

    static NativeLibraries() => NativeLibrary.SetDllImportResolver(typeof(NativeLibraries).Assembly, Resolve);

    /// <summary>Loads them now. A process that is about to give up its file system calls this first.</summary>
    /// <returns>False when one is missing.</returns>
    public static bool Preload() => ArchiveLibrary.Value != 0 & MspackLibrary.Value != 0;

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path) => name switch
    {
        Archive => ArchiveLibrary.Value,
        Mspack => MspackLibrary.Value,
        _ => 0,
    };

    private static nint Load(string[] names)
    {
        foreach (var name in names)
        {
            if (NativeLibrary.TryLoad(name, out var handle))
            {
                return handle;
            }
        }

        return 0;
    }
}
