using SecuEdge.Appliance.Directories.Ldap;

namespace SecuEdge.Appliance.Tests.Directories;

public sealed class LdapMessagesTests
{
    private const string Entry = "3023020102641E0404636E3D61301630140404 6D61696C310C 040161 0407612E622E632E64";
    private const string Done = "300C0201026507" + "0A0100" + "0400" + "0400";

    [Fact]
    public void A_login_is_encoded_as_the_standard_says() =>
        Assert.Equal("300F020101600A0201030403636E61" + "8000", Convert.ToHexString(LdapMessages.Bind(1, "cna", "")));

    [Fact]
    public void An_entry_has_its_name_and_all_values()
    {
        var entry = LdapMessages.Read(Bytes(Entry))!.Entry!;
        Assert.Equal("cn=a", entry.Name);
        Assert.Equal(["a", "a.b.c.d"], entry.Values("MAIL"));
        Assert.Empty(entry.Values("cn"));
    }

    [Theory]
    [InlineData(Done, 0, "")]
    [InlineData("3014020102650F0A01200406" + "64633D636F6D" + "04026E6F", 32, "dc=com")]
    [InlineData("308400000010" + "020102" + "658400000007" + "0A010004000400", 0, "")]
    public void A_result_has_its_code_and_what_matched(string hex, int code, string matched)
    {
        var result = LdapMessages.Read(Bytes(hex))?.Result;
        Assert.Equal((code, matched), (result?.Code, result?.MatchedName));
    }

    [Theory]
    [InlineData("")]
    [InlineData("30")]
    [InlineData("3000")]
    [InlineData("3003020102")]
    [InlineData("300C02010265070A0100040004")]
    [InlineData("300502010230" + "00")]
    [InlineData("0400")]
    public void What_is_no_message_is_none(string hex) => Assert.Null(LdapMessages.Read(Bytes(hex)));

    [Fact]
    public void Broken_messages_never_throw()
    {
        var random = new Random(4711);
        byte[][] samples = [Bytes(Entry), Bytes(Done)];
        for (var i = 0; i < 50_000; i++)
        {
            var bytes = (byte[])samples[i % samples.Length].Clone();
            for (var changes = random.Next(1, 4); changes > 0; changes--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            LdapMessages.Read(bytes.AsMemory(0, random.Next(bytes.Length + 1)));
        }
    }

    [Theory]
    [InlineData("80090308: LdapErr: DSID-0C09, comment: AcceptSecurityContext error, data 52e, v4563", "the password is wrong")]
    [InlineData("data 775, v1", "locked")]
    [InlineData("", "one of them is wrong")]
    public void A_refused_login_says_what_the_server_knows(string diagnostic, string expected) =>
        Assert.Contains(expected, LdapTrouble.Of(new LdapResult(49, "", diagnostic, [], []), "the login").Text, StringComparison.Ordinal);

    private static byte[] Bytes(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
}
