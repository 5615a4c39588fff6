using System.Collections.Frozen;

namespace SecuEdge.Filter.Policy.Lexical;

/// <summary>
/// Says in which language a text is written. Where the script does not say it already, by the little words that every sentence needs
/// (articles, prepositions, pronouns) and by letters that other languages do not have. A word that several languages share counts for each
/// of them by its share only.
/// </summary>
public static class LanguageDetector
{
    /// <summary>More does not make the answer better, only later.</summary>
    private const int MaxChars = 4_000;

    private const int MinLetters = 12;

    /// <summary>Two little words that are this language's alone, or one with letters of it.</summary>
    private const double MinEvidence = 2;

    private static readonly string[] Languages = ["fr", "en", "de", "es", "it", "nl", "pt", "pl"];

    private static readonly string[] FunctionWords =
    [
        "le la les un une des du de et est en que qui dans pour pas sur plus par au aux avec ce cette ces il elle ils nous vous je tu on ne se son sa ses mon ma mes votre vos notre nos leur sont ont été être avoir fait mais ou où comme si tout tous bien sans sous très aussi merci bonjour cordialement peut c'est d'un d'une qu'il n'est j'ai voici veuillez afin lors cet donc suite dès entre après avant chez même encore",
        "the a an of and to in is that it for was on are with as be at by this have from or had not but what all were we when your can there use each which she do how their if will about many then them these so some her would make like him into has more my than been who its now people only no our could may please thanks hello regards dear you i he they any just should am us me here out up did does don't it's attached best kind",
        "der die das und ist nicht ein eine einen einem einer zu in den dem des von mit sich auf für auch es an werden aus er hat dass daß sie nach wird bei noch wie im zum zur über um haben nur oder aber vor bis mehr durch man sein wurde sehr wir ihr ich uns ihre ihren ihnen wenn kann können bitte danke hallo freundlichen grüßen guten als so am mich mir dir dich war sind schon hier habe anbei unser unsere keine gerne damit vom",
        "el la los las un una unos de del y en que es por con no para se su al lo como más pero sus le ya este sí porque esta entre cuando muy sin sobre también me hasta hay donde quien desde todo nos durante todos uno les ni contra otros ese eso ante ellos esto mí antes algunos qué yo otro él usted ustedes gracias hola saludos estimado adjunto está están son fue ser tiene han he nuestra nuestro puede favor señor ha han fue primer mañana usted hoy aquí cada nos estamos si tras según hacia",
        "il lo la i gli le un uno una di del della dei delle dello da dal dalla in nel nella con su sul sulla per tra fra e che è non si sono ha ho hanno come più ma anche se mi ti ci vi questo questa questi quello quando dove chi cui loro suo sua nostro vostro essere stato molto tutti tutto solo ancora dopo prima così grazie buongiorno saluti cordiali gentile allegato può siamo abbiamo al alla ai alle ed ne quindi perché già",
        "de het een en van ik te dat die in is niet op aan met als voor zijn was er maar om door over ze zich bij ook tot je mij uit der daar haar naar heb hoe heeft hebben deze u want nog zal me zij nu ge geen omdat iets worden toch al waren veel meer doen toen moet ben zonder kan hun dus alles onder ja werd wezen wordt we wij jullie ons onze bedankt hallo groeten geachte bijlage graag uw hier wat kunt kunnen dit vriendelijke",
        "o a os as um uma uns de do da dos das e em no na nos nas que é para com não por mais se como mas ao à foi ele ela seu sua ou quando muito há já está eu também só pelo pela até isso entre depois sem mesmo aos seus quem me esse eles você essa num nem suas meu minha têm numa são ser tem obrigado obrigada olá bom dia cumprimentos anexo segue nosso nossa pode favor sobre este esta estamos prezado às",
        "i w na z do się że nie to jest o jak po co za od tak przez dla przy ale są być oraz ten ta te tego tej tym jako już lub czy także może ich jego jej był była było były gdy tylko które który która można bardzo nas wam państwa pan pani proszę dziękuję dzień dobry pozdrawiam witam załączeniu mam mamy będzie bo we ze by ja ty my wy oni nam mi ci go mu ją jeszcze teraz tu nad pod bez między aby więc",
    ];

