using System.Net;
using System.Text.RegularExpressions;
using SecuEdge.Filter.Policy.Lexical;

namespace SecuEdge.Filter.Policy.Rules.Matching;

/// <summary>One line per condition: what must be true of it, its key, its matcher.</summary>
internal sealed class LeafCompiler(RuleScope scope, MatcherPool pool, List<string> errors)
{
    private int _before;

    public Matcher? Compile(Condition condition, string place)
    {
        _before = errors.Count;
        return condition switch
        {
            SenderCondition c => People(c, c.Addresses, c.Groups, place, (p, g) => new SenderMatcher(p, g, c.In)),
            RecipientCondition c => People(c, c.Addresses, c.Groups, place, (p, g) => new RecipientMatcher(p, g)),
            TimeCondition c => Check(CheckTime, c, place) ? Leaf(c, () => new TimeMatcher(c)) : null,
            SizeCondition c => CheckRange(c.AtLeast, c.AtMost, place) ? Leaf(c, () => new RangeMatcher(Measure.Size, c.AtLeast, c.AtMost)) : null,
            AttachmentCountCondition c => CheckRange(c.AtLeast, c.AtMost, place) ? Leaf(c, () => new AttachmentCountMatcher(c.AtLeast, c.AtMost)) : null,
            AttachmentCondition c => Check(CheckAttachment, c, place) ? Leaf(c, () => new AttachmentMatcher(c)) : null,
            EncryptedCondition c => Leaf(c, () => new EncryptedMatcher(c.Kinds)),
            HeaderCondition c => Check(CheckHeader, c, place) ? Leaf(c, () => new HeaderMatcher(c)) : null,
            WordsCondition c => Words(c, place),
            PatternCondition c => Check(CheckPattern, c, place) ? Leaf(c, () => new TextConditionMatcher(TextMatchers.Pattern(c.Pattern, c.IgnoreCase, c.In), c.In)) : null,
            LanguageCondition c => CheckEach(c.AnyOf, place + ".anyOf", l => l.Length is 2 or 3 && l.All(char.IsAsciiLetter), "is no language; write its ISO 639-1 code, such as fr") ? Leaf(c, () => new LanguageMatcher(c.AnyOf)) : null,
            ClassCondition c => Leaf(c, () => new ClassMatcher(c.AnyOf)),
            ScoreCondition c => CheckRange(c.AtLeast, c.AtMost, place) ? Leaf(c, () => new RangeMatcher(Measure.Score, c.AtLeast, c.AtMost)) : null,
            FindingCondition c => CheckEach(c.AnyOf, place + ".anyOf", IsCode, "is no code of a finding; the list is at /api/v1/system/findings, and * may stand at the end") ? Leaf(c, () => new FindingMatcher(c.AnyOf)) : null,
            EngineCondition c => CheckEach(c.AnyOf, place + ".anyOf", e => e.Length > 0, "is no engine; the names are at /api/v1/engines") ? Leaf(c, () => new EngineMatcher(c.AnyOf, c.Signature)) : null,
            AuthenticationCondition c => CheckEach(c.AnyOf, place + ".anyOf", r => r.Length > 0 && r.All(char.IsAsciiLetter), "is no result; write one as mail servers do, such as pass or fail") ? Leaf(c, () => new AuthenticationMatcher(c.Method, c.AnyOf)) : null,
            CampaignCondition c => Leaf(c, () => new CampaignMatcher(c.Name)),
            FirstContactCondition c => Leaf(c, () => new FirstContactMatcher()),
            OriginCondition c => Origin(c, place),
            _ => throw new InvalidOperationException($"no matcher for {condition.GetType().Name}"),
        };
    }

    private Matcher Leaf(Condition condition, Func<Matcher> make) => pool.Intern(MatcherPool.KeyOf(condition), make);

    private bool Check<T>(Action<T, string> check, T condition, string place)
    {
        check(condition, place);
        return errors.Count == _before;
    }

