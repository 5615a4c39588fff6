using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Org.BouncyCastle.Crypto.Generators;
using Org.BouncyCastle.Crypto.Parameters;

namespace SecuEdge.Appliance.Access;

/// <summary>
/// Passwords as Argon2id (RFC 9106), written in PHC form with their parameters, so that they can be raised later: a password hashed with
/// others is hashed again at the next login. One takes some 80 ms and 19 MB on purpose; only two are worked on at once and few may
/// wait, so that a flood of logins costs neither the memory nor the processors that mail needs.
/// </summary>
internal sealed class PasswordHasher : IDisposable
{
    // OWASP Password Storage Cheat Sheet: 19 MiB, two passes, one lane.
    private const int MemoryKilobytes = 19 * 1024;
    private const int Passes = 2;
    private const int Lanes = 1;

    // A stored hash may not order more than this; nobody writes the file but us.
    private const int MaxMemoryKilobytes = 1024 * 1024;
    private const int SaltBytes = 16;
    private const int HashBytes = 32;
    private const int AtOnce = 2;

    // At 80 ms each the last of these waits a bit over a second.
    private const int MaxWaiting = 32;
    private static readonly string Parameters = $"m={MemoryKilobytes},t={Passes},p={Lanes}";

    private readonly SemaphoreSlim _slots = new(AtOnce, AtOnce);
    private readonly string _nobody = Write(new byte[SaltBytes], new byte[HashBytes]);
    private int _waiting;

    /// <exception cref="PasswordsBusyException">Too many wait already.</exception>
    public async Task<string> HashAsync(string password, CancellationToken cancellationToken)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        return Write(salt, await ComputeAsync(password, salt, MemoryKilobytes, Passes, Lanes, HashBytes, cancellationToken));
    }

    /// <summary>Without a stored hash it takes as long and is false: nobody learns from the clock who exists.</summary>
    /// <exception cref="PasswordsBusyException">Too many wait already.</exception>
    public async Task<bool> VerifyAsync(string stored, string password, CancellationToken cancellationToken)
    {
        var isSomebody = TryRead(stored, out var parts);
        if (!isSomebody)
        {
            TryRead(_nobody, out parts);
        }

        var hash = await ComputeAsync(password, parts!.Salt, parts.MemoryKilobytes, parts.Passes, parts.Lanes, parts.Hash.Length, cancellationToken);
        return CryptographicOperations.FixedTimeEquals(hash, parts.Hash) && isSomebody;
    }

    public static bool NeedsRehash(string stored) => !stored.StartsWith($"$argon2id$v=19${Parameters}$", StringComparison.Ordinal);

    public void Dispose() => _slots.Dispose();

    private async Task<byte[]> ComputeAsync(
        string password, byte[] salt, int memoryKilobytes, int passes, int lanes, int length, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _waiting) > MaxWaiting)
        {
            Interlocked.Decrement(ref _waiting);
            throw new PasswordsBusyException();
        }

        try
        {
            await _slots.WaitAsync(cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }

        try
        {
            return await Task.Run(() => Compute(password, salt, memoryKilobytes, passes, lanes, length), CancellationToken.None);
        }
        finally
        {
            _slots.Release();
        }
    }

    private static byte[] Compute(string password, byte[] salt, int memoryKilobytes, int passes, int lanes, int length)
    {
        var generator = new Argon2BytesGenerator();
        generator.Init(new Argon2Parameters.Builder(Argon2Parameters.Argon2id)
            .WithVersion(Argon2Parameters.Version13)
            .WithMemoryAsKB(memoryKilobytes)
            .WithIterations(passes)
            .WithParallelism(lanes)
            .WithSalt(salt)
            .Build());
        var hash = new byte[length];
        // Half a surrogate pair and U+FFFE cannot be normalized; they become replacement characters first.
        var text = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(password)).Replace('\uFFFE', '\uFFFD').Normalize(NormalizationForm.FormC);
        generator.GenerateBytes(Encoding.UTF8.GetBytes(text), hash);
        return hash;
    }

    private static string Write(byte[] salt, byte[] hash) => $"$argon2id$v=19${Parameters}${Unpadded(salt)}${Unpadded(hash)}";

    private static bool TryRead(string text, [NotNullWhen(true)] out Stored? stored)
    {
        stored = null;
        if (text.Split('$') is not ["", "argon2id", "v=19", var parameters, var salt, var hash])
        {
            return false;
        }

        var values = parameters.Split(',');
        if (values is not [['m', '=', .. var m], ['t', '=', .. var t], ['p', '=', .. var p]]
            || !int.TryParse(m, CultureInfo.InvariantCulture, out var memory) || memory is < 8 or > MaxMemoryKilobytes
            || !int.TryParse(t, CultureInfo.InvariantCulture, out var passes) || passes is < 1 or > 100
            || !int.TryParse(p, CultureInfo.InvariantCulture, out var lanes) || lanes is < 1 or > 16)
        {
            return false;
        }

        try
        {
            stored = new Stored(memory, passes, lanes, Padded(salt), Padded(hash));
            return stored.Salt.Length >= 8 && stored.Hash.Length >= 16;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static string Unpadded(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=');

    private static byte[] Padded(string text) => Convert.FromBase64String(text.PadRight((text.Length + 3) / 4 * 4, '='));

    private sealed record Stored(int MemoryKilobytes, int Passes, int Lanes, byte[] Salt, byte[] Hash);
}

/// <summary>More logins at once than the appliance takes: the caller may try again in a moment.</summary>
internal sealed class PasswordsBusyException() : Exception("too many logins at once");
