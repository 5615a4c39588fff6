using System.Text.RegularExpressions;
using SecuEdge.Appliance.Api.Languages;
using SecuEdge.TestKit;

namespace SecuEdge.Appliance.Tests.Api;

/// <summary>Every sentence that callers may be told has its French one, and the table has nothing that is said no more.</summary>
public sealed partial class DetailTextTests
{
    /// <summary>Where details of problems are made.</summary>
    private static readonly string[] Rooms =
    [
        "SecuEdge.Appliance/Operations", "SecuEdge.Appliance/Settings", "SecuEdge.Appliance/Webhooks", "SecuEdge.Appliance/Access", "SecuEdge.Appliance/Api", "SecuEdge.Appliance/Backtest", "SecuEdge.Appliance/Directories",
        "SecuEdge.Filter/Policy/Rules/Matching", "SecuEdge.Filter/Scanners/HashLists", "SecuEdge.Filter/Policy/Lexical",
    ];

    /// <summary>Put together from parts, or made elsewhere.</summary>
    private static readonly string[] Parts =
    [
        "'{0}' {1}", "{0} (line {1})", "it was judged again meanwhile: {0}", "The cursor is not one of a page before.", "A reference is 1-64 letters, digits, '-' or '_'.",
        "line {0} {1}",
        "there is no event '{0}'; there are {1}, and patterns such as message.* or *", "there is no action '{0}'; actions begin with {1}", "there is no action '{0}'; there are {1}",
        "'{0}' is not whole; for all of it write '{1}.', or one of {2}",
    ];

    private static readonly Dictionary<string, string> French = Language.Details("fr");

    public static TheoryData<string, string> Said => new()
    {
        { "there is no tenant 'it is infected'; list what there is with GET /api/v1/tenants", "il n'y a pas de compte 'it is infected' ; GET /api/v1/tenants montre ceux qui existent" },
        { "rules[2].when.name: there is no object 'x' here or above; there are a, b", "rules[2].when.name: il n'y a pas d'objet 'x' ici ni au-dessus ; il y a a, b" },
        { "tenants[0].kind: 'shop' is not one of customer, reseller (line 7)", "tenants[0].kind: 'shop' n'est pas un de ces mots : customer, reseller (ligne 7)" },
        { "messagesRead, audit: you do not have this on 'a' yourself, and nobody can give what he has not", "messagesRead, audit: vous n'avez pas cela vous-même sur 'a', et personne ne peut donner ce qu'il n'a pas" },
        { "R1 is not released: it is infected, and that needs the permission malwareRelease on 'a'; administrators of the customer, its reseller and the provider have it", "R1 n'est pas libéré : il est infecté, et il faut pour cela la permission malwareRelease sur 'a' ; les administrateurs du client, de son revendeur et du fournisseur l'ont" },
        { "'{{who}}' is no placeholder; there are: {{action}}", "'{{who}}' n'est pas une variable ; il y a : {{action}}" },
        { "'docm.' is no extension; write it as docm, and patterns under names", "'docm.' n'est pas une extension ; écrivez-la comme docm, et les motifs dans names" },
        { "the document: is not an object (line 1)", "le document : n'est pas un objet (ligne 1)" },
        { "ldap.corp.example:389: nothing answers on this port", "ldap.corp.example:389: rien ne répond sur ce port" },
        { "directories[0].peopleFilter: is wrong at character 1: expected (", "directories[0].peopleFilter: est faux au caractère 1 : ( attendu" },
        { "the server refuses the search: it wants a name and a password first (no anonymous bind)", "le serveur refuse la recherche : il veut d'abord un nom et un mot de passe (no anonymous bind)" },
        { "a sentence of tomorrow", "a sentence of tomorrow" },
    };

    [Fact]
    public void Every_sentence_has_its_French_one_or_is_listed_as_said_elsewhere()
    {
        var known = French.Keys.ToHashSet(StringComparer.Ordinal);
        var elsewhere = Elsewhere().ToHashSet(StringComparer.Ordinal);
        List<string> missing = [.. Sentences().Where(s => !known.Contains(s.Sentence) && !elsewhere.Contains(s.Sentence)).Select(s => $"{s.Place}: {s.Sentence}")];
        Assert.True(
            missing.Count == 0,
            "put the sentence into Api/Languages/details.fr.json, or, if no caller is told it, into tests/SecuEdge.Appliance.Tests/Api/not-details.txt:\n" + string.Join('\n', missing));
    }

    [Fact]
    public void Nothing_is_listed_that_is_said_no_more()
    {
        var sentences = Sentences().Select(s => s.Sentence).ToHashSet(StringComparer.Ordinal);
        var source = string.Concat(Files().Select(File.ReadAllText));
        List<string> gone = [.. Elsewhere().Where(e => !sentences.Contains(e)), .. French.Keys.Where(k => !sentences.Contains(k) && !Parts.Contains(k) && !source.Contains(Longest(k), StringComparison.Ordinal))];
        Assert.True(gone.Count == 0, string.Join('\n', gone));
    }

    [Fact]
    public void Both_languages_have_the_same_holes_and_French_punctuation()
    {
        foreach (var (english, french) in French)
        {
            Assert.Equal(Hole().Matches(english).Select(m => m.Value).Order(StringComparer.Ordinal), Hole().Matches(french).Select(m => m.Value).Order(StringComparer.Ordinal));
            Assert.DoesNotContain(" , ", french, StringComparison.Ordinal);
            Assert.False(NarrowSign().IsMatch(french), french);
        }
    }

    [Theory]
    [MemberData(nameof(Said))]
    public void A_detail_is_said_in_French_with_its_values(string english, string french) => Assert.Equal(french, Language.All[1].Detail(english));

    [Fact]
    public void English_stays_as_it_is() => Assert.All(French.Keys, k => Assert.Equal(k, Language.English.Detail(k)));

    private static IEnumerable<(string Sentence, string Place)> Sentences() =>
        Files().SelectMany(f => SourceSentences.Of(f)).Concat(Sources("SecuEdge.Appliance/Import").SelectMany(f => SourceSentences.Of(f, "new ConversionException(")));

    /// <summary>The words of the OpenAPI document are in one language.</summary>
    private static IEnumerable<string> Files() => Rooms.SelectMany(Sources)
        .Where(f => !f.Contains("/Description/", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal);

    private static IEnumerable<string> Sources(string room) => Directory.EnumerateFiles(Path.Combine(TestData.RepositoryRoot, "src", room), "*.cs", SearchOption.AllDirectories);

    private static IEnumerable<string> Elsewhere() =>
        File.ReadAllLines(Path.Combine(TestData.RepositoryRoot, "tests", "SecuEdge.Appliance.Tests", "Api", "not-details.txt"))
            .Where(l => l.Length > 0 && l[0] != '#')
            .Select(l => l.Replace("\\n", "\n", StringComparison.Ordinal).Replace("\\r", "\r", StringComparison.Ordinal));

    private static string Longest(string key) => Hole().Split(key).MaxBy(t => t.Length)!.Replace("{{", "{{{{", StringComparison.Ordinal).Split('{', '}', '"', '\\').MaxBy(t => t.Length)!;

    [GeneratedRegex(@"\{\d+\}")]
    private static partial Regex Hole();

    // A colon before a quote or a word of French has a blank in front, but not in times, addresses and JSON.
    [GeneratedRegex(@"[A-Za-zà-ÿ'] ?[^ ];\s|[a-zà-ÿ](?<!Content-Type): [a-zà-ÿ']")]
    private static partial Regex NarrowSign();
}
