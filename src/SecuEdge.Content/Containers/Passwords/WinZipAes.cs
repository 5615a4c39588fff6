using System.Security.Cryptography;

namespace SecuEdge.Content.Containers.Passwords;

/// <summary>
/// AES as WinZip put it into zip (AE-1, AE-2): salt, two bytes that tell most wrong passwords, data in counter mode, ten bytes of HMAC.
/// The HMAC is asked before anything is believed: for two bytes a decoy word is quickly found, and what it "opens" would be garbage.
/// </summary>
internal static class WinZipAes
{
    private const int Verifier = 2;
    private const int Mac = 10;
    private const int Iterations = 1000;
    private const int Block = 16;

    /// <param name="strength">1, 2, 3 for 128, 192, 256 bits.</param>
    /// <returns>The key; null when the password is another.</returns>
    public static byte[]? KeyOf(IByteSource data, string password, int strength)
    {
        var (saltBytes, keyBytes) = Sizes(strength);
        if (strength is < 1 or > 3 || data.Length < saltBytes + Verifier + Mac)
        {
            return null;
        }

        var head = data.Peek(0, saltBytes + Verifier).Span;
#pragma warning disable CA5379 // The format says SHA-1.
        var keys = Rfc2898DeriveBytes.Pbkdf2(password, head[..saltBytes], Iterations, HashAlgorithmName.SHA1, (2 * keyBytes) + Verifier);
#pragma warning restore CA5379
        return head[saltBytes..].SequenceEqual(keys.AsSpan(2 * keyBytes)) && HasMac(data, saltBytes, keys.AsSpan(keyBytes, keyBytes)) ? keys[..keyBytes] : null;
    }

    public static Stream Decrypt(IByteSource data, byte[] key, int strength)
    {
        var saltBytes = Sizes(strength).Salt;
        return new CounterStream(data.Slice(saltBytes + Verifier, data.Length - saltBytes - Verifier - Mac).OpenRead(), key);
    }

    private static (int Salt, int Key) Sizes(int strength) => (4 + (4 * strength), 8 + (8 * strength));

    private static bool HasMac(IByteSource data, int saltBytes, ReadOnlySpan<byte> key)
    {
#pragma warning disable CA5350 // The format says HMAC-SHA1.
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA1, key);
#pragma warning restore CA5350
        using var stream = data.Slice(saltBytes + Verifier, data.Length - saltBytes - Verifier - Mac).OpenRead();
        var buffer = new byte[16 * 1024];
        int count;
        while ((count = stream.Read(buffer)) > 0)
        {
            hash.AppendData(buffer, 0, count);
        }

        return hash.GetHashAndReset().AsSpan(0, Mac).SequenceEqual(data.Peek(data.Length - Mac, Mac).Span);
    }

    /// <summary>Counter mode with a counter of little end first, which no framework offers.</summary>
    private sealed class CounterStream : ForwardStream
    {
        private readonly Stream _source;
        private readonly Aes _aes;
        private readonly byte[] _counter = new byte[Block];
        private readonly byte[] _pad = new byte[Block];
        private int _used = Block;

        public CounterStream(Stream source, byte[] key)
        {
            _source = source;
            _aes = Aes.Create();
            _aes.Key = key;
        }

        public override int Read(Span<byte> buffer)
        {
            var count = _source.Read(buffer);
            for (var i = 0; i < count; i++)
            {
                if (_used == Block)
                {
                    NextPad();
                }

                buffer[i] ^= _pad[_used++];
            }

            return count;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                _source.Dispose();
                _aes.Dispose();
            }

            base.Dispose(disposing);
        }

        private void NextPad()
        {
            for (var i = 0; ++_counter[i] == 0 && i < Block - 1; i++)
            {
            }

            _aes.EncryptEcb(_counter, _pad, PaddingMode.None);
            _used = 0;
        }
    }
}
