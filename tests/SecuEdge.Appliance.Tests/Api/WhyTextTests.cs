using System.Text.RegularExpressions;
using SecuEdge.Appliance.Api.Languages;
using SecuEdge.TestKit;

namespace SecuEdge.Appliance.Tests.Api;

/// <summary>Every sentence that says why, and every step of a timeline, has its French one, and the table has nothing that is said no more.</summary>
public sealed partial class WhyTextTests
{
    /// <summary>Where nearly every sentence says why, or is a step of a timeline.</summary>
    private static readonly string[] Rooms =
    [
        "SecuEdge.Filter/Policy/Rules/Matching", "SecuEdge.Filter/Policy/Policy.cs", "SecuEdge.Filter/Policy/RuleVerdict.cs", "SecuEdge.Filter/Policy/RuleReason.cs",
        "SecuEdge.Filter/Policy/Lexical/TextMatchers.cs", "SecuEdge.Filter/Policy/Lexical/PatternMatcher.cs", "SecuEdge.Filter/Policy/Lexical/WordListMatcher.cs",
        "SecuEdge.Appliance/MailFlow", "SecuEdge.Appliance/Convictions", "SecuEdge.Appliance/Operations/QuarantineReasons.cs",
    ];

    /// <summary>Ends and beginnings of sentences, which stand in the table only with the rest.</summary>
    private static readonly string[] Parts =
    [
        "is one of the origins asked for", "is none of the origins asked for", "cannot be compared with the origins asked for", "not among", "perhaps among",
        "asks for nothing by itself", "(set by the tenant instead of {0})", "(the tenant's {0} is too weak for antivirus)",
        "Asks for {0}.", "Whether it holds is unknown.", "Asks for {0}, which is too weak for {1}.", "It only watches: it would have asked for {0}.",
        "{0} did not take the message yet", "Not delivered yet", "for {0} recipients", "the sender is told in message {0}", "decided by {0}", "one file", "scanned by",
        "Put from hold into quarantine",
    ];

    private static readonly Dictionary<string, Dictionary<string, string>> French = Language.Whys("fr");

    private static Language Reader => Language.All.Single(l => l.Tag == "fr");

