using System.Globalization;
using System.Text;
using System.Text.Json;

namespace SecuEdge.Appliance.Api.Languages;

/// <summary>One language of the API: titles, remedies and the sentences about wrong input. A language is one file beside this one.</summary>
internal sealed class Language
{
    private readonly Dictionary<string, string> _titles;
    private readonly Dictionary<string, string> _remedies;
    private readonly Dictionary<string, CompositeFormat> _texts;

    private readonly DetailTable? _details;
    private readonly WhyTable? _whys;

    /// <param name="english">What this one is a translation of; null for English itself.</param>
    private Language(string tag, Language? english)
    {
        Tag = tag;
        var file = Read<Dictionary<string, string>>(tag);
        _titles = file["titles"];
        _remedies = file["remedies"];
        _texts = file["texts"].ToDictionary(t => t.Key, t => CompositeFormat.Parse(t.Value));
        // The language files have sentences of details, too: some are said in English, because who finds the mistake does not know who reads it.
        _details = english is null ? null : new DetailTable(Details(tag).Concat(Answers(tag)).Concat(file["texts"].Select(t => KeyValuePair.Create(english._texts[t.Key].Format, t.Value))));
        _whys = english is null ? null : new WhyTable(Whys(tag).Append(KeyValuePair.Create("finding", Answers(tag).Where(s => s.Key.EndsWith('.')).ToDictionary())));
    }

    public static Language English { get; } = new("en", null);

    public static IReadOnlyList<Language> All { get; } = [English, new("fr", English)];

    /// <summary>As in <c>Content-Language</c>.</summary>
    public string Tag { get; }

    /// <summary>Keys of all texts: every language has the same.</summary>
    internal IEnumerable<string> Keys => [.. _titles.Keys.Select(k => "titles." + k), .. _remedies.Keys.Select(k => "remedies." + k), .. _texts.Keys.Select(k => "texts." + k)];

    /// <summary>The best that the caller reads and we write; English when there is none.</summary>
    public static Language Of(HttpContext context)
    {
        // RFC 9110 §12.5.4: by weight; a region is read as its language.
        var wanted = context.Request.GetTypedHeaders().AcceptLanguage.Where(l => l.Quality != 0).OrderByDescending(l => l.Quality ?? 1);
        return wanted
            .Select(l => All.FirstOrDefault(a => l.Value.Equals(a.Tag, StringComparison.OrdinalIgnoreCase) || l.Value.StartsWith(a.Tag + "-", StringComparison.OrdinalIgnoreCase)))
            .FirstOrDefault(l => l is not null) ?? English;
    }

    public string Title(int status) => _titles.GetValueOrDefault(Key(status)) ?? _titles["400"];

    public string? Remedy(int status) => _remedies.GetValueOrDefault(Key(status));

    public string Text(string key, params ReadOnlySpan<object?> values) => string.Format(CultureInfo.InvariantCulture, _texts[key], values);

    /// <summary>A detail that was said in English, in this language.</summary>
    public string Detail(string english) => _details?.Of(english) ?? english;

    /// <summary>What was compared and what follows from it, of rules, conditions, findings and thresholds.</summary>
    public string Why(string english) => _whys?.Of("outcome", english) ?? english;

    /// <summary>A step of a timeline.</summary>
    public string Step(string english) => _whys?.Of("event", english) ?? english;

    /// <summary>Why a message is in quarantine.</summary>
    public string Kept(string english) => _whys?.Of("kept", english) ?? english;

    /// <summary>English sentence → the same in that language.</summary>
    internal static Dictionary<string, string> Details(string tag) => Read<string>($"details.{tag}");

    /// <summary>The same of what is said in answers: findings, contradictions, comments of profiles' rules.</summary>
    internal static Dictionary<string, string> Answers(string tag) => Read<string>($"said.{tag}");

    /// <summary>The phrases of sentences that are put together, by kind: see <see cref="WhyTable"/>.</summary>
    internal static Dictionary<string, Dictionary<string, string>> Whys(string tag) => Read<Dictionary<string, string>>($"why.{tag}");

    private static Dictionary<string, T> Read<T>(string name)
    {
        using var stream = typeof(Language).Assembly.GetManifestResourceStream($"languages/{name}.json")!;
        return JsonSerializer.Deserialize<Dictionary<string, T>>(stream)!;
    }

    private static string Key(int status) => status.ToString(CultureInfo.InvariantCulture);
}
