using Microsoft.Win32.SafeHandles;

namespace SecuEdge.Cage.Yara;

/// <summary>A YR_COMPILER.</summary>
internal sealed class CompilerHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    public static CompilerHandle Create()
    {
        var created = new CompilerHandle();
        var error = YaraLibrary.yr_compiler_create(out var compiler);
        if (error != 0)
        {
            created.Dispose();
            throw new InsufficientMemoryException($"libyara makes no compiler: error {error}");
        }

        created.SetHandle(compiler);
        return created;
    }

    protected override bool ReleaseHandle()
    {
        YaraLibrary.yr_compiler_destroy(handle);
        return true;
    }
}

/// <summary>A YR_RULES: must outlive its scanners.</summary>
internal sealed class RulesHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    protected override bool ReleaseHandle() => YaraLibrary.yr_rules_destroy(handle) == 0;
}

/// <summary>A YR_SCANNER.</summary>
internal sealed class ScannerHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    protected override bool ReleaseHandle()
    {
        YaraLibrary.yr_scanner_destroy(handle);
        return true;
    }
}