    public static TheoryData<string, string, string> Said => new()
    {
        { "why", "File 'a.mp3' (audio/mpeg, 5 MB) is what is asked for; recipient eva@acme.example is among the recipients asked for.", "Le fichier 'a.mp3' (audio/mpeg, 5 Mo) est ce qui est demandé ; le destinataire eva@acme.example est parmi les destinataires demandés." },
        { "why", "Score 0 is below 15, where mail gets Reject.", "Le score 0 est en dessous de 15, où le courrier est refusé." },
        { "why", "Always holds. Asks for quarantine, notify.", "Vaut toujours. Elle demande quarantine, notify." },
        { "why", "The antivirus engine ClamAV found malware. (Eicar in 1.2) Score 100; asks for Quarantine.", "Le moteur antivirus ClamAV a trouvé un logiciel malveillant. (Eicar in 1.2) Score 100 ; demande la quarantaine." },
        { "why", "An attached PDF carries JavaScript. Score 3 (set by the tenant instead of 1); asks for Hold (set by the tenant instead of nothing).", "Un PDF joint contient du JavaScript. Score 3 (fixé par le compte au lieu de 1) ; demande la retenue (fixé par le compte au lieu de : rien)." },
        { "why", "Not asked: rule 'a' of profile strict decided before.", "Non posée : la règle 'a' (profil strict) a décidé avant." },
        { "why", "Monday 2026-11-23 08:30 Europe/Paris, a holiday is outside the time asked for. Whether it holds is unknown.", "Lundi 2026-11-23 08:30 Europe/Paris, un jour férié, est hors du temps demandé. On ne sait pas si elle vaut." },
        { "why", "Sender a@x.example with From b@y.example is not among the senders asked for; it is in acme/ad/sales.", "L'expéditeur a@x.example, avec From b@y.example, n'est pas parmi les expéditeurs demandés ; l'adresse est dans acme/ad/sales." },
        { "why", "Header X-Test: this pattern, or all of this message together, took too long, so it was not asked to its end; write them simpler.", "En-tête X-Test : ce motif, ou tous ceux de ce message ensemble, ont pris trop de temps : il n'a pas été posé jusqu'au bout ; écrivez-les plus simplement." },
        { "why", "Weighs 5 by the list money, at least 3 is asked for: 'cash' 2 × 2.5 and 4 more; the text is longer than what is looked at.", "Pèse 5 selon la liste money, il faut au moins 3 : 'cash' 2 × 2.5 et 4 de plus ; le texte est plus long que ce qui est examiné." },

        // A part that nobody wrote stays; the others are said.
        { "why", "There are no files; a part of tomorrow; no engine found anything.", "Il n'y a aucun fichier ; a part of tomorrow ; aucun moteur n'a rien trouvé." },
        { "why", "A sentence of tomorrow.", "A sentence of tomorrow." },

        // What strangers write stays, even where it looks like ours.
        { "why", "Header Subject 'there are no files; no engine found anything' does not contain 'belongs to no campaign'.", "L'en-tête Subject 'there are no files; no engine found anything' ne contient pas 'belongs to no campaign'." },
        { "why", "File 'there are no files; x (a, 5 MB' (text/plain, 5 bytes) is not what is asked for.", "Le fichier 'there are no files; x (a, 5 MB' (text/plain, 5 octets) n'est pas ce qui est demandé." },
        { "why", "Finding X_Y (no engine found anything).", "Constat X_Y (no engine found anything)." },
        { "step", "mx.example:25 took the message: 250 Accepted and stored; there are no files", "mx.example:25 a pris le message : 250 Accepted and stored; there are no files" },
        { "step", "mx.example [192.0.2.1]:25 refused the message for good: 550 no bounce to an automatic message; x; no bounce to an automatic message", "mx.example [192.0.2.1]:25 a refusé le message pour de bon : 550 no bounce to an automatic message; x ; pas d'avis de non-remise à un message automatique" },
        { "step", "Answered 550 5.7.1 mx.example took the message: x [7K2F]", "Répondu 550 5.7.1 mx.example took the message: x [7K2F]" },
        { "step", "Dropped from the queue: Deleted from quarantine", "Retiré de la file d'attente : Deleted from quarantine" },
        { "kept", "It could not be delivered: 554 5.4.6 Accepted", "Il n'a pas pu être remis : 554 5.4.6 Accepted" },

        // What was cut off is said as far as it goes.
        { "why", "There are no files; recipient eva@acme.exam…", "Il n'y a aucun fichier ; le destinataire eva@acme.exam…" },
        { "why", "There are no files; sender a@x.example is not among the send…", "Il n'y a aucun fichier ; l'expéditeur a@x.example…" },
        { "why", "There are no files; file 'a.mp3' (audio/mpeg, 5 MB) is wha ….", "Il n'y a aucun fichier ; le fichier 'a.mp3' (audio/mpeg, 5 Mo)…." },
        { "why", "There are no files; recip…", "Il n'y a aucun fichier ; recip…" },

        { "step", "Quarantine as Policy, score 0, decided by mp3: Rule 'mp3' of acme: file 'a.mp3' (audio/mpeg, 3 bytes) is what is asked for", "Mis en quarantaine comme contraire aux règles, score 0, décidé par mp3 : la règle 'mp3' (acme) : le fichier 'a.mp3' (audio/mpeg, 3 octets) est ce qui est demandé" },
        { "step", "Deliver as Clean, score 0, decided by NOTHING_MATCHED", "Remis comme sain, score 0, décidé par NOTHING_MATCHED" },
        { "step", "Held until 2026-11-23 08:30 UTC: it could not be scanned (Defer as Suspicious, score 0, decided by X: a finding of tomorrow); tried again until it can", "Retenu jusqu'au 2026-11-23 08:30 UTC : il n'a pas pu être analysé (refusé temporairement comme suspect, score 0, décidé par X: a finding of tomorrow) ; réessayé jusqu'à ce qu'il puisse l'être" },
        { "step", "Not delivered yet for 3 recipients: 451 4.4.4 later; attempt 2, the next at 2026-11-23 08:30:00 UTC", "Pas encore remis à 3 destinataires : 451 4.4.4 later ; essai 2, le prochain le 2026-11-23 08:30:00 UTC" },
        { "step", "Rule 'w' of acme (only watched) would have held it until Monday 08:00, sent a copy to a@x.example, told of it, for 2 of 3 recipients", "La règle 'w' (acme), qui ne fait qu'observer, aurait retenu le message jusqu'au lundi 08:00, envoyé une copie à a@x.example, averti, pour 2 destinataires sur 3" },
        { "step", "512 bytes from [192.0.2.1] mx.example without TLS", "512 octets de [192.0.2.1] mx.example sans TLS" },
        { "step", "Not delivered, because it cannot be changed as rule 'a', 'b' asks: the file at 1.2 is not there", "Pas remis, car il ne peut pas être modifié comme le demande la règle 'a', 'b' : le fichier à la place 1.2 n'y est pas" },
        { "kept", "Put from hold into quarantine by admin", "Mis de la retenue en quarantaine par admin" },
        { "kept", "It could not be delivered: 554 no; Rule 'mp3' of acme: there are no files; no engine found anything", "Il n'a pas pu être remis : 554 no ; la règle 'mp3' (acme) : il n'y a aucun fichier ; aucun moteur n'a rien trouvé" },
    };

