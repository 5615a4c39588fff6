using SecuEdge.Appliance.Usage;

namespace SecuEdge.Appliance.Tests.Usage;

public sealed class UsageCsvTests
{
    [Theory]
    [InlineData("acme", "acme")]
    [InlineData("", "")]
    [InlineData("Müller & Söhne", "Müller & Söhne")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("say \"hi\"", "\"say \"\"hi\"\"\"")]
    [InlineData("two\nlines", "\"two\nlines\"")]
    [InlineData("=1+1", "\"'=1+1\"")]
    [InlineData("+cmd|' /C calc'!A0", "\"'+cmd|' /C calc'!A0\"")]
    [InlineData("-2", "\"'-2\"")]
    [InlineData("@SUM(A1)", "\"'@SUM(A1)\"")]
    [InlineData("\t=1", "\"'\t=1\"")]
    [InlineData("\r=1", "\"'\r=1\"")]
    [InlineData("＝1", "\"'＝1\"")]
    [InlineData("=HYPERLINK(\"http://x\",\"y\")", "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"")]
    public void Names_never_become_formulas(string name, string cell) => Assert.Equal(cell, UsageCsv.Cell(name));

    [Fact]
    public void Every_line_has_as_many_cells_as_the_head()
    {
        var report = new UsageReport
        {
            Month = "2026-11",
            Tenant = "acme",
            DisplayName = "Acme",
            Reseller = "north",
            Inbound = new UsageTraffic { Messages = 3, Bytes = 4096 },
            Outbound = new UsageTraffic(),
        };
        var lines = UsageCsv.Write([report]).Split("\r\n");
        Assert.Equal(lines[0].Split(',').Length, lines[1].Split(',').Length);
        Assert.StartsWith("2026-11,north,acme,Acme,0,0,0,0,false,,3,4096,", lines[1], StringComparison.Ordinal);
    }
}
