using SecuEdge.Smtp.Parsing;

namespace SecuEdge.Smtp.Tests.Parsing;

public sealed class MailPathParserTests
{
    /// <summary>Path on the wire, local part, domain, and the address written back.</summary>
    public static TheoryData<string, string, string, string> ValidPaths => new()
    {
        { "<>", "", "", "" },
        { "<a@example.net>", "a", "example.net", "a@example.net" },
        { "<A.B+c@EXAMPLE.Net>", "A.B+c", "example.net", "A.B+c@example.net" },
        { "<!#$%&'*+-/=?^_`{|}~@x>", "!#$%&'*+-/=?^_`{|}~", "x", "!#$%&'*+-/=?^_`{|}~@x" },
        { "<Postmaster>", "Postmaster", "", "Postmaster" },
        { "<@x.example,@y.example:a@example.net>", "a", "example.net", "a@example.net" },
        { "<\"a b\"@example.net>", "a b", "example.net", "\"a b\"@example.net" },
        { "<\"a@b\"@example.net>", "a@b", "example.net", "\"a@b\"@example.net" },
        { "<\"a>b\"@example.net>", "a>b", "example.net", "\"a>b\"@example.net" },
        { "<\"a\\\"b\\\\c\"@example.net>", "a\"b\\c", "example.net", "\"a\\\"b\\\\c\"@example.net" },
        { "<\"plain\"@example.net>", "plain", "example.net", "plain@example.net" },
        { "<\"\"@example.net>", "", "example.net", "\"\"@example.net" },
        { "<a..b@example.net>", "a..b", "example.net", "\"a..b\"@example.net" },
        { "<a.@example.net>", "a.", "example.net", "\"a.\"@example.net" },
        { "<a@under_score.example>", "a", "under_score.example", "a@under_score.example" },
        { "<a@[192.0.2.1]>", "a", "[192.0.2.1]", "a@[192.0.2.1]" },
        { "<a@[ipv6:2001:DB8:0::1]>", "a", "[IPv6:2001:db8::1]", "a@[IPv6:2001:db8::1]" },
        { "<usér@exämple.net>", "usér", "exämple.net", "usér@exämple.net" },
        { "<用户@例子.example>", "用户", "例子.example", "用户@例子.example" },
        { "<😀@example.net>", "😀", "example.net", "😀@example.net" },
    };

    public static TheoryData<string> InvalidPaths => new()
    {
        "a@example.net",
        " <a@example.net>",
        "< a@example.net>",
        "<a@example.net >",
        "<a b@example.net>",
        "<@example.net>",
        "<a>",
        "<a@>",
        "<a@@example.net>",
        "<a@b@example.net>",
        "<a@example..net>",
        "<a@.example.net>",
        "<a@example.net.>",
        "<a@-example.net>",
        "<a@example-.net>",
        "<a@exam ple.net>",
        "<a@exam<ple.net>",
        "<a(comment)@example.net>",
        "<a;b@example.net>",
        "<\"a\"b@example.net>",
        "<\"a\\\u0001\"@example.net>",
        "<\"a\rb\"@example.net>",
        "<a\0b@example.net>",
        "<a\u0085b@example.net>",
        "<a\u2028b@example.net>",
        "<a\ud800b@example.net>",
        "<a@[192.0.2.1>",
        "<a@[192.0.2]>",
        "<a@[192.0.2.01]>",
        "<a@[0x7f.0.0.1]>",
        "<a@[2001:db8::1]>",
        "<a@[IPv6:192.0.2.1]>",
        "<a@[IPv6:2001:db8::1%1]>",
        "<a@[X-tag:something]>",
        "<@x.example a@example.net>",
        "<x.example:a@example.net>",
        "<@x.example,:a@example.net>",
    };

    [Theory]
    [MemberData(nameof(ValidPaths))]
    public void A_valid_path_is_read_and_written_back(string wire, string localPart, string domain, string address)
    {
        Assert.True(MailPathParser.TryParsePath(wire + " SIZE=1", out var path, out var length));
        Assert.Equal(new MailPath(localPart, domain), path);
        Assert.Equal(wire.Length, length);
        Assert.Equal(address, path.ToString());
    }

    [Theory]
    [MemberData(nameof(ValidPaths))]
    public void An_address_written_back_is_read_as_the_same_path(string wire, string localPart, string domain, string address)
    {
        Assert.NotEmpty(wire);
        Assert.True(MailPath.TryParse(address, out var path));
        Assert.Equal(new MailPath(localPart, domain), path);
    }

    [Theory]
    [MemberData(nameof(ValidPaths))]
    public void An_incomplete_path_is_refused(string wire, string localPart, string domain, string address)
    {
        Assert.NotNull(localPart + domain + address);
        for (var length = 0; length < wire.Length; length++)
        {
            Assert.False(MailPathParser.TryParsePath(wire.AsSpan(0, length), out _, out _), wire[..length]);
        }
    }

    [Theory]
    [MemberData(nameof(InvalidPaths))]
    public void An_invalid_path_is_refused(string wire)
    {
        Assert.False(MailPathParser.TryParsePath(wire, out var path, out _));
        Assert.True(path.IsNull);
    }

    [Theory]
    [InlineData("a@example.net>")]
    [InlineData("<a@example.net>")]
    [InlineData("a@example.net ")]
    [InlineData("nobody")]
    [InlineData("postmaster>")]
    public void An_address_is_the_whole_text(string text)
    {
        Assert.False(MailPath.TryParse(text, out var path));
        Assert.True(path.IsNull);
    }

    [Fact]
    public void Lengths_are_bounded()
    {
        var label = new string('d', 63);
        var longestDomain = $"{label}.{label}.{label}.{new string('d', 63)}";
        Assert.True(MailPath.TryParse($"{new string('l', 256)}@{longestDomain}", out _));
        Assert.False(MailPath.TryParse($"{new string('l', 257)}@example.net", out _));
        Assert.False(MailPath.TryParse($"a@{label}d.example", out _));
        Assert.False(MailPath.TryParse($"a@{longestDomain}.d", out _));
    }

    [Fact]
    public void Letters_beyond_ASCII_are_not_folded_into_ASCII()
    {
        // U+212A KELVIN SIGN lower-cases to an ASCII k.
        Assert.True(MailPath.TryParse("a@ban\u212A.example", out var path));
        Assert.Equal("ban\u212A.example", path.Domain);
        Assert.True(path.IsInternational);
    }

    [Fact]
    public void A_path_built_by_code_cannot_break_out_of_its_line()
    {
        Assert.Equal("\"a??RSET\"@x", new MailPath("a\r\nRSET", "x").ToString());
    }

    [Fact]
    public void Whatever_is_read_is_written_back_as_the_same_path()
    {
        const string alphabet = "ab.@\"\\<>[]:, 1é\u0080\ud83d\ude00IPv6";
        var random = new Random(5321);
        var read = 0;
        for (var round = 0; round < 200_000; round++)
        {
            var text = new string([.. Enumerable.Range(0, random.Next(12)).Select(_ => alphabet[random.Next(alphabet.Length)])]);
            if (MailPathParser.TryParsePath("<" + text, out var path, out _))
            {
                read++;
                var written = path.ToString();
                Assert.True(MailPathParser.TryParsePath($"<{written}>", out var again, out var length), text);
                Assert.Equal((path, written.Length + 2), (again, length));
            }
        }

        Assert.InRange(read, 100, int.MaxValue);
    }
}
