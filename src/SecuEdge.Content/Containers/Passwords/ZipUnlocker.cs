namespace SecuEdge.Content.Containers.Passwords;

/// <summary>How one entry of a zip is locked (APPNOTE 6.1, 7; AE-x).</summary>
/// <param name="Check">The byte that the header of traditional encryption ends with.</param>
/// <param name="Crc">Of the plain content; 0 when it is not known.</param>
/// <param name="AesStrength">0 for traditional encryption.</param>
/// <param name="AesMethod">The compression inside.</param>
/// <param name="IsStrong">PKWARE's "strong encryption", with certificates or not: never opened here.</param>
internal sealed record ZipLock(byte Check, uint Crc, int AesStrength, int AesMethod, bool IsStrong);

/// <summary>Tries passwords on an entry of a zip until one gives content that is what the directory says.</summary>
internal static class ZipUnlocker
{
    /// <param name="data">The locked bytes.</param>
    /// <param name="unpack">Makes a stream of the content from unlocked bytes and a compression method.</param>
    /// <returns>The unlocked, still compressed bytes, with their method; null when it stays locked.</returns>
    public static (IByteSource Bytes, int Method)? Unlock(IByteSource data, ZipItem item, ContainerVisit visit, Func<IByteSource, int, Stream?> unpack)
    {
        if (item.Lock is not { IsStrong: false } entryLock)
        {
            return null;
        }

        IByteSource? bytes = null;
        var method = entryLock.AesStrength > 0 ? entryLock.AesMethod : item.Method;
        foreach (var candidate in visit.Passwords.Candidates())
        {
            if (visit.Passwords.Try(candidate, password => (bytes = Open(data, entryLock, password, visit)) is not null && (entryLock.AesStrength > 0 || IsContent(bytes, method, entryLock, visit, unpack))))
            {
                visit.Unlocked(candidate.Source);
                return (bytes!, method);
            }
        }

        return null;
    }

    private static IByteSource? Open(IByteSource data, ZipLock entryLock, string password, ContainerVisit visit)
    {
        if (entryLock.AesStrength > 0)
        {
            if (WinZipAes.KeyOf(data, password, entryLock.AesStrength) is not { } key)
            {
                return null;
            }

            using var decrypted = WinZipAes.Decrypt(data, key, entryLock.AesStrength);
            return visit.Keep(decrypted, data.Length);
        }

        using var plain = ZipCryptoStream.Open(data.OpenRead(), password, entryLock.Check);
        return plain is null ? null : visit.Keep(plain, data.Length);
    }

    /// <summary>One wrong password in 256 passes the check byte, and a decoy can be made to; the checksum over the content decides.</summary>
    private static bool IsContent(IByteSource bytes, int method, ZipLock entryLock, ContainerVisit visit, Func<IByteSource, int, Stream?> unpack)
    {
        using var stream = unpack(bytes, method);
        if (stream is null)
        {
            return false;
        }

        var buffer = new byte[32 * 1024];
        uint crc = 0;
        long size = 0;
        int count;
        while ((count = stream.Read(buffer, 0, buffer.Length)) > 0)
        {
            crc = Crc32.Continue(crc, buffer.AsSpan(0, count));
            size += count;
            if (size > visit.Meter.Budget.MaxEntryBytes)
            {
                // Only what was compressed gets so large here, and a wrong key does not unpack so far: a bomb, as the visit will say.
                return true;
            }

            if (!visit.Meter.HasTime())
            {
                return false;
            }
        }

        // An unknown checksum is 0 too, and proves nothing.
        return crc == entryLock.Crc && (crc != 0 || size == 0);
    }
}
