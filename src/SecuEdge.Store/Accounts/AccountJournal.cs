using System.Globalization;
using System.Text;
using System.Text.Json;
using SecuEdge.Store.Files;

namespace SecuEdge.Store.Accounts;

/// <summary>
/// The accounts on disk: one line a change, <c>checksum [changes]</c>, appended and flushed. What a crash tore at the end was never confirmed
/// and is written over. Now and then the whole is written anew, so that the file stays in proportion to what is in it.
/// </summary>
internal sealed class AccountJournal : IDisposable
{
    private const int ChecksumLength = 8;

    private readonly IFileSystem _files;
    private readonly string _path;
    private IFile _file;
    private long _end;
    private bool _isReplaced;

    private AccountJournal(IFileSystem files, string path, IFile file)
    {
        _files = files;
        _path = path;
        _file = file;
    }

    /// <summary>Changes in the file, many of them overtaken by later ones.</summary>
    public int Count { get; private set; }

    public static AccountJournal Open(IFileSystem files, string path, Action<AccountChange> apply, List<string> notes)
    {
        var isNew = !files.Exists(path);
        var bytes = isNew ? [] : files.ReadAll(path);
        var journal = new AccountJournal(files, path, isNew ? files.Create(path) : files.Open(path));
        if (isNew)
        {
            files.SyncFolder(Path.GetDirectoryName(path)!);
        }

        journal.Read(bytes, apply, notes);
        return journal;
    }

    /// <param name="isDurable">False for what may be lost with the power: last uses.</param>
    public void Append(IReadOnlyList<AccountChange> changes, bool isDurable)
    {
        var line = Line(changes);
        if (_isReplaced)
        {
            Reopen();
        }

        try
        {
            _file.Write(line, _end);
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

        _end += line.Length;
        Count += changes.Count;
    }

    /// <summary>Everything anew, without what was overtaken. A failure leaves the old file or the new one, which say the same.</summary>
    public void Rewrite(IEnumerable<AccountChange> all)
    {
        using var buffer = new MemoryStream();
        foreach (var change in all)
        {
            buffer.Write(Line([change]));
        }

        // A failure may come before or after the new file took the name: whichever has it now is the one to go on with.
        _isReplaced = true;
        DurableFile.Write(_files, _path, buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
        Reopen();
    }

    public void Dispose() => _file.Dispose();

    private static byte[] Line(IReadOnlyList<AccountChange> changes)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(changes, StoreJson.Default.IReadOnlyListAccountChange);
        return [.. Encoding.ASCII.GetBytes(Checksum.Of(json).ToString("x8", CultureInfo.InvariantCulture)), (byte)' ', .. json, (byte)'\n'];
    }

    private void Read(byte[] bytes, Action<AccountChange> apply, List<string> notes)
    {
        var damaged = 0;
        for (var at = 0; at < bytes.Length;)
        {
            var length = bytes.AsSpan(at).IndexOf((byte)'\n');
            if (length < 0)
            {
                notes.Add("Accounts: the last change had not been written completely and was never confirmed; it was dropped.");
                break;
            }

            if (Parse(bytes.AsSpan(at, length)) is { } changes)
            {
                changes.ForEach(apply);
                Count += changes.Count;
            }
            else
            {
                damaged++;
            }

            at += length + 1;
            _end = at;
        }

        if (damaged > 0)
        {
            notes.Add($"Accounts: {damaged} changes in {Path.GetFileName(_path)} are damaged and were passed over; check users and tokens.");
        }
    }

    private static List<AccountChange>? Parse(ReadOnlySpan<byte> line)
    {
        if (line.Length <= ChecksumLength || line[ChecksumLength] != ' '
            || !uint.TryParse(line[..ChecksumLength], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var checksum)
            || Checksum.Of(line[(ChecksumLength + 1)..]) != checksum)
        {
            return null;
        }

        try
        {
            return StoreJson.ReadAccountChanges(line[(ChecksumLength + 1)..]);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private void Reopen()
    {
        var bytes = _files.ReadAll(_path);
        var file = _files.Open(_path);
        _file.Dispose();
        _file = file;
        _end = 0;
        Count = 0;
        Read(bytes, _ => { }, []);
        _isReplaced = false;
    }

    /// <summary>A change that was refused must not be there after the next start.</summary>
    private void TakeBack()
    {
        try
        {
            _file.Truncate(_end);
            _file.Sync();
        }
        catch (Exception e) when (DurableFile.IsDiskTrouble(e))
        {
            // The next append writes over it; the first failure is the one to report.
        }
    }
}
