using System.Runtime.InteropServices;

namespace SecuEdge.Content.Containers.Native;

/// <summary>A <c>struct archive</c> of libarchive, freed exactly once.</summary>
internal sealed class ArchiveHandle : SafeHandle
{
    public ArchiveHandle()
        : base(0, ownsHandle: true)
    {
    }

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle() => LibArchive.Free(handle) == LibArchive.Ok;
}