    [Fact]
    public void Every_sentence_has_its_French_one_or_is_listed_as_no_answer()
    {
        List<string> phrases = [.. Phrases()];
        var elsewhere = Elsewhere().ToHashSet(StringComparer.Ordinal);
        List<string> missing = [.. Sentences().Where(s => !IsSaid(phrases, s.Sentence) && !elsewhere.Contains(s.Sentence)).Select(s => $"{s.Place}: {s.Sentence}").Distinct()];
        Assert.True(
            missing.Count == 0,
            "put the sentence into Api/Languages/why.fr.json, or, if it says nobody why, into tests/SecuEdge.Appliance.Tests/Api/not-whys.txt:\n" + string.Join('\n', missing));
    }

    [Fact]
    public void Nothing_is_listed_that_is_said_no_more()
    {
        List<string> sentences = [.. Sentences().Select(s => s.Sentence)];
        List<string> phrases = [.. Phrases()];
        var source = string.Concat(Files("SecuEdge.Filter/Policy").Concat(Files("SecuEdge.Appliance")).Select(File.ReadAllText));
        List<Regex> whole = [.. sentences.Distinct().Select(s => Pattern(s, isWhole: true))];
        List<Regex> parts = [.. Parts.Select(p => Pattern(p, isWhole: false))];
        List<string> gone =
        [
            .. Elsewhere().Where(e => !sentences.Contains(e)),
            .. Parts.Where((p, i) => !sentences.Exists(s => Bare(s) == Bare(p)) || !phrases.Exists(parts[i].IsMatch)),

            // Phrases of few words are made of parts, and the scan does not look into holes.
            .. phrases.Where(p => Word().Count(Hole().Replace(p, "")) > 1 && !source.Contains(Longest(p), StringComparison.OrdinalIgnoreCase) && !whole.Exists(w => w.IsMatch(p)) && !parts.Exists(part => part.IsMatch(p))),
        ];
        Assert.True(gone.Count == 0, string.Join('\n', gone));
    }

    [Fact]
    public void Both_languages_have_the_same_holes_of_kinds_there_are()
    {
        foreach (var (english, french) in French.Values.SelectMany(k => k))
        {
            Assert.Equal(Hole().Matches(english).Select(m => m.Groups[1].Value).Order(StringComparer.Ordinal), Hole().Matches(french).Select(m => m.Groups[1].Value).Order(StringComparer.Ordinal));
            Assert.All(Hole().Matches(english).Select(m => m.Groups[2].Value).Where(k => k.Length > 0), k => Assert.True(k is "word" or "finding" || French.ContainsKey(k), $"{english}: {k}"));
            Assert.False(NarrowSign().IsMatch(french), french);
        }
    }

    [Theory]
    [MemberData(nameof(Said))]
    public void A_sentence_is_said_part_by_part_with_its_values(string kind, string english, string french) => Assert.Equal(french, Say(Reader, kind, english));

    [Fact]
    public void English_stays_as_it_is() => Assert.All(Said, s => Assert.Equal(s.Data.Item2, Say(Language.English, s.Data.Item1, s.Data.Item2)));

