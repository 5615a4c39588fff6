using SharpCompress.Common;
using SharpCompress.Readers;

namespace SecuEdge.Content.Containers.Passwords;

/// <summary>Finds the password of an archive that a library opens as a whole (7z, RAR), by reading one locked entry with each.</summary>
internal static class ArchiveUnlocker
{
    /// <summary>Enough to know; the library checks sums at the end of an entry.</summary>
    private const long MaxVerified = 32L * 1024 * 1024;

    /// <summary>A password that opens every archive opens none.</summary>
    private const string Nonsense = "\u0001 no password \u0002";

    private static readonly byte[] Rar5 = [.. "Rar!"u8, 0x1a, 7, 1, 0];

    /// <returns>The password; null when it stays locked.</returns>
    public static string? Find(IByteSource bytes, ContainerVisit visit, Func<Stream, ReaderOptions, IReader> open)
    {
        foreach (var candidate in visit.Passwords.Candidates())
        {
            if (visit.Passwords.Try(candidate, password => IsRight(bytes, open, password, visit)))
            {
                visit.Unlocked(candidate.Source);
                return candidate.Password;
            }
        }

        return null;
    }

    /// <summary>
    /// A checksum over the content says it. RAR 5 keys its checksums and checks the password by itself instead; that this check exists is
    /// seen by a password that nobody has.
    /// </summary>
    private static bool IsRight(IByteSource bytes, Func<Stream, ReaderOptions, IReader> open, string password, ContainerVisit visit) =>
        Read(bytes, open, password, visit) switch
        {
            Proof.Checksum => true,
            Proof.Readable => bytes.Peek(0, Rar5.Length).Span.SequenceEqual(Rar5) && Rejects(() => Read(bytes, open, Nonsense, visit)),
            _ => false,
        };

    private static bool Rejects(Func<Proof> read)
    {
        try
        {
            return read() == Proof.None;
        }
        catch (Exception exception) when (ContainerVisit.IsFormatError(exception))
        {
            return true;
        }
    }

    private static Proof Read(IByteSource bytes, Func<Stream, ReaderOptions, IReader> open, string password, ContainerVisit visit)
    {
        using var source = bytes.OpenRead();
        using var reader = open(source, new ReaderOptions { LeaveStreamOpen = true, Password = password });
        while (visit.Meter.HasTime() && reader.MoveToNextEntry())
        {
            var entry = reader.Entry;
            if (!entry.IsDirectory && entry.IsEncrypted && entry.Size != 0)
            {
                using var stream = reader.OpenEntryStream();
                return Read(stream, entry, visit);
            }
        }

        return Proof.None;
    }

    private static Proof Read(Stream stream, IEntry entry, ContainerVisit visit)
    {
        var buffer = new byte[32 * 1024];
        uint crc = 0;
        long size = 0;
        int count;
        while ((count = stream.Read(buffer, 0, buffer.Length)) > 0)
        {
            crc = Crc32.Continue(crc, buffer.AsSpan(0, count));
            size += count;
            if (size > MaxVerified || !visit.Meter.HasTime())
            {
                return Proof.Readable;
            }
        }

        return size == 0 ? Proof.None : (uint)entry.Crc == crc ? Proof.Checksum : Proof.Readable;
    }

    private enum Proof
    {
        /// <summary>Nothing came out.</summary>
        None,

        /// <summary>Something came out; whether it is the content is not said.</summary>
        Readable,

        Checksum,
    }
}
