using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace SecuEdge.Content.Documents.Pdf;

/// <summary>
/// The standard security handler (ISO 32000-2 §7.6.4). Most locked files open without a password, since only printing or copying is
/// forbidden: what any reader shows is examined then.
/// </summary>
internal sealed class PdfLock
{
    private enum Method
    {
        None,
        Rc4,
        Aes128,
        Aes256,
    }

    /// <summary>Algorithm 2 step a.</summary>
    private static readonly byte[] Padding =
    [
        0x28, 0xbf, 0x4e, 0x5e, 0x4e, 0x75, 0x8a, 0x41, 0x64, 0x00, 0x4e, 0x56, 0xff, 0xfa, 0x01, 0x08,
        0x2e, 0x2e, 0x00, 0xb6, 0xd0, 0x68, 0x3e, 0x80, 0x2f, 0x0c, 0xa9, 0xfe, 0x64, 0x53, 0x69, 0x7a,
    ];

    private readonly byte[] _key;
    private readonly Method _streams;
    private readonly Method _strings;
    private readonly Method _files;

    private PdfLock(byte[] key, Method streams, Method strings, Method files) => (_key, _streams, _strings, _files) = (key, streams, strings, files);

    /// <summary>Null when neither the empty password nor one of the given ones opens it, or the handler is another one.</summary>
    public static PdfLock? TryOpen(PdfDictionary encrypt, byte[] id, Func<object?, object?> resolve, IEnumerable<string> passwords)
    {
        var facts = new Facts(encrypt, id, resolve);
        if (resolve(encrypt["Filter"]) is not PdfName { Value: "Standard" } || facts.Owner.Length < 32 || facts.User.Length < 32)
        {
            return null;
        }

        foreach (var password in passwords.Prepend(""))
        {
            var key = facts.Revision >= 5 ? NewKey(facts, Encoding.UTF8.GetBytes(password)) : OldKey(facts, Encoding.Latin1.GetBytes(password));
            if (key is not null)
            {
                return new PdfLock(key, facts.MethodOf("StmF"), facts.MethodOf("StrF"), facts.Has("EFF") ? facts.MethodOf("EFF") : facts.MethodOf("StmF"));
            }
        }

        return null;
    }

    public byte[] DecryptText(byte[] bytes, int number, int generation) => Decrypt(bytes, _strings, number, generation).ToArray();

    public ReadOnlyMemory<byte> DecryptStream(ReadOnlyMemory<byte> bytes, int number, int generation, bool isFile) =>
        Decrypt(bytes, isFile ? _files : _streams, number, generation);

    private ReadOnlyMemory<byte> Decrypt(ReadOnlyMemory<byte> bytes, Method method, int number, int generation) => method switch
    {
        Method.None => bytes,
        Method.Rc4 => Rc4(ObjectKey(number, generation, isAes: false), bytes.Span),
        Method.Aes128 => Aes(ObjectKey(number, generation, isAes: true), bytes.Span),
        _ => Aes(_key, bytes.Span),
    };

    /// <summary>Algorithm 1.</summary>
    private byte[] ObjectKey(int number, int generation, bool isAes)
    {
        byte[] input =
        [
            .. _key, (byte)number, (byte)(number >> 8), (byte)(number >> 16), (byte)generation, (byte)(generation >> 8),
            .. isAes ? "sAlT"u8 : default,
        ];
        return Md5(input)[..Math.Min(_key.Length + 5, 16)];
    }

    /// <summary>Algorithms 2 and 6: revisions 2 to 4.</summary>
    private static byte[]? OldKey(Facts facts, byte[] password)
    {
        byte[] padded = [.. password.AsSpan()[..Math.Min(password.Length, 32)], .. Padding.AsSpan()[..(32 - Math.Min(password.Length, 32))]];
        byte[] permissions = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(permissions, facts.Permissions);
        var key = Md5([.. padded, .. facts.Owner[..32], .. permissions, .. facts.Id, .. facts.Revision >= 4 && !facts.EncryptsMetadata ? [0xff, 0xff, 0xff, 0xff] : Array.Empty<byte>()]);
        var length = facts.Revision == 2 ? 5 : facts.KeyBytes;
        for (var i = 0; i < 50 && facts.Revision >= 3; i++)
        {
            key = Md5(key[..length]);
        }

        key = key[..length];
        if (facts.Revision == 2)
        {
            return Rc4(key, Padding).AsSpan().SequenceEqual(facts.User.AsSpan(0, 32)) ? key : null;
        }

        var check = Md5([.. Padding, .. facts.Id]);
        for (var i = 0; i < 20; i++)
        {
            check = Rc4([.. key.Select(value => (byte)(value ^ i))], check);
        }

        return check.AsSpan().SequenceEqual(facts.User.AsSpan(0, 16)) ? key : null;
    }

