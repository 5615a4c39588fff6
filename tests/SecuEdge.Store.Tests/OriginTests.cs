using System.IO.Compression;
using System.Net;
using SecuEdge.Filter.Policy.Rules;
using SecuEdge.Store.Origin;
using SecuEdge.TestKit;

namespace SecuEdge.Store.Tests;

public sealed class OriginTests : IDisposable
{
    private const string Table = "# networks\n192.0.2.0\t192.0.2.255\t64500\tFR\tEXAMPLE\n198.51.100.0\t198.51.100.127\t0\tNone\tNot routed\n"
        + "198.51.100.128\t198.51.100.255\t64501\tNone\tX\n203.0.113.0\t203.0.113.255\t0\tde\tY\n2001:db8::\t2001:db8:0:ffff:ffff:ffff:ffff:ffff\t64502\tUS\tZ\n";

    private readonly TempFolder _folder = new(inMemory: true);

    public static TheoryData<string, string?, int?> Addresses => new()
    {
        { "192.0.2.0", "FR", 64500 },
        { "192.0.2.255", "FR", 64500 },
        { "::ffff:192.0.2.7", "FR", 64500 },
        { "198.51.100.200", null, 64501 },
        { "203.0.113.9", "DE", null },
        { "2001:db8::1", "US", 64502 },
    };

    public static TheoryData<string> Unknown => ["192.0.1.255", "192.0.3.0", "198.51.100.5", "10.0.0.1", "0.0.0.0", "255.255.255.255", "2001:db7::", "::", "2001:db8:1::"];

    [Theory]
    [MemberData(nameof(Addresses))]
    public void An_address_is_in_the_network_around_it(string address, string? country, int? system) =>
        Assert.Equal(new NetworkOrigin(country, system), OriginTable.Read([new StringReader(Table)]).Find(IPAddress.Parse(address)));

    [Theory]
    [MemberData(nameof(Unknown))]
    public void Outside_of_the_table_nothing_is_known(string address) =>
        Assert.Null(OriginTable.Read([new StringReader(Table)]).Find(IPAddress.Parse(address)));

    [Theory]
    [InlineData("192.0.2.0 192.0.2.255 64500 FR X")]
    [InlineData("192.0.2.0\t2001:db8::\t64500\tFR\tX")]
    [InlineData("192.0.2.0\t192.0.2.255\t-1\tFR\tX")]
    [InlineData("192.0.2.0\t192.0.2.255\t64500")]
    public void A_wrong_line_is_named(string line) =>
        Assert.StartsWith("line 2 is not", Assert.Throws<FormatException>(() => OriginTable.Read([new StringReader($"#\n{line}\n")])).Message, StringComparison.Ordinal);

    [Fact]
    public void Files_are_read_when_they_change_and_a_wrong_one_leaves_the_old_in_force()
    {
        var tables = new OriginFolder(new StoreOptions { DataFolder = _folder.Path });
        var folder = Path.Combine(_folder.Path, "origin");
        Assert.False(tables.Refresh());
        Assert.Null(tables.Table);

        Directory.CreateDirectory(folder);
        using (var file = new StreamWriter(new GZipStream(File.Create(Path.Combine(folder, "v4.tsv.gz")), CompressionLevel.Fastest)))
        {
            file.Write(Table);
        }

        Assert.True(tables.Refresh());
        Assert.Equal(4, tables.Table!.Count);
        Assert.False(tables.Refresh());

        File.WriteAllText(Path.Combine(folder, "more.tsv"), "nonsense");
        Assert.False(tables.Refresh());
        Assert.Contains("line 1 is not", tables.Trouble, StringComparison.Ordinal);
        Assert.Equal(4, tables.Table!.Count);

        File.Delete(Path.Combine(folder, "more.tsv"));
        Assert.True(tables.Refresh());
        Assert.Equal("", tables.Trouble);
    }

    public void Dispose() => _folder.Dispose();
}
