using System.Formats.Tar;
using System.IO.Compression;
using System.Text;

namespace SecuEdge.Appliance.Import;

/// <summary>
/// What a backup of Proxmox Mail Gateway holds: <c>Proxmox_ruledb.sql</c> (a PostgreSQL dump of the rules) and <c>config_backup.tar</c>
/// with <c>etc/pmg</c>. Also taken: the dump alone.
/// </summary>
internal sealed record ProxmoxBackup(Dump Rules, IReadOnlyDictionary<string, string> Files)
{
    // Rules and settings of a large site are some megabytes; statistics, which may be in the archive too, are not read.
    private const int MaxBytes = 256 * 1024 * 1024;

    /// <exception cref="ConversionException">Not such a backup, with what it should be.</exception>
    public static ProxmoxBackup Read(Stream file)
    {
        var head = new byte[2];
        var read = file.ReadAtLeast(head, 2, throwOnEndOfStream: false);
        file.Position = 0;
        try
        {
            return read == 2 && head[0] == 0x1F && head[1] == 0x8B ? ReadArchive(file) : ReadDump(file);
        }
        catch (Exception e) when (e is InvalidDataException or FormatException or EndOfStreamException)
        {
            throw new ConversionException($"is no Proxmox backup: it cannot be unpacked ({e.Message}); it must be the .tgz that 'pmgbackup backup' makes, or its Proxmox_ruledb.sql");
        }
    }

    /// <summary>A dump of the rules alone; any other text has no table of them.</summary>
    private static ProxmoxBackup ReadDump(Stream file)
    {
        var rules = ReadRules(file);
        return rules.Has("rule") || rules.Has("objectgroup")
            ? new ProxmoxBackup(rules, new Dictionary<string, string>())
            : throw new ConversionException("is no Proxmox backup: there is no table of rules in it; it must be the .tgz that 'pmgbackup backup' makes, or its Proxmox_ruledb.sql");
    }

    private static ProxmoxBackup ReadArchive(Stream file)
    {
        Dump? rules = null;
        var files = new Dictionary<string, string>();
        using var unpacked = new GZipStream(file, CompressionMode.Decompress);
        foreach (var (name, content) in Entries(unpacked, n => n.EndsWith("Proxmox_ruledb.sql", StringComparison.Ordinal) || n.EndsWith("config_backup.tar", StringComparison.Ordinal)))
        {
            if (name.EndsWith(".sql", StringComparison.Ordinal))
            {
                rules = ReadRules(content);
                continue;
            }

            foreach (var (path, text) in Entries(content, n => n.Contains("etc/pmg/", StringComparison.Ordinal) && !n.Contains("/dkim/", StringComparison.Ordinal)))
            {
                files[path[(path.IndexOf("etc/pmg/", StringComparison.Ordinal) + "etc/pmg/".Length)..]] = Encoding.UTF8.GetString(text.ToArray());
            }
        }

        return rules is null && files.Count == 0
            ? throw new ConversionException("is no Proxmox backup: the archive holds neither Proxmox_ruledb.sql nor config_backup.tar; it must be the .tgz that 'pmgbackup backup' makes")
            : new ProxmoxBackup(rules ?? new Dump(), files);
    }

    private static Dump ReadRules(Stream file)
    {
        // The database is SQL_ASCII: bytes as they came, UTF-8 in practice.
        using var reader = new StreamReader(file, Encoding.UTF8, detectEncodingFromByteOrderMarks: false, leaveOpen: true);
        return CopyDump.Read(reader);
    }

    private static IEnumerable<(string Name, MemoryStream Content)> Entries(Stream archive, Func<string, bool> isWanted)
    {
        using var tar = new TarReader(archive, leaveOpen: true);
        long total = 0;
        while (tar.GetNextEntry() is { } entry)
        {
            if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile) || !isWanted(entry.Name) || entry.DataStream is null)
            {
                continue;
            }

            total += entry.Length;
            if (total > MaxBytes)
            {
                throw new ConversionException($"the backup holds more than {MaxBytes / 1024 / 1024} MB of settings; is it the right file?");
            }

            var content = new MemoryStream();
            entry.DataStream.CopyTo(content);
            content.Position = 0;
            yield return (entry.Name, content);
        }
    }
}
