using System.Globalization;
using System.Text;

namespace SecuEdge.Store.Files;

/// <summary>
/// JSON lines behind a checksum, appended: <c>checksum json</c>. What a crash tore at the end was never confirmed and is written over; a line
/// that a disk damaged costs itself. Now and then the owner has the whole written anew, so that the file stays in proportion to what is in it.
/// </summary>
/// <remarks>One caller at a time.</remarks>
public sealed class LineJournal : IDisposable
{
    private const int ChecksumLength = 8;

    private readonly IFileSystem _files;
    private readonly string _path;
    private IFile _file;
    private bool _isReplaced;

    private LineJournal(IFileSystem files, string path, IFile file)
    {
        _files = files;
        _path = path;
        _file = file;
    }

    /// <summary>Length of the file, overtaken lines and all.</summary>
    public long Bytes { get; private set; }

    /// <summary>Whether the last line had not been written completely.</summary>
    public bool WasTorn { get; private set; }

    /// <summary>Lines that could not be read.</summary>
    public int DamagedLines { get; private set; }

    /// <param name="read">Gets the JSON of each line, oldest first; false when it makes no sense.</param>
    internal static LineJournal Open(IFileSystem files, string path, Func<ReadOnlySpan<byte>, bool> read)
    {
        var isNew = !files.Exists(path);
        var bytes = isNew ? [] : files.ReadAll(path);
        var journal = new LineJournal(files, path, isNew ? files.Create(path) : files.Open(path));
        if (isNew)
        {
            files.SyncFolder(Path.GetDirectoryName(path)!);
        }

        journal.Read(bytes, read);
        return journal;
    }

    /// <param name="lines">JSON without line breaks. All in one write; the owner sees to it that a part of them makes sense, too.</param>
    /// <param name="isDurable">False for what may be lost with the power.</param>
    /// <exception cref="IOException">The disk cannot take them; none will be there after the next start.</exception>
    public void Append(IEnumerable<byte[]> lines, bool isDurable)
    {
        using var buffer = new MemoryStream();
        foreach (var line in lines)
        {
            Write(buffer, line);
        }

        if (_isReplaced)
        {
            Reopen();
        }

        try
        {
            _file.Write(buffer.GetBuffer().AsSpan(0, (int)buffer.Length), Bytes);
            if (isDurable)
            {
                _file.Sync();
            }
        }
        catch (Exception e) when (DurableFile.IsDiskTrouble(e))
        {
            TakeBack();
            throw;
        }

        Bytes += buffer.Length;
    }

    /// <summary>Everything anew, without what was overtaken. A failure leaves the old file or the new one, which say the same.</summary>
    public void Rewrite(IEnumerable<byte[]> lines)
    {
        using var buffer = new MemoryStream();
        foreach (var line in lines)
        {
            Write(buffer, line);
        }

        // A failure may come before or after the new file took the name: whichever has it now is the one to go on with.
        _isReplaced = true;
        DurableFile.Write(_files, _path, buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
        Reopen();
    }

    public void Dispose() => _file.Dispose();

    private static void Write(MemoryStream buffer, byte[] json)
    {
        buffer.Write(Encoding.ASCII.GetBytes(Checksum.Of(json).ToString("x8", CultureInfo.InvariantCulture)));
        buffer.WriteByte((byte)' ');
        buffer.Write(json);
        buffer.WriteByte((byte)'\n');
    }

    private void Read(byte[] bytes, Func<ReadOnlySpan<byte>, bool> read)
    {
        for (var at = 0; at < bytes.Length;)
        {
            var length = bytes.AsSpan(at).IndexOf((byte)'\n');
            if (length < 0)
            {
                WasTorn = true;
                break;
            }

            var line = bytes.AsSpan(at, length);
            if (!IsSound(line) || !read(line[(ChecksumLength + 1)..]))
            {
                DamagedLines++;
            }

            at += length + 1;
            Bytes = at;
        }
    }

    private static bool IsSound(ReadOnlySpan<byte> line) =>
        line.Length > ChecksumLength && line[ChecksumLength] == ' '
        && uint.TryParse(line[..ChecksumLength], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var checksum)
        && Checksum.Of(line[(ChecksumLength + 1)..]) == checksum;

    private void Reopen()
    {
        var bytes = _files.ReadAll(_path);
        var file = _files.Open(_path);
        _file.Dispose();
        _file = file;
        Bytes = bytes.AsSpan().LastIndexOf((byte)'\n') + 1;
        _isReplaced = false;
    }

    /// <summary>A change that was refused must not be there after the next start.</summary>
    private void TakeBack()
    {
        try
        {
            _file.Truncate(Bytes);
            _file.Sync();
        }
        catch (Exception e) when (DurableFile.IsDiskTrouble(e))
        {
            // The next append writes over it; the first failure is the one to report.
        }
    }
}
