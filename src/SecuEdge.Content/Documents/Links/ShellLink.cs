using System.Buffers.Binary;
using System.Text;

namespace SecuEdge.Content.Documents.Links;

/// <summary>A shortcut of Windows ([MS-SHLLINK]), read as far as its bytes go: Explorer forgives as much.</summary>
internal sealed class ShellLink
{
    private const int HeaderBytes = 0x4c;
    private const uint EnvironmentBlock = 0xa0000001;
    private const uint IconBlock = 0xa0000007;

    [Flags]
    private enum Has
    {
        IdList = 0x1,
        LinkInfo = 0x2,
        Name = 0x4,
        RelativePath = 0x8,
        WorkingFolder = 0x10,
        Arguments = 0x20,
        IconLocation = 0x40,
        Unicode = 0x80,
    }

    private readonly ReadOnlyMemory<byte> _bytes;
    private int _position = HeaderBytes;

    public ShellLink(ReadOnlyMemory<byte> bytes)
    {
        _bytes = bytes;
        var flags = (Has)(uint)Number(0x14, 4);
        if (flags.HasFlag(Has.IdList))
        {
            var length = (int)Number(_position, 2);
            ReadIdList(Slice(_position + 2, length));
            _position += 2 + length;
        }

        if (flags.HasFlag(Has.LinkInfo))
        {
            ReadLinkInfo();
        }

        foreach (var part in (ReadOnlySpan<Has>)[Has.Name, Has.RelativePath, Has.WorkingFolder, Has.Arguments, Has.IconLocation])
        {
            if (flags.HasFlag(part))
            {
                Take(part, ReadText(flags.HasFlag(Has.Unicode)));
            }
        }

        ReadExtra();
    }

    /// <summary>Everything that names the target: §2.2, §2.3, §2.4 and §2.5.4 can differ, and which one wins depends on what exists.</summary>
    public List<string> Targets { get; } = [];

    public string Arguments { get; private set; } = "";

    public string Icon { get; private set; } = "";

    public string WorkingFolder { get; private set; } = "";

    public string Description { get; private set; } = "";

    /// <summary>Bytes behind the last block: no part of the format, but a place for a payload.</summary>
    public (int Start, int Length) Appended { get; private set; }

    private void Take(Has part, string text)
    {
        switch (part)
        {
            case Has.Name:
                Description = text;
                break;
            case Has.RelativePath:
                AddTarget(text);
                break;
            case Has.WorkingFolder:
                WorkingFolder = text;
                break;
            case Has.Arguments:
                Arguments = text;
                break;
            default:
                Icon = text;
                break;
        }
    }

    /// <summary>§2.2: items of the shell; their names stand there as text, mostly twice.</summary>
    private void ReadIdList(ReadOnlySpan<byte> list)
    {
        while (list.Length >= 2 && BinaryPrimitives.ReadUInt16LittleEndian(list) is >= 2 and var length && length <= list.Length)
        {
            foreach (var name in TextsIn(list[2..length]))
            {
                AddTarget(name);
            }

            list = list[length..];
        }
    }

    /// <summary>§2.3.</summary>
    private void ReadLinkInfo()
    {
        var start = _position;
        var length = (int)Math.Min(int.MaxValue, Number(start, 4));
        var header = Number(start + 4, 4);
        _position = (int)Math.Min(_bytes.Length, (long)start + length);
        AddTarget(Ansi(start, Number(start + 0x10, 4)) + Ansi(start, Number(start + 0x18, 4)));
        if (header >= 0x24)
        {
            AddTarget(Wide(start, Number(start + 0x1c, 4)) + Wide(start, Number(start + 0x20, 4)));
        }

        if (Number(start + 0x14, 4) is > 0 and < 0x10000 and var network)
        {
            var share = (int)(start + network);
            AddTarget(Ansi(share, Number(share + 8, 4)) + "\\" + Ansi(start, Number(start + 0x18, 4)));
        }
    }

    /// <summary>§2.4: a count of characters, the characters, no end.</summary>
    private string ReadText(bool isUnicode)
    {
        var count = (int)Number(_position, 2);
        var text = Slice(_position + 2, isUnicode ? count * 2 : count);
        _position += 2 + (isUnicode ? count * 2 : count);
        return (isUnicode ? Encoding.Unicode.GetString(text) : Encoding.Latin1.GetString(text)).Trim('\0');
    }

    /// <summary>§2.5: blocks with a size and a signature until one that is too small.</summary>
    private void ReadExtra()
    {
        while (_position + 4 <= _bytes.Length)
        {
            var length = Number(_position, 4);
            if (length < 4)
            {
                _position += 4;
                break;
            }

            var signature = (uint)Number(_position + 4, 4);
            if (length > _bytes.Length - _position || signature >> 8 != 0xa00000)
            {
                break;
            }

            if (signature is EnvironmentBlock or IconBlock)
            {
                var wide = Wide(_position, 268);
                var path = wide.Length > 0 ? wide : Ansi(_position, 8);
                AddTarget(signature == EnvironmentBlock ? path : "");
                Icon = signature == IconBlock && path.Length > 0 ? path : Icon;
            }

            _position += (int)length;
        }

        _position = Math.Min(_position, _bytes.Length);
        Appended = (_position, _bytes.Length - _position);
    }

    private void AddTarget(string target)
    {
        target = target.Trim('\\', ' ', '\0') is { Length: > 1 } ? target.Trim(' ', '\0') : "";
        if (target.Length > 0 && Targets.Count < 200 && !Targets.Contains(target))
        {
            Targets.Add(target);
        }
    }

    private string Ansi(int start, long offset)
    {
        var text = offset > 0 ? Slice(start + offset, 4_096) : default;
        var end = text.IndexOf((byte)0);
        return Encoding.Latin1.GetString(end < 0 ? text : text[..end]);
    }

    private string Wide(int start, long offset)
    {
        var text = offset > 0 ? Encoding.Unicode.GetString(Slice(start + offset, 4_096)) : "";
        var end = text.IndexOf('\0', StringComparison.Ordinal);
        return end < 0 ? text : text[..end];
    }

    private long Number(long position, int size)
    {
        var bytes = Slice(position, size);
        return bytes.Length < size ? 0 : size == 2 ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }

    private ReadOnlySpan<byte> Slice(long position, long count) =>
        position < 0 || position >= _bytes.Length ? default : _bytes.Span.Slice((int)position, (int)Math.Clamp(count, 0, _bytes.Length - position));

    private static List<string> TextsIn(ReadOnlySpan<byte> item)
    {
        var found = new List<string>();
        foreach (var text in (ReadOnlySpan<string>)[Encoding.Latin1.GetString(item), Encoding.Unicode.GetString(item), Encoding.Unicode.GetString(item[Math.Min(1, item.Length)..])])
        {
            found.AddRange(text.Split(c => c is < ' ' or > '~').Where(run => run.Length >= 3));
        }

        return found;
    }
}

/// <summary>Splitting by a rule.</summary>
internal static class Runs
{
    public static IEnumerable<string> Split(this string text, Func<char, bool> isBetween)
    {
        var start = 0;
        for (var i = 0; i <= text.Length; i++)
        {
            if (i == text.Length || isBetween(text[i]))
            {
                if (i > start)
                {
                    yield return text[start..i];
                }

                start = i + 1;
            }
        }
    }
}
