using System.Text;

namespace SecuEdge.Filter.Scanners;

/// <summary>The harmless file that every antivirus engine finds. Joined at run time: neither this file nor the assembly may be found, too.</summary>
internal static class Eicar
{
    public static byte[] Bytes { get; } =
        Encoding.ASCII.GetBytes(string.Join("EICAR-STANDARD-ANTIVIRUS", @"X5O!P%@AP[4\PZX54(P^)7CC)7}$", "-TEST-FILE!$H+H*"));
}
