using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using SecuEdge.Store.Files;

namespace SecuEdge.Store.Attachments;

/// <summary>
/// One append-only file a day, records of 64 bytes: hash, time, reference, checksum. A day of 300,000 attachments is 20 MB, and a search reads
/// them one after the other: an index would cost each mail more than the rare search saves. Retention is the deletion of files.
/// </summary>
public sealed class AttachmentLog : IAttachmentLog, IAsyncDisposable
{
    private delegate bool MayMatter(ReadOnlySpan<byte> record);

    private const int RecordSize = 64;
    private const int ReferenceBytes = 20;
    private const string Extension = ".hashes";

    private readonly StoreOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly string _folder;
    private readonly LazyWriter<AttachmentSighting> _writer;
    private (string Day, RecordFile File)? _today;

    public AttachmentLog(StoreOptions options, TimeProvider timeProvider, ILogger logger)
    {
        _options = options;
        _timeProvider = timeProvider;
        _folder = Path.Combine(options.DataFolder, "attachments");
        options.Files.CreateFolder(_folder);
        _writer = new LazyWriter<AttachmentSighting>("hashes of attachments", Write, timeProvider, logger);
        Expire();
    }

    public void Note(string sha256, string reference, DateTimeOffset receivedAt) => _writer.Add(new AttachmentSighting(sha256, reference, receivedAt));

    public Task<IReadOnlyList<AttachmentSighting>> FindAsync(IReadOnlySet<string> sha256s, CancellationToken cancellationToken)
    {
        // The first eight bytes sort out nearly everything without making a string of it.
        var starts = sha256s.Select(s => BinaryPrimitives.ReadUInt64LittleEndian(Convert.FromHexString(s))).ToHashSet();
        return FindAsync(record => starts.Contains(BinaryPrimitives.ReadUInt64LittleEndian(record)), sha256s.Contains, cancellationToken);
    }

    public Task<IReadOnlyList<AttachmentSighting>> FindAsync(Func<string, bool> isWanted, CancellationToken cancellationToken) =>
        FindAsync(_ => true, isWanted, cancellationToken);

    private async Task<IReadOnlyList<AttachmentSighting>> FindAsync(MayMatter mayMatter, Func<string, bool> isWanted, CancellationToken cancellationToken)
    {
        await _writer.FlushAsync(cancellationToken);
        var oldest = _timeProvider.GetUtcNow() - TimeSpan.FromDays(_options.AttachmentDays);
        List<AttachmentSighting> found = [];
        foreach (var path in Days())
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var file = RecordFile.Open(_options.Files, path, RecordSize);
            file.Read(record =>
            {
                if (mayMatter(record) && Decode(record) is var sighting && sighting.ReceivedAt >= oldest && isWanted(sighting.Sha256))
                {
                    found.Add(sighting);
                }
            });
        }

        return found;
    }

    public void Expire()
    {
        var oldest = DayOf(_timeProvider.GetUtcNow() - TimeSpan.FromDays(_options.AttachmentDays));
        foreach (var path in Days().Where(p => string.CompareOrdinal(Path.GetFileNameWithoutExtension(p), oldest) < 0))
        {
            _options.Files.Delete(path);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync();
        _today?.File.Dispose();
    }

    private IEnumerable<string> Days() => _options.Files.List(_folder)
        .Where(p => p.EndsWith(Extension, StringComparison.Ordinal))
        .Order(StringComparer.Ordinal);

    private void Write(IReadOnlyList<AttachmentSighting> sightings)
    {
        foreach (var day in sightings.GroupBy(s => DayOf(s.ReceivedAt)))
        {
            if (_today?.Day != day.Key)
            {
                _today?.File.Dispose();
                _today = null;
                _today = (day.Key, RecordFile.Open(_options.Files, Path.Combine(_folder, day.Key + Extension), RecordSize));
            }

            var records = day.ToList();
            var bytes = new byte[records.Count * RecordSize];
            for (var i = 0; i < records.Count; i++)
            {
                Encode(records[i], bytes.AsSpan(i * RecordSize, RecordSize));
            }

            _today.Value.File.Append(bytes);
        }
    }

    private static string DayOf(DateTimeOffset at) => at.UtcDateTime.ToString("yyyyMMdd", CultureInfo.InvariantCulture);

    private static void Encode(AttachmentSighting sighting, Span<byte> record)
    {
        Convert.FromHexString(sighting.Sha256, record, out _, out _);
        BinaryPrimitives.WriteInt64LittleEndian(record[32..], sighting.ReceivedAt.UtcTicks);
        Encoding.ASCII.GetBytes(sighting.Reference.AsSpan(0, Math.Min(sighting.Reference.Length, ReferenceBytes)), record[40..]);
        RecordFile.Seal(record);
    }

    private static AttachmentSighting Decode(ReadOnlySpan<byte> record) => new(
        Convert.ToHexStringLower(record[..32]),
        Encoding.ASCII.GetString(record.Slice(40, ReferenceBytes)).TrimEnd('\0'),
        new DateTimeOffset(BinaryPrimitives.ReadInt64LittleEndian(record[32..]), TimeSpan.Zero));
}
