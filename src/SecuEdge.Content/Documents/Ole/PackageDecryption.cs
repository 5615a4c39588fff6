using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace SecuEdge.Content.Documents.Ole;

/// <summary>
/// [MS-OFFCRYPTO] §2.3.4: the key of a locked Office package, when the password is the default one. Excel opens files locked with it
/// without asking, so the lock hides them from gateways only.
/// </summary>
internal abstract class PackageDecryption
{
    private const string ExcelDefaultPassword = "VelvetSweatshop";

    /// <summary>Decrypts one segment of 4,096 bytes.</summary>
    public abstract byte[] Decrypt(byte[] segment, int index);

    protected abstract bool TryPassword(string password);

    /// <summary>Null when the default password does not fit, or the scheme is one that Office does not write any more.</summary>
    public static PackageDecryption? TryUnlock(byte[] description)
    {
        if (description.Length < 12)
        {
            return null;
        }

        var version = (Major: BinaryPrimitives.ReadUInt16LittleEndian(description), Minor: BinaryPrimitives.ReadUInt16LittleEndian(description.AsSpan(2)));
        var decryption = version switch
        {
            (4, 4) => AgileDecryption.Parse(description.AsMemory(8)),
            ( >= 2 and <= 4, 2) => StandardDecryption.Parse(description.AsSpan(8)),
            _ => (PackageDecryption?)null,
        };
        return decryption?.TryPassword(ExcelDefaultPassword) == true ? decryption : null;
    }

    /// <summary>§2.3.4.7, §2.3.4.11: salt and password, then hashed with a counter again and again.</summary>
    protected static byte[] HashPassword(HashAlgorithmName algorithm, byte[] salt, string password, int rounds)
    {
        var hash = CryptographicOperations.HashData(algorithm, [.. salt, .. Encoding.Unicode.GetBytes(password)]);
        var buffer = new byte[4 + hash.Length];
        for (var i = 0; i < rounds; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(buffer, i);
            hash.CopyTo(buffer, 4);
            CryptographicOperations.HashData(algorithm, buffer, hash);
        }

        return hash;
    }

    /// <summary>AES-CBC, XML of an algorithm for everything (§2.3.4.10).</summary>
    private sealed class AgileDecryption : PackageDecryption
    {
        /// <summary>The specification allows ten million, Office writes a hundred thousand.</summary>
        private const int MaxRounds = 200_000;

        private static readonly byte[] VerifierInputBlock = [0xfe, 0xa7, 0xd2, 0x76, 0x3b, 0x4b, 0x9e, 0x79];
        private static readonly byte[] VerifierHashBlock = [0xd7, 0xaa, 0x0f, 0x6d, 0x30, 0x61, 0x34, 0x4e];
        private static readonly byte[] KeyBlock = [0x14, 0x6e, 0x0b, 0xe7, 0xab, 0xac, 0xd0, 0xd6];

        private readonly Dictionary<string, string> _data = new(StringComparer.OrdinalIgnoreCase);
        private readonly Dictionary<string, string> _lock = new(StringComparer.OrdinalIgnoreCase);
        private byte[] _key = [];
        private byte[] _salt = [];
        private HashAlgorithmName _hash;

        public static AgileDecryption? Parse(ReadOnlyMemory<byte> xml)
        {
            var decryption = new AgileDecryption();
            using var markup = MarkupReader.Open(new MemoryBytes(xml));
            while (markup.Read())
            {
                var target = markup.Node != MarkupNode.Start ? null : markup.Name == "keyData" ? decryption._data : markup.Name == "encryptedKey" ? decryption._lock : null;
                foreach (var (name, value) in target is null ? [] : markup.Attributes)
                {
                    target![name] = value;
                }
            }

            return decryption._data.GetValueOrDefault("cipherAlgorithm") == "AES" && decryption._lock.GetValueOrDefault("cipherAlgorithm") == "AES"
                && int.TryParse(decryption._lock.GetValueOrDefault("spinCount"), out var rounds) && rounds is >= 0 and <= MaxRounds ? decryption : null;
        }

        public override byte[] Decrypt(byte[] segment, int index)
        {
            var iv = Fit(CryptographicOperations.HashData(_hash, [.. _salt, .. BitConverter.GetBytes(index)]), 16);
            return Decrypt(_key, iv, segment);
        }

