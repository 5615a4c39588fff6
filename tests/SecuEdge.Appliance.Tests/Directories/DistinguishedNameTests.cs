using SecuEdge.Appliance.Directories;

namespace SecuEdge.Appliance.Tests.Directories;

public sealed class DistinguishedNameTests
{
    [Theory]
    [InlineData("CN=Eva,DC=Corp", "cn=eva,dc=corp")]
    [InlineData("cn = eva , dc = corp", "cn=eva,dc=corp")]
    [InlineData("cn=Eva\\, Dr.,dc=corp", "cn=eva\\, dr.,dc=corp")]
    [InlineData("cn=Eva\\2C Dr.,dc=corp", "cn=eva\\, dr.,dc=corp")]
    [InlineData("cn=J\\C3\\BCrgen,dc=corp", "cn=jürgen,dc=corp")]
    [InlineData("cn=Jürgen;dc=corp", "cn=jürgen,dc=corp")]
    [InlineData("cn=a\\", "cn=a\\")]
    [InlineData("", "")]
    public void One_name_has_one_form(string written, string expected) => Assert.Equal(expected, DistinguishedName.Normalize(written));
}
