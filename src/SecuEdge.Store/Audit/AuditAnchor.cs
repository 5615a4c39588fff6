using System.Globalization;
using System.Text;
using SecuEdge.Store.Files;

namespace SecuEdge.Store.Audit;

/// <summary>
/// The head of the chain in a small file of its own: without it nobody would miss entries cut off the end. Two places written in turn, each
/// with a checksum, so that a torn write leaves the other. Written after the entries are on disk: it may be behind them, never ahead.
/// </summary>
internal sealed class AuditAnchor(IFileSystem files, string path) : IDisposable
{
    // number, hash, checksum and a line end, filled up to a round size.
    private const int PlaceBytes = 128;

    private IFile? _file;
    private int _next;

    /// <returns>Null when there is none, or none that can be read.</returns>
    public static AuditHead? Read(string path)
    {
        byte[] bytes;
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            bytes = new byte[Math.Min(file.Length, 2 * PlaceBytes)];
            file.ReadExactly(bytes);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }

        return Places(bytes).MaxBy(h => h.Number);
    }

    public void Write(AuditHead head)
    {
        try
        {
            if (_file is null)
            {
                _file = files.Exists(path) ? files.Open(path) : files.Create(path);
                files.SyncFolder(Path.GetDirectoryName(path)!);
            }

            _file.Write(Encode(head), _next * PlaceBytes);
            _file.SyncData();
            _next = 1 - _next;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _file?.Dispose();
        _file = null;
    }

    private static IEnumerable<AuditHead> Places(byte[] bytes)
    {
        for (var at = 0; at + PlaceBytes <= bytes.Length; at += PlaceBytes)
        {
            var words = Encoding.ASCII.GetString(bytes, at, PlaceBytes).TrimEnd().Split(' ');
            if (words is [var head, var checksum] && checksum == ChecksumOf(head) && AuditHead.TryParse(head, out var parsed))
            {
                yield return parsed;
            }
        }
    }

    private static byte[] Encode(AuditHead head)
    {
        var text = head.ToString();
        return Encoding.ASCII.GetBytes($"{text} {ChecksumOf(text)}".PadRight(PlaceBytes - 1) + "\n");
    }

    private static string ChecksumOf(string text) => Checksum.Of(Encoding.ASCII.GetBytes(text)).ToString("x8", CultureInfo.InvariantCulture);
}
