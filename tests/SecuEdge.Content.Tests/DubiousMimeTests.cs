namespace SecuEdge.Content.Tests;

public sealed class DubiousMimeTests
{
    public static TheoryData<string> Names => [.. DubiousMime.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void What_any_reader_could_find_is_a_part(string name)
    {
        using var anatomy = Samples.Examine(DubiousMime.All[name]);
        Assert.True(anatomy.AllParts().Any(Samples.HasEicar), Samples.Describe(anatomy));
    }

    [Fact]
    public void A_part_seen_twice_is_listed_once()
    {
        using var anatomy = Samples.Examine(DubiousMime.All["two encodings, base64 last"]);
        Assert.True(anatomy.AllParts().GroupBy(part => part.Sha256).All(same => same.Key.Length == 0 || same.Count() == 1), Samples.Describe(anatomy));
    }
}
