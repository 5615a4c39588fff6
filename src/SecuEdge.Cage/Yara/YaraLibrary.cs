using System.Runtime.InteropServices;

namespace SecuEdge.Cage.Yara;

/// <summary>
/// libyara of Debian 12 (soname 9, YARA 4.1 and 4.2), called directly: no managed binding of it is kept up. Only this folder calls it, and
/// only in a caged process: its parsers and virtual machine read hostile bytes in C.
/// </summary>
internal static unsafe partial class YaraLibrary
{
    // With its major version: a later one lays its structures out differently and must not be taken for this one.
    private const string Library = "libyara.so.9";

    private const int MaxStringsPerRule = 1;

    /// <summary>As many as libyara allows by default; said here because the memory of a compilation depends on it.</summary>
    private const uint StringLimit = 10_000;

    private static readonly Lazy<string> Start = new(Initialise);

    /// <summary>Why rules cannot be used on this machine; empty when they can.</summary>
    public static string Trouble => Start.Value;

    private static string Initialise()
    {
        if (!NativeLibrary.TryLoad(Library, typeof(YaraLibrary).Assembly, null, out _))
        {
            return $"{Library} is not installed (Debian package libyara9)";
        }

        var error = yr_initialize();
        if (error == 0)
        {
            error = yr_set_configuration_uint32(MaxStringsPerRule, StringLimit);
        }

        return error == 0 ? "" : $"{Library} does not start: error {error}";
    }

#pragma warning disable IDE1006, SYSLIB1054 // the library's own names
    [LibraryImport(Library)]
    private static partial int yr_initialize();

    [LibraryImport(Library)]
    private static partial int yr_set_configuration_uint32(int name, uint value);

    [LibraryImport(Library)]
    public static partial int yr_compiler_create(out nint compiler);

    [LibraryImport(Library)]
    public static partial void yr_compiler_destroy(nint compiler);

    [LibraryImport(Library)]
    public static partial void yr_compiler_set_callback(
        CompilerHandle compiler, delegate* unmanaged[Cdecl]<int, byte*, int, YaraRule*, byte*, void*, void> callback, void* userData);

    [LibraryImport(Library)]
    public static partial void yr_compiler_set_include_callback(CompilerHandle compiler, void* callback, void* free, void* userData);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int yr_compiler_define_string_variable(CompilerHandle compiler, string identifier, string value);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int yr_compiler_add_string(CompilerHandle compiler, string rules, string nameSpace);

    [LibraryImport(Library)]
    public static partial int yr_compiler_get_rules(CompilerHandle compiler, out RulesHandle rules);

    [LibraryImport(Library)]
    public static partial int yr_rules_save_stream(RulesHandle rules, YaraStream* stream);

    [LibraryImport(Library)]
    public static partial int yr_rules_load_stream(YaraStream* stream, out RulesHandle rules);

    [LibraryImport(Library)]
    public static partial int yr_rules_destroy(nint rules);

    [LibraryImport(Library)]
    public static partial int yr_scanner_create(RulesHandle rules, out ScannerHandle scanner);

    [LibraryImport(Library)]
    public static partial void yr_scanner_destroy(nint scanner);

    [LibraryImport(Library)]
    public static partial void yr_scanner_set_callback(
        ScannerHandle scanner, delegate* unmanaged[Cdecl]<void*, int, void*, void*, int> callback, void* userData);

    [LibraryImport(Library)]
    public static partial void yr_scanner_set_timeout(ScannerHandle scanner, int seconds);

    [LibraryImport(Library)]
    public static partial void yr_scanner_set_flags(ScannerHandle scanner, int flags);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int yr_scanner_define_string_variable(ScannerHandle scanner, string identifier, string value);

    [LibraryImport(Library)]
    public static partial int yr_scanner_scan_mem(ScannerHandle scanner, byte* bytes, nuint length);

    [LibraryImport(Library)]
    public static partial YaraRule* yr_scanner_last_error_rule(ScannerHandle scanner);
#pragma warning restore IDE1006, SYSLIB1054
}
