using SecuEdge.Appliance.Privacy;

namespace SecuEdge.Appliance.Tests.Privacy;

public sealed class PersonMentionTests
{
    private readonly PersonMention _eva = new(["eva@bakery.example"]);

    [Theory]
    [InlineData("eva@bakery.example", true)]
    [InlineData("Told EVA@Bakery.Example.", true)]
    [InlineData("'eva@bakery.example' was set", true)]
    [InlineData("<eva@bakery.example>, tom@bakery.example", true)]
    [InlineData(@"^eva@bakery\.example$", true)]
    [InlineData("https://hook.example/?who=eva@bakery.example&x=1", true)]
    [InlineData("neva@bakery.example", false)]
    [InlineData("x.eva@bakery.example", false)]
    [InlineData("eva@bakery.example.org", false)]
    [InlineData("eva@bakery.examples", false)]
    [InlineData("eva@bakery", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void An_address_is_found_as_a_whole(string? text, bool expected) => Assert.Equal(expected, _eva.In(text));

    [Theory]
    [InlineData("eva@crémerie.example")]
    [InlineData("eva@xn--crmerie-cya.example")]
    public void Both_spellings_of_an_accented_domain_are_one_person(string address)
    {
        var person = new Person("bakery", address);
        Assert.Equal("eva@xn--crmerie-cya.example", person.Address);
        Assert.All((string[])["Eva@crémerie.example", "eva@xn--crmerie-cya.example"], a => Assert.True(person.Mention.Is(a) && person.Mention.In($"Told {a}.")));
        Assert.False(person.Mention.In("eva@crèmerie.example"));
    }

    [Fact]
    public void Only_the_whole_address_is_replaced() =>
        Assert.Equal("neva@bakery.example wrote to X, and X.", _eva.Replace("neva@bakery.example wrote to Eva@bakery.example, and eva@bakery.example.", "X"));
}