    [Theory]
    [InlineData("recipient a is among the recipients asked for; ", 80, "")]
    [InlineData("header X '' does not contain '", 130, "'")]
    [InlineData("Rule 'a' of b: ", 250, "x")]
    [InlineData("encrypted with S/MIME and ", 200, "…")]
    public void A_sentence_made_to_be_hard_is_said_soon(string part, int times, string end)
    {
        var hard = string.Concat(Enumerable.Repeat(part, times)) + end;
        foreach (var kind in (string[])["why", "step", "kept"])
        {
            Assert.NotEmpty(Say(Reader, kind, hard));
        }
    }

    private static string Say(Language language, string kind, string english) => kind switch
    {
        "why" => language.Why(english),
        "step" => language.Step(english),
        "kept" => language.Kept(english),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    private static IEnumerable<string> Phrases() => French.Values.SelectMany(k => k.Keys).Select(Bare);

    private static bool IsSaid(List<string> phrases, string sentence)
    {
        var pattern = Pattern(sentence, isWhole: true);
        return phrases.Exists(pattern.IsMatch) || Parts.Any(p => Bare(p) == Bare(sentence));
    }

    /// <summary>Whatever stands in the holes of a literal, a phrase may say it word by word.</summary>
    private static Regex Pattern(string sentence, bool isWhole)
    {
        var inside = string.Join(".*", Hole().Replace(Bare(sentence), "\0").Split('\0').Select(Regex.Escape));
        return new Regex(isWhole ? $"^{inside}$" : inside, RegexOptions.Singleline | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);
    }

    private static string Longest(string phrase) => Hole().Replace(phrase, "\0").Split('\0').Select(t => t.Trim(' ', ',', ':', '(', ')', '\'', '"')).MaxBy(t => t.Length)!;

    /// <summary>Without what depends on where it stands.</summary>
    private static string Bare(string sentence)
    {
        var bare = By().Replace(sentence, "").Trim(' ', ';', ',', '.', '(').TrimEnd(')');
        return bare.Length == 0 ? "" : char.ToLowerInvariant(bare[0]) + bare[1..];
    }

    private static IEnumerable<(string Sentence, string Place)> Sentences()
    {
        var details = Language.Details("fr").Keys.ToHashSet(StringComparer.Ordinal);
        return Rooms.SelectMany(Files).SelectMany(f => SourceSentences.Of(f)).Where(s => !details.Contains(s.Sentence))
            .Concat(Files("SecuEdge.Appliance/MailFlow/Effects/Rewriting").SelectMany(f => SourceSentences.Of(f, "new RewriteException(")))
            .Concat(Files("SecuEdge.Appliance").Where(f => File.ReadAllText(f).Contains("MessageEventKind.", StringComparison.Ordinal)).SelectMany(Steps));
    }

    /// <summary>What is written into timelines, wherever that is done.</summary>
    private static IEnumerable<(string Sentence, string Place)> Steps(string path) =>
        Enum.GetNames<Store.MessageLog.MessageEventKind>().Select(kind => $"MessageEventKind.{kind}, ").Append(" Text = ").SelectMany(behind => SourceSentences.Of(path, behind));

    private static IEnumerable<string> Files(string room)
    {
        var path = Path.Combine(TestData.RepositoryRoot, "src", room);
        return File.Exists(path) ? [path] : Directory.EnumerateFiles(path, "*.cs", SearchOption.AllDirectories).Order(StringComparer.Ordinal);
    }

    private static IEnumerable<string> Elsewhere() =>
        File.ReadAllLines(Path.Combine(TestData.RepositoryRoot, "tests", "SecuEdge.Appliance.Tests", "Api", "not-whys.txt"))
            .Where(l => l.Length > 0 && l[0] != '#')
            .Select(l => l.Replace("\\n", "\n", StringComparison.Ordinal).Replace("\\r", "\r", StringComparison.Ordinal));

    [GeneratedRegex(@"\{(\d+)(?::([a-z]+)\??)?\}")]
    private static partial Regex Hole();

    /// <summary>Whose deed it is, or where.</summary>
    [GeneratedRegex(@"^\{\d+(:[a-z]+)?\}: ")]
    private static partial Regex By();

    [GeneratedRegex("[A-Za-z]{2,}")]
    private static partial Regex Word();

    [GeneratedRegex(@"[A-Za-zà-ÿ'}][;:](\s|$)")]
    private static partial Regex NarrowSign();
}
