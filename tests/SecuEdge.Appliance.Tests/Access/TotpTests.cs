using System.Text;
using SecuEdge.Appliance.Access;

namespace SecuEdge.Appliance.Tests.Access;

public sealed class TotpTests
{
    // RFC 6238 Appendix B, SHA-1; the last six of the eight digits.
    private static readonly string Secret = Base32.Encode(Encoding.ASCII.GetBytes("12345678901234567890"));

    [Theory]
    [InlineData(59, "287082")]
    [InlineData(1111111109, "081804")]
    [InlineData(1111111111, "050471")]
    [InlineData(1234567890, "005924")]
    [InlineData(2000000000, "279037")]
    [InlineData(20000000000, "353130")]
    public void Codes_are_those_of_the_RFC(long seconds, string code) =>
        Assert.Equal(code, Totp.Code(Secret, DateTimeOffset.FromUnixTimeSeconds(seconds)));

    [Theory]
    [InlineData(-60, false)]
    [InlineData(-30, true)]
    [InlineData(0, true)]
    [InlineData(30, true)]
    [InlineData(60, false)]
    public void One_step_before_and_after_is_accepted(int secondsOff, bool isAccepted)
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(1111111111);
        Assert.Equal(isAccepted, Totp.Verify(Secret, Totp.Code(Secret, now.AddSeconds(secondsOff)), 0, now) is not null);
    }

    [Fact]
    public void A_step_that_was_used_is_spent_with_all_before_it()
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(1111111111);
        var step = Totp.Verify(Secret, Totp.Code(Secret, now), 0, now);
        Assert.Equal(1111111111 / 30, step);
        Assert.Null(Totp.Verify(Secret, Totp.Code(Secret, now), step!.Value, now));
        Assert.Null(Totp.Verify(Secret, Totp.Code(Secret, now.AddSeconds(-30)), step.Value, now));
        Assert.NotNull(Totp.Verify(Secret, Totp.Code(Secret, now.AddSeconds(30)), step.Value, now));
    }

    [Theory]
    [InlineData("")]
    [InlineData("05047")]
    [InlineData("0504711")]
    [InlineData("05047a")]
    [InlineData("٠٥٠٤٧١")]
    [InlineData(" 50471")]
    public void What_is_no_code_is_refused(string code) => Assert.Null(Totp.Verify(Secret, code, 0, DateTimeOffset.FromUnixTimeSeconds(1111111111)));

    [Theory]
    [InlineData("", "")]
    [InlineData("f", "MY")]
    [InlineData("fo", "MZXQ")]
    [InlineData("foo", "MZXW6")]
    [InlineData("foob", "MZXW6YQ")]
    [InlineData("fooba", "MZXW6YTB")]
    [InlineData("foobar", "MZXW6YTBOI")]
    public void Base_32_is_that_of_the_RFC(string text, string encoded)
    {
        Assert.Equal(encoded, Base32.Encode(Encoding.ASCII.GetBytes(text)));
        Assert.Equal(text, Encoding.ASCII.GetString(Base32.Decode(encoded)));
    }

    [Fact]
    public void The_address_names_issuer_account_and_secret() =>
        Assert.Equal("otpauth://totp/SecuEdge:anna%40acme.example?secret=MZXQ&issuer=SecuEdge", Totp.Address("MZXQ", "SecuEdge", "anna@acme.example").AbsoluteUri);

    [Fact]
    public void Recovery_codes_are_ten_different_ones_and_read_however_they_are_typed()
    {
        var codes = Secrets.NewRecoveryCodes();
        Assert.Equal(10, codes.Distinct().Count());
        Assert.All(codes, c => Assert.Matches("^[A-Z2-7]{4}(-[A-Z2-7]{4}){3}$", c));
        Assert.Equal(Secrets.HashRecoveryCode(codes[0]), Secrets.HashRecoveryCode(codes[0].Replace("-", " ", StringComparison.Ordinal).ToLowerInvariant()));
    }
}
