using System.ComponentModel.DataAnnotations;
using SecuEdge.Filter.Scanners;
using SecuEdge.Filter.Scanners.Clamd;

namespace SecuEdge.Filter.Tests.Scanners;

public sealed class ClamdEndpointTests
{
    [Theory]
    [InlineData("unix:/run/clamav/clamd.sock", true)]
    [InlineData("tcp:clamav:3310", false)]
    [InlineData("tcp:127.0.0.1:3310", false)]
    [InlineData("tcp:[::1]:3310", false)]
    public void A_socket_or_host_and_port_is_an_endpoint(string text, bool isUnix)
    {
        Assert.True(ClamdEndpoint.TryParse(text, out var endpoint));
        Assert.Equal(isUnix, endpoint.IsUnix);
    }

    [Theory]
    [InlineData("")]
    [InlineData("unix:")]
    [InlineData("unix:relative")]
    [InlineData("/run/clamav/clamd.sock")]
    [InlineData("clamav:3310")]
    [InlineData("tcp:clamav")]
    [InlineData("tcp::3310")]
    [InlineData("tcp:clamav:0")]
    [InlineData("tcp:clamav:65536")]
    [InlineData("tcp:cla mav:3310")]
    [InlineData("unix:/0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789")]
    public void Anything_else_is_refused_by_the_options(string text)
    {
        var options = new ClamAvOptions { Endpoint = text };

        Assert.False(ClamdEndpoint.TryParse(text, out _));
        Assert.False(Validator.TryValidateObject(options, new ValidationContext(options), [], validateAllProperties: true));
    }

    [Fact]
    public void The_defaults_are_valid()
    {
        var options = new ClamAvOptions();

        Validator.ValidateObject(options, new ValidationContext(options), validateAllProperties: true);
    }
}
