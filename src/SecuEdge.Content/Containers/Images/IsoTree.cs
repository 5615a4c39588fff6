using System.Buffers.Binary;
using System.Text;
using SecuEdge.Content.Text;

namespace SecuEdge.Content.Containers.Images;

/// <summary>
/// The file trees of ISO 9660 (ECMA-119): the primary one, with Rock Ridge names where they are, and each supplementary one (Joliet).
/// A system shows one of them, and which one differs: a file may be in any.
/// </summary>
internal sealed class IsoTree(ImageReader image, BudgetMeter meter)
{
    private const int Sector = 2048;
    private const int FirstDescriptor = 16;
    private const int MaxDescriptors = 32;

    /// <summary>ECMA-119 §6.8.2.1 allows eight levels; Joliet and Rock Ridge more.</summary>
    private const int MaxLevels = 64;

    /// <summary>A directory of 20,000 files takes about 2 MB.</summary>
    private const int MaxDirectoryBytes = 8 * 1024 * 1024;

    private readonly HashSet<long> _seen = [];
    private List<ImageFile> _files = [];

    public bool IsBroken { get; private set; }

    /// <summary>One list of files per tree.</summary>
    public List<List<ImageFile>> Read()
    {
        var trees = new List<List<ImageFile>>();
        for (var i = 0; i < MaxDescriptors; i++)
        {
            var descriptor = image.Read((long)(FirstDescriptor + i) * Sector, Sector);
            if (descriptor.Length < Sector || !descriptor.AsSpan(1, 5).SequenceEqual("CD001"u8) || descriptor[0] == 255)
            {
                break;
            }

            if (descriptor[0] is 1 or 2)
            {
                _files = [];
                _seen.Clear();
                // ECMA-119 §8.5.6 and Joliet: escape sequences %/@, %/C and %/E say UCS-2.
                var isJoliet = descriptor[0] == 2 && descriptor[88] == '%' && descriptor[89] == '/';
                ReadDirectory(descriptor.AsSpan(156, 34).ToArray(), "", isJoliet, level: 0);
                trees.Add(_files);
            }
        }

        // Joliet first: it has the names that Windows shows.
        trees.Reverse();
        return trees;
    }

    private void ReadDirectory(byte[] record, string path, bool isJoliet, int level)
    {
        var start = (long)BinaryPrimitives.ReadUInt32LittleEndian(record.AsSpan(2)) * Sector;
        var size = BinaryPrimitives.ReadUInt32LittleEndian(record.AsSpan(10));
        if (level > MaxLevels || !_seen.Add(start))
        {
            IsBroken = true;
            return;
        }

        IsBroken |= size > MaxDirectoryBytes || start + size > image.Length;
        var directory = image.Read(start, (int)Math.Min(size, MaxDirectoryBytes));
        var extents = new List<Extent>();
        for (var at = 0; at < directory.Length && _files.Count <= meter.Budget.MaxEntries && meter.HasTime();)
        {
            int length = directory[at];
            if (length == 0)
            {
                // ECMA-119 §6.8.1.1: records do not cross sectors; the rest of one is zeros.
                at = ((at / Sector) + 1) * Sector;
                continue;
            }

            if (length < 34 || at + length > directory.Length || 33 + directory[at + 32] > length)
            {
                IsBroken = true;
                return;
            }

            ReadRecord(directory.AsSpan(at, length).ToArray(), path, isJoliet, level, extents);
            at += length;
        }

        // A file of which the last piece is missing.
        IsBroken |= extents.Count > 0;
    }

    private void ReadRecord(byte[] record, string path, bool isJoliet, int level, List<Extent> extents)
    {
        int nameLength = record[32];
        if (nameLength == 1 && record[33] is 0 or 1)
        {
            // The directory itself and the one above.
            return;
        }

        var name = path + NameOf(record, nameLength, isJoliet);
        if ((record[25] & 2) != 0)
        {
            ReadDirectory(record, name + "/", isJoliet, level + 1);
            return;
        }

        var start = ((long)BinaryPrimitives.ReadUInt32LittleEndian(record.AsSpan(2)) + record[1]) * Sector;
        extents.Add(new Extent(start, BinaryPrimitives.ReadUInt32LittleEndian(record.AsSpan(10))));
        if ((record[25] & 0x80) == 0)
        {
            // ECMA-119 §9.1.6: a file above 4 GB, or one that wants to look small, continues in the next record.
            _files.Add(new ImageFile(name, [.. extents]));
            extents.Clear();
        }
    }

    private static string NameOf(byte[] record, int nameLength, bool isJoliet)
    {
        var bytes = record.AsSpan(33, nameLength);
        var name = isJoliet ? Encoding.BigEndianUnicode.GetString(bytes) : RockRidgeName(record, 33 + nameLength + (1 - (nameLength & 1))) ?? Charsets.OfEntryName(bytes);
        var version = name.LastIndexOf(';');
        return (version > 0 && name.Length - version <= 6 ? name[..version] : name).TrimEnd('.');
    }

    /// <summary>The NM fields (RRIP §4.1.4): length, version, flags, then a piece of the name.</summary>
    private static string? RockRidgeName(byte[] record, int at)
    {
        var name = new List<byte>();
        while (at + 5 <= record.Length && record[at + 2] >= 5 && at + record[at + 2] <= record.Length)
        {
            if (record[at] == 'N' && record[at + 1] == 'M')
            {
                name.AddRange(record.AsSpan(at + 5, record[at + 2] - 5));
            }

            at += record[at + 2];
        }

        return name.Count == 0 ? null : Charsets.OfEntryName([.. name]);
    }
}