    /// <summary>Algorithm 2.A: revisions 5 and 6. The user entry is hash, validation salt, key salt.</summary>
    private static byte[]? NewKey(Facts facts, byte[] password)
    {
        if (facts.User.Length < 48 || facts.UserKey.Length < 32)
        {
            return null;
        }

        var (validation, salt) = (facts.User[32..40], facts.User[40..48]);
        if (!Hash(facts.Revision, password, validation).AsSpan().SequenceEqual(facts.User.AsSpan(0, 32)))
        {
            return null;
        }

        using var aes = System.Security.Cryptography.Aes.Create();
        aes.Key = Hash(facts.Revision, password, salt);
        return aes.DecryptCbc(facts.UserKey.AsSpan(0, 32), new byte[16], PaddingMode.None);
    }

    /// <summary>Algorithm 2.B.</summary>
    private static byte[] Hash(int revision, byte[] password, byte[] salt)
    {
        var key = SHA256.HashData([.. password, .. salt]);
        if (revision == 5)
        {
            return key;
        }

        using var aes = System.Security.Cryptography.Aes.Create();
        for (var round = 0; ; round++)
        {
            byte[] once = [.. password, .. key];
            var many = new byte[once.Length * 64];
            for (var i = 0; i < 64; i++)
            {
                once.CopyTo(many, i * once.Length);
            }

            aes.Key = key[..16];
            var encrypted = aes.EncryptCbc(many, key[16..32], PaddingMode.None);
            key = (encrypted[..16].Sum(value => value) % 3) switch
            {
                0 => SHA256.HashData(encrypted),
                1 => SHA384.HashData(encrypted),
                _ => SHA512.HashData(encrypted),
            };
            if (round >= 63 && encrypted[^1] <= round - 31)
            {
                return key[..32];
            }
        }
    }

    private static ReadOnlyMemory<byte> Aes(byte[] key, ReadOnlySpan<byte> bytes)
    {
        // The first block is the start value; a tail that is no whole block is not decrypted by anybody.
        if (bytes.Length < 32)
        {
            return default;
        }

        using var aes = System.Security.Cryptography.Aes.Create();
        aes.Key = key;
        var length = (bytes.Length - 16) / 16 * 16;
        var plain = aes.DecryptCbc(bytes.Slice(16, length), bytes[..16], PaddingMode.None);
        return plain[^1] is > 0 and <= 16 ? plain.AsMemory(0, plain.Length - plain[^1]) : plain;
    }

    private static byte[] Rc4(byte[] key, ReadOnlySpan<byte> bytes)
    {
        Span<byte> state = stackalloc byte[256];
        for (var i = 0; i < 256; i++)
        {
            state[i] = (byte)i;
        }

        for (int i = 0, j = 0; i < 256; i++)
        {
            j = (j + state[i] + key[i % key.Length]) & 0xff;
            (state[i], state[j]) = (state[j], state[i]);
        }

        var result = new byte[bytes.Length];
        for (int k = 0, i = 0, j = 0; k < bytes.Length; k++)
        {
            i = (i + 1) & 0xff;
            j = (j + state[i]) & 0xff;
            (state[i], state[j]) = (state[j], state[i]);
            result[k] = (byte)(bytes[k] ^ state[(state[i] + state[j]) & 0xff]);
        }

        return result;
    }

    // The format asks for it: nothing is kept secret by us here.
#pragma warning disable CA5351
    private static byte[] Md5(byte[] bytes) => MD5.HashData(bytes);
#pragma warning restore CA5351

    /// <summary>The entries of the encryption dictionary (§7.6.2, §7.6.4.2).</summary>
    private sealed class Facts(PdfDictionary encrypt, byte[] id, Func<object?, object?> resolve)
    {
        public byte[] Id => id;

        public int Revision { get; } = Number(resolve(encrypt["R"]), 2);

        public int Version { get; } = Number(resolve(encrypt["V"]), 0);

        public int Permissions { get; } = Number(resolve(encrypt["P"]), 0);

        public byte[] Owner { get; } = (resolve(encrypt["O"]) as PdfText)?.Bytes ?? [];

        public byte[] User { get; } = (resolve(encrypt["U"]) as PdfText)?.Bytes ?? [];

        public byte[] UserKey { get; } = (resolve(encrypt["UE"]) as PdfText)?.Bytes ?? [];

        public bool EncryptsMetadata => resolve(encrypt["EncryptMetadata"]) is not false;

        /// <summary>Some writers give bytes instead of bits.</summary>
        public int KeyBytes => Version == 4 ? 16 : Number(resolve(encrypt["Length"]), 40) switch
        {
            >= 40 and <= 128 and var bits => bits / 8,
            >= 5 and <= 16 and var bytes => bytes,
            _ => 5,
        };

        public bool Has(string key) => encrypt.Has(key);

        public Method MethodOf(string key)
        {
            if (Version < 4)
            {
                return Method.Rc4;
            }

            var name = (resolve(encrypt[key]) as PdfName)?.Value ?? "Identity";
            var filter = name == "Identity" ? null : resolve((resolve(encrypt["CF"]) as PdfDictionary)?[name]) as PdfDictionary;
            return (resolve(filter?["CFM"]) as PdfName)?.Value switch
            {
                "V2" => Method.Rc4,
                "AESV2" => Method.Aes128,
                "AESV3" => Method.Aes256,
                _ => Method.None,
            };
        }

        private static int Number(object? value, int otherwise) => value is double number ? unchecked((int)(long)number) : otherwise;
    }
}
