namespace SecuEdge.Content.Tests;

/// <summary>A file behind a thousand others is found, or it is said that the search ended before it.</summary>
public sealed class CutTests
{
    /// <summary>A part of its own at a boundary that no header names.</summary>
    private static readonly string Unclaimed =
        "--other\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n" + Samples.EicarBase64 + "\r\n--other--\r\n";

    [Theory]
    [InlineData(250, false)]
    [InlineData(3_000, true)]
    public void A_file_behind_junk_blocks_is_found_or_the_search_is_said_to_be_cut(int junk, bool isCut)
    {
        // All the same, so that they are one part and no limit of parts is reached.
        var text = string.Concat(Enumerable.Repeat("begin 644 junk\r\n#86%A\r\nend\r\n", junk)) + "\r\n" + Samples.EicarBase64 + "\r\n";
        using var anatomy = Samples.Examine(Samples.WithBody("Content-Type: text/plain", text));
        var body = anatomy.AllParts().First(part => part.Kind == PartKind.Body);
        Assert.Equal(isCut, body.Flags.HasFlag(AnatomyFlags.OverBudget));
        Assert.Equal(isCut, anatomy.Troubles.Any(trouble => trouble.Contains("files written into one text", StringComparison.Ordinal)));
        Assert.True(isCut || anatomy.AllParts().Any(Samples.HasEicar), Samples.Describe(anatomy));
    }

    [Fact]
    public void Ordinary_parts_do_not_hide_one_at_another_boundary()
    {
        using var anatomy = Samples.Examine(Mixed(string.Concat(Enumerable.Repeat("--b\r\nContent-Type: text/plain\r\n\r\nx\r\n", 600)), "--b--\r\n" + Unclaimed));
        Assert.Contains(anatomy.AllParts(), Samples.HasEicar);
        Assert.False(anatomy.Flags.HasFlag(AnatomyFlags.OverBudget), Samples.Describe(anatomy));
    }

    [Fact]
    public void Too_many_parts_out_of_place_are_over_budget()
    {
        var junk = string.Concat(Enumerable.Repeat("--junk\r\nContent-Type: text/plain\r\n\r\nx\r\n", 600));
        using var anatomy = Samples.Examine(Mixed("--b\r\n\r\nx\r\n", "--b--\r\n" + junk + Unclaimed));
        Assert.True(anatomy.Root.Flags.HasFlag(AnatomyFlags.OverBudget), Samples.Describe(anatomy));
        Assert.Contains(anatomy.Troubles, trouble => trouble.Contains("out of place", StringComparison.Ordinal));
    }

    [Fact]
    public void A_part_out_of_place_with_too_many_headers_is_over_budget()
    {
        var headers = string.Concat(Enumerable.Repeat("X-A: b\r\n", 2_000));
        using var anatomy = Samples.Examine(Mixed("--b\r\n\r\nx\r\n", "--b--\r\n--other\r\nContent-Type: text/plain\r\n" + headers + "\r\nx\r\n"));
        Assert.True(anatomy.Root.Flags.HasFlag(AnatomyFlags.OverBudget), Samples.Describe(anatomy));
    }

    private static byte[] Mixed(string parts, string behind) => Samples.WithBody("Content-Type: multipart/mixed; boundary=b", parts + behind);
}
