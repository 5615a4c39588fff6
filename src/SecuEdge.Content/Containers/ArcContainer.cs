using SharpCompress.Readers.Arc;

namespace SecuEdge.Content.Containers;

/// <summary>ARC of 1985: no filter expects it, old unpackers open it.</summary>
internal sealed class ArcContainer : IContainer
{
    public const string MediaType = "application/x-arc";

    private const int NameBytes = 13;

    public IReadOnlyList<string> MediaTypes => [MediaType];

    /// <summary>A mark of one byte, a method, a DOS name that ends in a zero.</summary>
    public static bool IsArc(ReadOnlySpan<byte> head)
    {
        if (head.Length < 29 || head[0] != 0x1a || head[1] is 0 or > 11)
        {
            return false;
        }

        var name = head.Slice(2, NameBytes);
        var end = name.IndexOf((byte)0);
        return end > 0 && name[..end].IndexOfAnyExceptInRange((byte)'!', (byte)'~') < 0;
    }

    public void Open(IByteSource bytes, ContainerVisit visit) => SharpReading.ReadAll(bytes, visit, ArcReader.OpenReader);
}
