using System.Collections.Frozen;

namespace SecuEdge.Appliance.Access;

/// <summary>
/// Which passwords are taken: long ones that are not among the first to be tried. No rules about kinds of characters, which only make
/// people write <c>Password123!</c> (NIST SP 800-63B §3.1.1.2).
/// </summary>
internal static class PasswordPolicy
{
    public const int MinLength = 12;

    // Long enough for any sentence; without an end the hash would be a way to keep us busy.
    public const int MaxLength = 256;

    /// <summary>Stems of twelve and more characters come from repeating and counting; what remains after that is compared with these.</summary>
    private static readonly FrozenSet<string> Common =
    [
        "password", "passwort", "motdepasse", "qwerty", "qwertz", "azerty", "letmein", "welcome", "welcometo", "admin", "administrator", "administrateur",
        "iloveyou", "jetaime", "monkey", "dragon", "football", "baseball", "sunshine", "princess", "master", "superman", "batman", "secret", "secuedge",
        "changeme", "default", "login", "abc", "abcdef", "abcdefgh", "abcdefghijkl", "qwertyuiop", "asdfgh", "asdfghjkl", "zxcvbn", "zxcvbnm",
        "azertyuiop", "qwertzuiop", "qsdfghjklm", "yxcvbnm", "bonjour", "soleil", "chocolat", "marseille", "doudou", "loulou", "summer", "winter",
        "spring", "autumn", "company", "entreprise", "test", "testtest", "temp", "temporary", "provisoire", "hello", "whatever", "trustno", "starwars",
        "correcthorsebatterystaple", "thisisapassword", "mypassword", "monmotdepasse", "letmeinplease", "nopassword", "mailserver", "mailadmin",
        "qazwsx", "qazwsxedc", "qwe", "qweasd", "qweasdzxc", "zaq", "zaqwsx", "computer", "internet", "michael", "jordan", "shadow", "ashley", "",
    ];

    private static readonly char[] Around = [.. Enumerable.Range(' ', 95).Select(c => (char)c).Where(c => !char.IsLetter(c))];

    /// <returns>What is wrong and what to do; null when it is good enough.</returns>
    /// <param name="names">Of the person: user name, e-mail address.</param>
    public static string? Judge(string password, params IReadOnlyList<string> names)
    {
        if (password.Length < MinLength)
        {
            return $"is shorter than {MinLength} characters; take a sentence or let a password manager make one";
        }

        if (password.Length > MaxLength)
        {
            return $"is longer than {MaxLength} characters";
        }

        if (names.SelectMany(n => n.Split('@', '.').Append(n)).Any(n => n.Length >= 4 && Stem(password).Equals(Stem(n), StringComparison.Ordinal)))
        {
            return "is the name with something around it; take another";
        }

        return Common.Contains(Stem(password)) || password.Distinct().Count() < 5
            ? "is one of the first that anybody would try; take a sentence or let a password manager make one"
            : null;
    }

    /// <summary>The word without digits and signs around it, said once: <c>P@ssw0rd2026!!</c> and <c>passwordpassword</c> are <c>password</c>.</summary>
    private static string Stem(string password)
    {
        var letters = new string([.. password.ToLowerInvariant().Trim(Around).Select(Plain).Where(char.IsLetter)]);
        for (var length = 1; length <= letters.Length / 2; length++)
        {
            if (letters.Length % length == 0 && letters.Chunk(length).All(c => c.AsSpan().SequenceEqual(letters.AsSpan(0, length))))
            {
                return letters[..length];
            }
        }

        return letters;
    }

    /// <summary>As people disguise letters.</summary>
    private static char Plain(char character) => character switch
    {
        '@' => 'a',
        '0' => 'o',
        '$' => 's',
        '3' => 'e',
        '1' => 'i',
        var other => other,
    };
}
