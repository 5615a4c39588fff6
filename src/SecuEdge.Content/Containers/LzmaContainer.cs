using System.Buffers.Binary;
using SharpCompress.Compressors.LZMA;

namespace SecuEdge.Content.Containers;

/// <summary>The .lzma of before xz: properties, dictionary and size, then the data. It has no signature, but these three are telling.</summary>
internal sealed class LzmaContainer : IContainer
{
    public const string MediaType = "application/x-lzma";

    private const int Header = 13;

    /// <summary>What LZMA Utils accept: larger is no size but chance.</summary>
    private const long MaxDeclared = 1L << 38;

    public IReadOnlyList<string> MediaTypes => [MediaType];

    /// <summary>Like the file program of xz: properties below 225, a dictionary of 2^n or 2^n + 2^(n-1), a size that can be, a coder that starts with zero.</summary>
    public static bool IsLzma(ReadOnlySpan<byte> head)
    {
        if (head.Length < Header + 1 || head[0] >= 225 || head[Header] != 0)
        {
            return false;
        }

        var dictionary = BinaryPrimitives.ReadUInt32LittleEndian(head[1..]);
        var size = BinaryPrimitives.ReadInt64LittleEndian(head[5..]);
        var isRound = dictionary is uint.MaxValue || (dictionary >= 4096 && (uint.PopCount(dictionary) == 1 || (uint.PopCount(dictionary) == 2 && (dictionary & (dictionary >> 1)) != 0)));
        return isRound && (size is -1 or (> 0 and < MaxDeclared));
    }

    public void Open(IByteSource bytes, ContainerVisit visit)
    {
        var head = bytes.Peek(0, Header);
        if (BinaryPrimitives.ReadUInt32LittleEndian(head.Span[1..]) > Dictionaries.MaxBytes)
        {
            Dictionaries.Refuse(visit);
            return;
        }

        var size = BinaryPrimitives.ReadInt64LittleEndian(head.Span[5..]);
        visit.Add(
            new EntryDraft { DeclaredSize = size > 0 ? size : null },
            () => LzmaStream.Create(head[..5].ToArray(), bytes.Slice(Header, bytes.Length - Header).OpenRead(), bytes.Length - Header, size, leaveOpen: false));
    }
}
