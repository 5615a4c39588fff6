using System.Diagnostics;
using SecuEdge.Filter.Policy.Lexical;
using SecuEdge.Filter.Policy.Rules;

namespace SecuEdge.Filter.Tests.Policy.Lexical;

public sealed class PatternTests
{
    /// <summary>Pattern, ignoring case, text, found.</summary>
    public static TheoryData<string, bool, string, bool> Patterns => new()
    {
        { @"\bFR\d{2}(\s?\d{4}){5}", true, "IBAN fr76 3000 6000 0112 3456 7890 189", true },
        { @"\bFR\d{2}(\s?\d{4}){5}", false, "IBAN fr76 3000 6000 0112 3456 7890 189", false },
        { "^projet [a-z]+$", true, "Projet Apollo", true },
        { "secret", true, "no such thing", false },
        { "été", true, "ete", false },
        { "secret", true, "se\u200Bcr\u3164e\U000E0020t", true },
        { "e\u200Bc", true, "se\u200Bcret", true },
    };

    [Theory]
    [MemberData(nameof(Patterns))]
    public void A_pattern_is_asked_of_the_text_as_it_is(string pattern, bool ignoreCase, string text, bool found)
    {
        var matcher = TextMatchers.Pattern(pattern, ignoreCase, [TextPlace.Body]);
        Assert.Equal(found ? Truth.Yes : Truth.No, matcher.Matches(new MessageText("", text, []), out var why));
        Assert.StartsWith($"The pattern {pattern} finds {(found ? "'" : "nothing")}", why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a(b", "is wrong at character 3: ")]
    [InlineData("[z-a]", "is wrong at character 4: ")]
    [InlineData("a**", "is wrong at character 3: ")]
    [InlineData(@"(a)\1", "uses look-around, a back-reference")]
    [InlineData("(?<=x)y", "uses look-around, a back-reference")]
    [InlineData("((a{1000}){1000}){1000}", "uses look-around, a back-reference or very large repetitions")]
    public void A_wrong_pattern_is_refused_with_its_position(string pattern, string why)
    {
        var wrong = Assert.Throws<ArgumentException>(() => TextMatchers.Pattern(pattern, true, []));
        Assert.StartsWith(why, wrong.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("(a+)+$")]
    [InlineData("(a|aa)+$")]
    [InlineData("(.*a){20}$")]
    [InlineData("(x+x+)+y")]
    public void Text_made_to_be_slow_does_not_hold_us(string pattern)
    {
        var matcher = TextMatchers.Pattern(pattern, true, []);
        var started = Stopwatch.GetTimestamp();
        matcher.Matches(new MessageText("", new string('a', 500_000) + "!" + new string('x', 500_000), []), out _);
        // The limit is a second a place; a machine with nine other things to do gets ten.
        Assert.InRange(Stopwatch.GetElapsedTime(started).TotalSeconds, 0, 10);
    }
}