    private Matcher? People(Condition condition, IReadOnlyList<string> addresses, IReadOnlyList<string> groups, string place, Func<AddressLists, DirectoryGroups, Matcher> make)
    {
        if (addresses.Count + groups.Count == 0)
        {
            errors.Add($"{place}: asks nothing; name addresses or groups");
        }

        CheckPatterns(addresses, place + ".addresses");
        List<AddressPatterns> members = [];
        List<string> ofDirectories = [];
        var key = "";
        for (var i = 0; i < groups.Count; i++)
        {
            if (scope.FindGroup(groups[i]) is { } found)
            {
                members.Add(AddressPatterns.Of(found.Group));
                key += " " + found.Digest;
            }
            else if (scope.FindDirectoryGroup(groups[i]) is { } group)
            {
                ofDirectories.Add(group);
                key += " of directory " + group;
            }
            else if (groups[i].Contains('/', StringComparison.Ordinal))
            {
                errors.Add($"{place}.groups[{i}]: there is no directory '{groups[i].Split('/')[0]}' here or above; write directory/group, {scope.Known(l => l.Directories)}");
            }
            else
            {
                errors.Add($"{place}.groups[{i}]: there is no group '{groups[i]}' here or above; {scope.Known(l => l.Groups.Select(g => g.Name))}; one of a directory is written directory/group");
            }
        }

        return errors.Count > _before ? null : pool.Intern(MatcherPool.KeyOf(condition) + key, () => make(new AddressLists(addresses, members), new DirectoryGroups(ofDirectories)));
    }

    public void CheckPatterns(IReadOnlyList<string> patterns, string place)
    {
        for (var i = 0; i < patterns.Count; i++)
        {
            if (AddressPatterns.Problem(patterns[i]) is { } problem)
            {
                errors.Add($"{place}[{i}]: {problem}");
            }
        }
    }

    private void CheckTime(TimeCondition time, string place)
    {
        if (time.Weekdays.Count == 0 && time is { From: null, To: null, Holidays: HolidayUse.Ignore or HolidayUse.Also })
        {
            errors.Add($"{place}: asks nothing; name weekdays, hours or holidays");
        }
        else if (time.To is { } to && to == (time.From ?? TimeOnly.MinValue))
        {
            errors.Add($"{place}.to: '{to:HH:mm}' is where it begins, so it never holds; leave it out for the whole day");
        }
    }

    private bool CheckRange(double? atLeast, double? atMost, string place)
    {
        if (atLeast is null && atMost is null)
        {
            errors.Add($"{place}: asks nothing; give atLeast, atMost or both");
        }
        else if (atLeast is { } low && !double.IsFinite(low) || atMost is { } high && !double.IsFinite(high))
        {
            errors.Add($"{place}: is no figure; write a plain number");
        }
        else if (atLeast > atMost)
        {
            errors.Add($"{place}.atMost: {Figures.Plain(atMost.Value)} is below atLeast {Figures.Plain(atLeast.Value)}, so it never holds; exchange them");
        }

        return errors.Count == _before;
    }

    private void CheckAttachment(AttachmentCondition file, string place)
    {
        CheckEach(file.Types, place + ".types", t => t.IndexOf('/', StringComparison.Ordinal) > 0 && !t.AsSpan(0, t.Length - 1).Contains('*'), "is no media type; write it as application/pdf or audio/*");
        CheckEach(file.Extensions, place + ".extensions", e => e.TrimStart('.').Length > 0 && e.IndexOfAny(['*', '?', '/']) < 0, "is no extension; write it as docm, and patterns under names");
        CheckEach(file.Names, place + ".names", n => n.Length is > 0 and <= 255, "is no name pattern; write it as invoice*.zip");
        CheckEach(file.Hashes, place + ".hashes", h => h.Length == 64 && h.All(char.IsAsciiHexDigit), "is no SHA-256; write its 64 hexadecimal digits");
    }