        protected override bool TryPassword(string password)
        {
            var algorithm = AlgorithmOf(_lock);
            var salt = BytesOf(_lock, "saltValue");
            var hash = HashPassword(algorithm, salt, password, int.Parse(_lock["spinCount"], System.Globalization.CultureInfo.InvariantCulture));
            var input = Unwrap(algorithm, hash, salt, VerifierInputBlock, "encryptedVerifierHashInput");
            var expected = Unwrap(algorithm, hash, salt, VerifierHashBlock, "encryptedVerifierHashValue");
            var actual = CryptographicOperations.HashData(algorithm, input);
            if (expected.Length < actual.Length || !expected.AsSpan(0, actual.Length).SequenceEqual(actual))
            {
                return false;
            }

            _key = Fit(Unwrap(algorithm, hash, salt, KeyBlock, "encryptedKeyValue"), KeyBytes(_data));
            _salt = BytesOf(_data, "saltValue");
            _hash = AlgorithmOf(_data);
            return true;
        }

        private byte[] Unwrap(HashAlgorithmName algorithm, byte[] hash, byte[] salt, byte[] block, string name) =>
            Decrypt(Fit(CryptographicOperations.HashData(algorithm, [.. hash, .. block]), KeyBytes(_lock)), Fit(salt, 16), BytesOf(_lock, name));

        private static byte[] Decrypt(byte[] key, byte[] iv, byte[] bytes)
        {
            using var aes = Aes.Create();
            aes.Key = key;
            return aes.DecryptCbc(bytes.AsSpan(0, bytes.Length & ~15), iv, PaddingMode.None);
        }

        /// <summary>§2.3.4.11: too short is filled with 0x36.</summary>
        private static byte[] Fit(byte[] bytes, int length) => [.. bytes.Take(length), .. Enumerable.Repeat((byte)0x36, Math.Max(0, length - bytes.Length))];

        private static int KeyBytes(Dictionary<string, string> values) => values.GetValueOrDefault("keyBits") switch { "128" => 16, "192" => 24, "256" => 32, _ => throw new InvalidDataException("Key size.") };

        private static byte[] BytesOf(Dictionary<string, string> values, string name) => Convert.FromBase64String(values.GetValueOrDefault(name, ""));

        private static HashAlgorithmName AlgorithmOf(Dictionary<string, string> values) => values.GetValueOrDefault("hashAlgorithm") switch
        {
            "SHA512" => HashAlgorithmName.SHA512,
            "SHA384" => HashAlgorithmName.SHA384,
            "SHA256" => HashAlgorithmName.SHA256,
            "SHA1" or "SHA-1" => HashAlgorithmName.SHA1,
            _ => throw new InvalidDataException("Hash algorithm."),
        };
    }

    /// <summary>AES-ECB and SHA-1, as Office 2007 wrote it (§2.3.4.5).</summary>
    private sealed class StandardDecryption : PackageDecryption
    {
        private const int Rounds = 50_000;

        private byte[] _salt = [];
        private byte[] _verifier = [];
        private byte[] _verifierHash = [];
        private int _keyBytes;
        private byte[] _key = [];

        public static StandardDecryption? Parse(ReadOnlySpan<byte> bytes)
        {
            var headerBytes = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
            if (headerBytes is < 20 or > 1024 || bytes.Length < 4 + headerBytes + 72)
            {
                return null;
            }

            var keyBits = BinaryPrimitives.ReadUInt32LittleEndian(bytes[20..]);
            var verifier = bytes[(4 + (int)headerBytes)..];
            return keyBits is not (128 or 192 or 256) ? null : new StandardDecryption
            {
                _keyBytes = (int)keyBits / 8,
                _salt = verifier.Slice(4, 16).ToArray(),
                _verifier = verifier.Slice(20, 16).ToArray(),
                _verifierHash = verifier.Slice(40, 32).ToArray(),
            };
        }

        public override byte[] Decrypt(byte[] segment, int index)
        {
            using var aes = Aes.Create();
            aes.Key = _key;
            return aes.DecryptEcb(segment.AsSpan(0, segment.Length & ~15), PaddingMode.None);
        }

        protected override bool TryPassword(string password)
        {
            var hash = Sha1([.. HashPassword(HashAlgorithmName.SHA1, _salt, password, Rounds), 0, 0, 0, 0]);
            _key = [.. Derive(hash, 0x36).Concat(Derive(hash, 0x5c)).Take(_keyBytes)];
            return Sha1(Decrypt(_verifier, 0)).AsSpan().SequenceEqual(Decrypt(_verifierHash, 0).AsSpan(0, 20));
        }

        /// <summary>§2.3.4.7.</summary>
        private static byte[] Derive(byte[] hash, byte pad) => Sha1([.. Enumerable.Range(0, 64).Select(i => (byte)(i < hash.Length ? hash[i] ^ pad : pad))]);

        private static byte[] Sha1(byte[] bytes) => CryptographicOperations.HashData(HashAlgorithmName.SHA1, bytes);
    }
}
