using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace SecuEdge.Appliance.Access;

/// <summary>Everything random or hashed that gives access, except passwords.</summary>
internal static class Secrets
{
    private const int RandomBytes = 32;
    private const int RecoveryCodeCount = 10;

    // 80 bits: not to be guessed, so a plain hash suffices.
    private const int RecoveryCodeBytes = 10;
    private const int IdBytes = 8;

    public static string NewToken() => "se_" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(RandomBytes));

    public static string NewSession() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(RandomBytes));

    /// <summary>By which something begun is found again; base64url.</summary>
    public static string NewKey() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(RandomBytes));

    /// <param name="prefix">Says what it is the id of: <c>t</c>, <c>u</c>, <c>s</c>, <c>d</c>, <c>k</c>.</param>
    public static string NewId(string prefix) => $"{prefix}_{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdBytes))}";

    /// <summary>Four groups of four letters and digits.</summary>
    public static IReadOnlyList<string> NewRecoveryCodes() =>
        [.. Enumerable.Range(0, RecoveryCodeCount).Select(_ => string.Join('-', Base32.Encode(RandomNumberGenerator.GetBytes(RecoveryCodeBytes)).Chunk(4).Select(c => new string(c))))];

    /// <summary>Of what has too many random bits to be guessed; passwords go through <see cref="PasswordHasher"/>.</summary>
    public static string Hash(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    /// <summary>However it was typed.</summary>
    public static string HashRecoveryCode(string typed) =>
        Hash(new string([.. typed.Where(char.IsAsciiLetterOrDigit).Select(char.ToUpperInvariant)]));

    /// <summary>What a page must send with its writes. Follows from the cookie, which the page itself cannot read and a foreign page does not have.</summary>
    public static string CsrfToken(string session) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.ASCII.GetBytes(session), "csrf"u8));

    public static bool AreEqual(string one, string other) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(one), Encoding.UTF8.GetBytes(other));
}
