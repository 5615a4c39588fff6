using System.Buffers;

namespace SecuEdge.Content.Containers.Passwords;

/// <summary>
/// Picks from a text what could be a password, likely ones first: what stands behind a word for "password", what stands in quotes or
/// alone in a line, then every word with a digit.
/// </summary>
internal static class PasswordWords
{
    /// <summary>Longer ones are sentences or keys, and 7-Zip and RAR cut at 127 or 128.</summary>
    private const int MaxChars = 127;

    /// <summary>"The password for the attached archive is: x" has six words in between.</summary>
    private const int WordsBehindKey = 8;

    private static readonly string[] Keys =
    [
        "password", "passwort", "passwd", "passcode", "passphrase", "mot de passe", "motdepasse", "mdp", "pwd", "pw", "pass", "code", "kennwort", "kodewort", "schlüssel",
        "contraseña", "contrasena", "clave", "senha", "palavra-passe", "parola", "wachtwoord", "hasło", "haslo", "heslo", "jelszó", "lösenord", "adgangskode", "salasana",
        "şifre", "sifre", "пароль", "密码", "密碼", "パスワード", "pin", "key",
    ];

    private static readonly HashSet<string> Fillers = new(StringComparer.OrdinalIgnoreCase)
    {
        "is", "are", "for", "the", "to", "of", "this", "your", "file", "archive", "zip", "attached", "attachment", "est", "le", "la", "pour", "du", "de", "ist", "das", "der",
        "die", "für", "lautet", "es", "el", "para", "and", "open", "it", "in", "below", "following", "votre", "fichier", "l'archive", "please", "use", "be", "will",
    };

    private static readonly SearchValues<char> Blanks = SearchValues.Create(" \t\r\n\u00a0\u3000\u200b\f\v");
    private static readonly SearchValues<char> KeyEnds = SearchValues.Create(":=：\r\n");
    private const string Quotes = "\"'`“”„‟«»‹›‘’‚<>()[]{}*_|";
    private const string Punctuation = ".,;:!?=：。，" + Quotes;
    private const string OpeningQuotes = "\"'`“„«»‹‘‚[(<{";

    /// <summary>Languages disagree on which side a quote is for: „so“, “so”, «so», »so«.</summary>
    private static readonly SearchValues<char> ClosingQuotes = SearchValues.Create("\"'`“”«»›‹’‘])>}");


    public static IEnumerable<string> In(string text) => BehindKeys(text).Concat(Quoted(text)).Concat(Alone(text)).Concat(WithDigits(text));

    private static IEnumerable<string> BehindKeys(string text)
    {
        foreach (var key in Keys)
        {
            for (var at = text.IndexOf(key, StringComparison.OrdinalIgnoreCase); at >= 0; at = text.IndexOf(key, at + key.Length, StringComparison.OrdinalIgnoreCase))
            {
                var end = at + key.Length;
                if (char.IsAsciiLetter(key[0]) && ((at > 0 && char.IsLetter(text[at - 1])) || (end < text.Length && char.IsLetter(text[end]) && text[end] != 's')))
                {
                    continue;
                }

                foreach (var word in Behind(text, end))
                {
                    yield return word;
                }
            }
        }
    }

    /// <summary>First the rest of the line behind a colon, which may have blanks in it; then the words that follow.</summary>
    private static List<string> Behind(string text, int start)
    {
        var words = new List<string>();
        var near = text.AsSpan(start, Math.Min(text.Length - start, 200));
        var colon = near.IndexOfAny(KeyEnds);
        if (colon >= 0)
        {
            var rest = near[(colon + 1)..].TrimStart();
            var line = rest.IndexOfAny('\r', '\n');
            Add(words, (line < 0 ? rest : rest[..line]).Trim().ToString());
        }

        var fillers = new List<string>();
        foreach (var word in Split(near.ToString()).Take(WordsBehindKey))
        {
            Add(Fillers.Contains(word.Trim(Punctuation.ToCharArray())) ? fillers : words, word);
        }

        words.AddRange(fillers);
        return words;
    }

    private static List<string> Quoted(string text)
    {
        var words = new List<string>();
        for (var i = 0; i < text.Length; i++)
        {
            if (!OpeningQuotes.Contains(text[i]) || (i > 0 && char.IsLetterOrDigit(text[i - 1])))
            {
                continue;
            }

            var end = text.AsSpan(i + 1, Math.Min(MaxChars, text.Length - i - 1)).IndexOfAny(ClosingQuotes);
            if (end > 1 && !text.AsSpan(i + 1, end).ContainsAny('\r', '\n'))
            {
                Add(words, text.Substring(i + 1, end));
            }
        }

        return words;
    }

    private static IEnumerable<string> Alone(string text) =>
        text.Split('\n').Select(line => line.Trim()).Where(line => line.Length is >= 3 and <= 40 && !line.AsSpan().ContainsAny(Blanks)).SelectMany(Variants);

    private static IEnumerable<string> WithDigits(string text) =>
        Split(text).Where(word => word.Length is >= 3 and <= 40 && word.Any(char.IsDigit) && !word.Contains("://", StringComparison.Ordinal)).SelectMany(Variants);

    private static string[] Split(string text) => text.Split([' ', '\t', '\r', '\n', '\u00a0', '\u3000'], StringSplitOptions.RemoveEmptyEntries);

    private static void Add(List<string> words, string word) => words.AddRange(Variants(word));

    /// <summary>As it stands in the sentence, and as it stands in the text: "abc!" may end a sentence or be the password.</summary>
    private static IEnumerable<string> Variants(string word)
    {
        var inner = word.Trim(Punctuation.ToCharArray());
        if (inner.Length is > 0 and <= MaxChars)
        {
            yield return inner;
        }

        var unquoted = word.Trim(Quotes.ToCharArray());
        if (unquoted.Length is > 0 and <= MaxChars && unquoted != inner)
        {
            yield return unquoted;
        }

        if (word.Length is > 0 and <= MaxChars && word != inner && word != unquoted)
        {
            yield return word;
        }
    }
}
