using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace SecuEdge.Appliance.Access;

/// <summary>
/// One-time codes of an authenticator program (RFC 6238): six digits, 30 seconds, SHA-1, because that is what all of them do. A step that was
/// used is spent, with all before it: a code read over a shoulder is worth nothing (§5.2).
/// </summary>
internal static class Totp
{
    private const int StepSeconds = 30;
    private const int Digits = 6;
    private const int Modulus = 1_000_000;

    // RFC 6238 §5.2: one step for clocks that are off and people who type slowly.
    private const int Tolerance = 1;

    // RFC 4226 §4 R6: 160 bits.
    private const int SecretBytes = 20;

    public static string NewSecret() => Base32.Encode(RandomNumberGenerator.GetBytes(SecretBytes));

    /// <summary>What a QR code for the authenticator program says.</summary>
    public static Uri Address(string secret, string issuer, string account) =>
        new($"otpauth://totp/{Uri.EscapeDataString(issuer)}:{Uri.EscapeDataString(account)}?secret={secret}&issuer={Uri.EscapeDataString(issuer)}");

    /// <param name="lastStep">The newest step that was used.</param>
    /// <returns>The step to remember as used; null when the code is wrong, old or spent.</returns>
    public static long? Verify(string secret, string code, long lastStep, DateTimeOffset now)
    {
        if (code.Length != Digits || !code.All(char.IsAsciiDigit))
        {
            return null;
        }

        var key = Base32.Decode(secret);
        var current = now.ToUnixTimeSeconds() / StepSeconds;
        long? found = null;
        for (var step = current - Tolerance; step <= current + Tolerance; step++)
        {
            // Every step is computed, found or not: the time tells nothing.
            if (CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Code(key, step)), Encoding.ASCII.GetBytes(code)) && step > lastStep)
            {
                found = step;
            }
        }

        return found;
    }

    public static string Code(string secret, DateTimeOffset at) => Code(Base32.Decode(secret), at.ToUnixTimeSeconds() / StepSeconds);

    [SuppressMessage("Security", "CA5350:Do Not Use Weak Cryptographic Algorithms", Justification = "RFC 6238; HMAC-SHA-1 is not broken, and authenticator programs ignore the parameter")]
    private static string Code(byte[] key, long step)
    {
        Span<byte> counter = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
        Span<byte> hash = stackalloc byte[HMACSHA1.HashSizeInBytes];
        HMACSHA1.HashData(key, counter, hash);

        // RFC 4226 §5.3: dynamic truncation.
        var value = BinaryPrimitives.ReadInt32BigEndian(hash[(hash[^1] & 15)..]) & int.MaxValue;
        return (value % Modulus).ToString("d6", CultureInfo.InvariantCulture);
    }
}