    /// <summary>Letters that speak for a language; the number says how loud.</summary>
    private static readonly FrozenDictionary<char, (int Language, double Weight)[]> Letters = Spread(
        ("fr", "éèçêàùœîôûëï", 0.15), ("de", "äöüß", 0.6), ("es", "ñ¿¡", 1.0), ("es", "áóíú", 0.3), ("it", "àèìòù", 0.2),
        ("pt", "ãõ", 1.0), ("pt", "çáâêé", 0.12), ("pl", "łąęśżźćń", 0.8), ("nl", "ĳ", 0.5));

    private static readonly Dictionary<string, (int Language, double Weight)[]> Words = SpreadWords();

    private static readonly Dictionary<string, (int Language, double Weight)[]>.AlternateLookup<ReadOnlySpan<char>> Lookup =
        Words.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>ISO 639-1: fr, en, de, es, it, nl, pt, pl, ru, uk, el, ar, he, zh, ja or ko. Empty when there is too little text, or none of these.</summary>
    public static string Detect(string text)
    {
        var sample = text.AsSpan(0, Math.Min(text.Length, MaxChars));
        var scripts = ScriptCount.Of(sample);
        return scripts.Letters == 0 ? "" : scripts.Language() ?? (scripts.Latin < MinLetters ? "" : OfLatin(sample));
    }

    private static string OfLatin(ReadOnlySpan<char> text)
    {
        Span<double> scores = stackalloc double[Languages.Length];
        scores.Clear();
        Span<char> word = stackalloc char[24];
        var length = 0;
        for (var i = 0; i <= text.Length; i++)
        {
            var c = i < text.Length ? text[i] : ' ';
            if (char.IsLetter(c) || (c is '\'' or '’' && length > 0))
            {
                c = c == '’' ? '\'' : char.ToLowerInvariant(c);
                if (c >= 128 && Letters.TryGetValue(c, out var speakers))
                {
                    Add(scores, speakers);
                }

                if (length < word.Length)
                {
                    word[length] = c;
                }

                length++;
                continue;
            }

            if (length > 0 && length <= word.Length && Lookup.TryGetValue(word[..length].TrimEnd('\''), out var languages))
            {
                Add(scores, languages);
            }

            length = 0;
        }

        return Best(scores);
    }

    private static string Best(ReadOnlySpan<double> scores)
    {
        var (best, second) = (0, -1);
        for (var i = 1; i < scores.Length; i++)
        {
            if (scores[i] > scores[best])
            {
                (best, second) = (i, best);
            }
            else if (second < 0 || scores[i] > scores[second])
            {
                second = i;
            }
        }

        // A quarter more than the next: closer is a mixture, or too little.
        return scores[best] >= MinEvidence && scores[best] >= scores[second] * 1.25 ? Languages[best] : "";
    }

    private static void Add(Span<double> scores, (int Language, double Weight)[] speakers)
    {
        foreach (var (language, weight) in speakers)
        {
            scores[language] += weight;
        }
    }

    private static Dictionary<string, (int Language, double Weight)[]> SpreadWords()
    {
        var speakers = FunctionWords
            .SelectMany((words, language) => words.Split(' ').Distinct().Select(word => (word, language)))
            .GroupBy(p => p.word, p => p.language);
        return speakers.ToDictionary(g => g.Key, g => g.Select(language => (language, 1.0 / g.Count())).ToArray(), StringComparer.Ordinal);
    }

    private static FrozenDictionary<char, (int Language, double Weight)[]> Spread(params (string Language, string Letters, double Weight)[] rows) => rows
        .SelectMany(row => row.Letters.Select(letter => (letter, language: Array.IndexOf(Languages, row.Language), row.Weight)))
        .GroupBy(p => p.letter)
        .ToFrozenDictionary(g => g.Key, g => g.Select(p => (p.language, p.Weight)).ToArray());
}
