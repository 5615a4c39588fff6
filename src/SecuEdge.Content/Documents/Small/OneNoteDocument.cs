using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using SecuEdge.Content.Containers;
using SecuEdge.Content.Files;

namespace SecuEdge.Content.Documents.Small;

/// <summary>
/// [MS-ONESTORE] §2.6.13: files and pictures lie in the notebook as they are, each behind a GUID and its length. Their names stand
/// elsewhere and are matched by order when there are as many.
/// </summary>
internal sealed class OneNoteDocument : IDocument
{
    private const int HeaderBytes = 36;
    private const int MaxFiles = 500;
    private const int WindowBytes = 256 * 1024;
    private const int MaxNameBytes = 520;

    private static readonly SearchValues<char> NoName = SearchValues.Create("\\/:*?\"<>|\0");

    private static readonly byte[] FileDataStoreObject = new Guid("BDE316E7-2665-4511-A4C4-8D4D0B7A9EAC").ToByteArray();

    public IReadOnlyList<string> MediaTypes => ["application/onenote"];

    public void Read(IByteSource bytes, DocumentVisit visit)
    {
        var files = Files(bytes, visit);
        var attached = files.Where(IsAttached(bytes)).ToList();
        var names = visit.Meter.HasTime() ? Names(bytes, files) : [];
        foreach (var (start, length) in files)
        {
            var index = attached.IndexOf((start, length));
            var name = index >= 0 && names.Count == attached.Count ? names[index] : null;
            if (index >= 0)
            {
                visit.Found(ActiveContent.EmbeddedFile, name ?? $"file of {length} bytes");
            }

            if (!visit.AddFile(new EntryDraft { Name = name }, () => bytes.Slice(start, length).OpenRead()))
            {
                return;
            }
        }

        foreach (var name in names.Where(_ => names.Count != attached.Count && attached.Count > 0))
        {
            visit.Found(ActiveContent.EmbeddedFile, name);
        }
    }

    private static List<(long Start, long Length)> Files(IByteSource bytes, DocumentVisit visit)
    {
        var files = new List<(long, long)>();
        long position = 0;
        while (visit.Meter.HasTime() && bytes.Slice(position, bytes.Length).IndexOf(FileDataStoreObject) is >= 0 and var found)
        {
            var header = bytes.Peek(position + found, HeaderBytes).Span;
            position += found + FileDataStoreObject.Length;
            if (header.Length == HeaderBytes && BinaryPrimitives.ReadInt64LittleEndian(header[16..]) is > 0 and var length)
            {
                if (files.Count == MaxFiles)
                {
                    visit.Flag(AnatomyFlags.OverBudget);
                    visit.Meter.Note(AnatomyFlags.OverBudget, $"More than {MaxFiles} files in a notebook.");
                    break;
                }

                // The search goes on inside the file: a length that lies would hide all files behind it.
                var start = position - FileDataStoreObject.Length + HeaderBytes;
                length = Math.Min(length, bytes.Length - start);
                files.Add((start, length));
                position = start;
            }
        }

        return files;
    }

    /// <summary>Pictures on the page are no attachments.</summary>
    private static Func<(long Start, long Length), bool> IsAttached(IByteSource bytes) => file =>
    {
        var head = bytes.Peek(file.Start, (int)Math.Min(file.Length, 4096)).Span;
        return FileTypes.FamilyOf(FileTypeDetector.Detect(head, head)) != FileFamily.Image;
    };

    /// <summary>Names are UTF-16 behind their length in bytes, with an extension; outside of the files themselves.</summary>
    private static List<string> Names(IByteSource bytes, List<(long Start, long Length)> files)
    {
        var names = new List<string>();
        long position = 0;
        foreach (var (start, length) in files.OrderBy(file => file.Start).Append((Start: bytes.Length, Length: 0)))
        {
            for (; position < start && names.Count < MaxFiles; position += WindowBytes)
            {
                var window = bytes.Peek(position, (int)Math.Min(WindowBytes + MaxNameBytes, start - position)).Span;
                AddNames(window, names);
            }

            position = Math.Max(position, start + length);
        }

        return names;
    }

    private static void AddNames(ReadOnlySpan<byte> window, List<string> names)
    {
        for (var i = 0; i + 12 < window.Length && i < WindowBytes; i++)
        {
            var length = BinaryPrimitives.ReadUInt32LittleEndian(window[i..]);
            if (length is < 8 or > MaxNameBytes || length % 2 != 0 || i + 4 + length > window.Length || window[i + 5] != 0 || window[i + 4] is < 0x20 or > 0x7e)
            {
                continue;
            }

            var name = Encoding.Unicode.GetString(window.Slice(i + 4, (int)length)).TrimEnd('\0');
            var dot = name.LastIndexOf('.');
            if (dot > 0 && name.Length - dot is >= 3 and <= 6 && !name.AsSpan().ContainsAny(NoName) && name.AsSpan(dot + 1).IndexOfAnyExceptInRange('0', 'z') < 0
                && !name.EndsWith(".one", StringComparison.OrdinalIgnoreCase) && !names.Contains(name))
            {
                names.Add(name);
            }
        }
    }
}
