using SecuEdge.Appliance.Import;

namespace SecuEdge.Appliance.Tests.Import;

public sealed class GlobsTests
{
    [Theory]
    [InlineData(@".*\.exe", "*.exe")]
    [InlineData(@"^.*\.exe$", "*.exe")]
    [InlineData(@".*\.(vbs|pif|lnk)", "*.vbs *.pif *.lnk")]
    [InlineData(@"image/.*", "image/*")]
    [InlineData(@"application/vnd\.ms-excel", "application/vnd.ms-excel")]
    [InlineData(@"(?:a|b)c?", "ac a bc b")]
    [InlineData(@"re.ort", "re?ort")]
    [InlineData(@"a.+", "a?*")]
    public void What_a_pattern_can_say_becomes_one(string expression, string patterns) =>
        Assert.Equal(patterns.Split(' '), Globs.FromRegex(expression));

    [Theory]
    [InlineData(@"[a-z]+\.exe")]
    [InlineData(@"\d+")]
    [InlineData(@"a*b")]
    [InlineData(@"x{2}")]
    [InlineData(@"(unclosed")]
    [InlineData(@"closed)")]
    [InlineData(@"a^b")]
    [InlineData(@"(?=x)y")]
    [InlineData(@"(a|b|c|d|e|f)(a|b|c|d|e|f)(a|b|c|d|e|f)(a|b|c|d|e|f)")]
    [InlineData(@"\*")]
    public void What_it_cannot_say_exactly_is_not_guessed(string expression) => Assert.Null(Globs.FromRegex(expression));
}