    private void CheckHeader(HeaderCondition header, string place)
    {
        if (header.Name.Length == 0 || header.Name.Any(c => c is <= ' ' or > '~' or ':'))
        {
            errors.Add($"{place}.name: '{header.Name}' is no header field; write it without colon, such as List-Id");
        }

        if (header.Contains is "" || header.EqualTo is "")
        {
            errors.Add($"{place}: compares with an empty text; leave it out to ask whether the field is there");
        }

        if (header.Matches is { } pattern)
        {
            CheckExpression(() => _ = new HeaderMatcher(header), pattern, place + ".matches");
        }
    }

    private void CheckPattern(PatternCondition pattern, string place) =>
        CheckExpression(() => _ = TextMatchers.Pattern(pattern.Pattern, pattern.IgnoreCase, pattern.In), pattern.Pattern, place + ".pattern");

    private void CheckExpression(Action compile, string pattern, string place)
    {
        try
        {
            if (pattern.Length == 0)
            {
                errors.Add($"{place}: is empty and would match everything; write what to look for");
                return;
            }

            compile();
        }
        catch (RegexParseException e)
        {
            errors.Add($"{place}: '{pattern}' is no regular expression at character {e.Offset} ({e.Error}); put a backslash before characters meant as such");
        }
        catch (NotSupportedException)
        {
            errors.Add($"{place}: '{pattern}' is too large, or looks around or back, which can take unbounded time; write it without (?=, (?!, (?<= and \\1");
        }
        catch (ArgumentException e)
        {
            errors.Add($"{place}: {e.Message}");
        }
    }

    private Matcher? Words(WordsCondition words, string place)
    {
        if (scope.FindList(words.List) is not { } found)
        {
            var brought = string.Join(", ", StarterLists.All.Select(l => l.Name));
            errors.Add($"{place}.list: there is no word list '{words.List}' here or above; {scope.Known(l => l.WordLists.Select(w => w.Name))}; {brought} come with the product");
            return null;
        }

        try
        {
            return pool.Intern(
                $"{MatcherPool.KeyOf(words)} {found.Digest}",
                () => new TextConditionMatcher(TextMatchers.Words(found.List, words.AtLeast, words.In), words.In));
        }
        catch (ArgumentException e)
        {
            errors.Add($"{place}.list: word list '{words.List}' cannot be used: {e.Message}");
            return null;
        }
    }

    private Matcher? Origin(OriginCondition origin, string place)
    {
        if (origin.Networks.Count + origin.Countries.Count + origin.AutonomousSystems.Count == 0)
        {
            errors.Add($"{place}: asks nothing; name networks, countries or autonomous systems");
        }

        List<IPNetwork> networks = [];
        CheckEach(origin.Networks, place + ".networks", n => Parse(n, networks), "is no address or network; write 192.0.2.7 or, from its first address, 192.0.2.0/24");
        CheckEach(origin.Countries, place + ".countries", c => c.Length == 2 && c.All(char.IsAsciiLetter), "is no country; write its ISO 3166-1 code, such as FR");
        CheckEach(origin.AutonomousSystems, place + ".autonomousSystems", s => s > 0, "is no number of an autonomous system");
        return errors.Count > _before ? null : Leaf(origin, () => new OriginMatcher(networks, origin.Countries, origin.AutonomousSystems));
    }

    private static bool Parse(string text, List<IPNetwork> networks)
    {
        if (IPAddress.TryParse(text, out var address))
        {
            networks.Add(new IPNetwork(address, address.GetAddressBytes().Length * 8));
            return true;
        }

        if (IPNetwork.TryParse(text, out var network))
        {
            networks.Add(network);
            return true;
        }

        return false;
    }

    private bool CheckEach<T>(IReadOnlyList<T> values, string place, Predicate<T> isRight, string remedy)
    {
        for (var i = 0; i < values.Count; i++)
        {
            if (!isRight(values[i]))
            {
                errors.Add($"{place}[{i}]: '{values[i]}' {remedy}");
            }
        }

        return errors.Count == _before;
    }

    private static bool IsCode(string code) => code.TrimEnd('*').Length >= code.Length - 1 && code.Length > 0 && code.TrimEnd('*').All(c => char.IsAsciiLetterOrDigit(c) || c == '_');
}
