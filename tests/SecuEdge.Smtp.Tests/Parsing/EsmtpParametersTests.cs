using SecuEdge.Smtp.Parsing;

namespace SecuEdge.Smtp.Tests.Parsing;

public sealed class EsmtpParametersTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("  ", "")]
    [InlineData(" SIZE=10", "SIZE=10")]
    [InlineData(" size=10  Body=8bitMIME SMTPUTF8 ", "SIZE=10 BODY=8bitMIME SMTPUTF8")]
    [InlineData(" X-1=<a@b>", "X-1=<a@b>")]
    [InlineData(" AUTH=é", "AUTH=é")]
    public void Valid_parameters_are_read(string text, string expected)
    {
        Assert.True(EsmtpParameters.TryParse(text, out var parameters));
        Assert.Equal(expected, string.Join(' ', parameters.Select(p => p.Value is null ? p.Keyword : $"{p.Keyword}={p.Value}")));
    }

    [Theory]
    [InlineData(" =")]
    [InlineData(" SIZE=")]
    [InlineData(" SIZE=1=2")]
    [InlineData(" =10")]
    [InlineData(" -SIZE=10")]
    [InlineData(" SI_ZE=10")]
    [InlineData(" SIZE=10 size=11")]
    [InlineData(" <a@b>")]
    [InlineData(" É=1")]
    public void Invalid_parameters_are_refused(string text) => Assert.False(EsmtpParameters.TryParse(text, out _));
}
