using SecuEdge.Appliance.Directories.Ldap;

namespace SecuEdge.Appliance.Tests.Directories;

public sealed class LdapFilterTests
{
    [Theory]
    [InlineData("(cn=a)", "A307" + "0402636E" + "040161")]
    [InlineData("(mail=*)", "8704" + "6D61696C")]
    [InlineData("(&(a=1)(b=*))", "A00B" + "A306040161040131" + "870162")]
    [InlineData("(|(a=1)(!(b=2)))", "A112" + "A306040161040131" + "A208A306040162040132")]
    [InlineData("(a>=1)", "A506040161040131")]
    [InlineData("(a<=1)", "A606040161040131")]
    [InlineData("(a~=1)", "A806040161040131")]
    [InlineData("(a=x*y*z)", "A40E" + "040161" + "3009" + "800178" + "810179" + "82017A")]
    [InlineData("(a=*y)", "A408" + "040161" + "3003" + "820179")]
    [InlineData("(a=\\2a\\28)", "A30704016104022A28")]
    [InlineData("(a=é)", "A3070401610402C3A9")]
    [InlineData("(m:1.2:=x)", "A90B" + "8103312E32" + "82016D" + "830178")]
    [InlineData("(m:dn:=x)", "A909" + "82016D" + "830178" + "8401FF")]
    public void Filters_are_encoded_as_the_standard_says(string text, string expected)
    {
        var (filter, trouble) = LdapFilter.Parse(text);
        Assert.Equal("", trouble);
        Assert.Equal(expected, Convert.ToHexString(filter!.Encoded));
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("cn=a", "character 1: expected (")]
    [InlineData("(cn=a", "character 6: expected )")]
    [InlineData("(cn=a))", "character 7: something follows")]
    [InlineData("(cn)", "expected = after the name")]
    [InlineData("(=a)", "'' is not the name")]
    [InlineData("(c n=a)", "'c n' is not the name")]
    [InlineData("(&)", "character 3: expected (")]
    [InlineData("(!(a=1)(b=2))", "expected )")]
    [InlineData("(a=\\2)", "two hexadecimal digits")]
    [InlineData("(a=\\zz)", "two hexadecimal digits")]
    [InlineData("(a=b**c)", "two * without anything")]
    [InlineData("(a>=*)", "* is not allowed here")]
    [InlineData("(:=x)", "no attribute with a matching rule")]
    [InlineData("((a=1))", "expected = after the name")]
    [InlineData("(", "character 2: the filter ends here")]
    public void What_is_wrong_is_said_with_its_place(string text, string expected)
    {
        var (filter, trouble) = LdapFilter.Parse(text);
        Assert.Null(filter);
        Assert.Contains(expected, trouble, StringComparison.Ordinal);
    }

    [Fact]
    public void Brackets_inside_each_other_end_somewhere()
    {
        Assert.Contains("more than 32", LdapFilter.Parse(string.Concat(Enumerable.Repeat("(!", 100)) + "(a=1)" + new string(')', 100)).Trouble, StringComparison.Ordinal);
    }

    [Fact]
    public void Random_text_is_a_filter_or_a_sentence()
    {
        var random = new Random(4711);
        const string Characters = "(((())))&|!=<>~:*\\a1dn";
        for (var i = 0; i < 20_000; i++)
        {
            var text = new string([.. Enumerable.Range(0, random.Next(1, 20)).Select(_ => Characters[random.Next(Characters.Length)])]);
            var (filter, trouble) = LdapFilter.Parse(text);
            Assert.Equal(filter is null, trouble.Length > 0);
        }
    }
}
