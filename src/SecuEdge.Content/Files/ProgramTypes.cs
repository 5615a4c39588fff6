using System.Buffers.Binary;

namespace SecuEdge.Content.Files;

/// <summary>Kinds of programs that share a signature: told apart by their headers, so that policy can name them.</summary>
internal static class ProgramTypes
{
    /// <summary>PE: the header of COFF says library, the optional one driver and .NET; installers leave their name.</summary>
    public static string OfWindows(ReadOnlySpan<byte> head)
    {
        var start = head.Length > 0x40 ? BinaryPrimitives.ReadInt32LittleEndian(head[0x3c..]) : 0;
        if (start <= 0 || start + 0x100 > head.Length || !head[start..].StartsWith("PE\0\0"u8))
        {
            return FileTypes.Program;
        }

        var characteristics = BinaryPrimitives.ReadUInt16LittleEndian(head[(start + 22)..]);
        var optional = head[(start + 24)..];
        var isWide = BinaryPrimitives.ReadUInt16LittleEndian(optional) == 0x20b;
        var subsystem = BinaryPrimitives.ReadUInt16LittleEndian(optional[68..]);
        var runtime = BinaryPrimitives.ReadUInt32LittleEndian(optional[((isWide ? 112 : 96) + (14 * 8))..]);
        return subsystem == 1 ? "application/x-ms-driver"
            : head.IndexOf("NullsoftInst"u8) >= 0 || head.IndexOf("Nullsoft.NSIS"u8) >= 0 || head.IndexOf("Inno Setup"u8) >= 0 ? "application/x-ms-setup"
            : head.IndexOf("AU3!EA0"u8) >= 0 ? "application/x-autoit-program"
            : runtime != 0 ? "application/x-ms-dotnet"
            : (characteristics & 0x2000) != 0 ? "application/x-ms-library-program"
            : FileTypes.Program;
    }

    /// <summary>Both begin with CAFEBABE. A fat Mach-O says how many programs it holds, a Java class its version, 45 at least.</summary>
    public static string OfCafeBabe(ReadOnlySpan<byte> head) =>
        head.Length >= 8 && BinaryPrimitives.ReadUInt32BigEndian(head[4..]) is > 0 and < 45 ? FileTypes.MachO : "application/x-java-class";
}
