using System.ComponentModel.DataAnnotations;
using SecuEdge.Appliance.Supervision;

namespace SecuEdge.Appliance.Tests.Supervision;

public sealed class ClamAvServiceOptionsTests
{
    [Theory]
    [InlineData("", true, "")]
    [InlineData("unix:/run/clamav/clamd.sock", true, "")]
    [InlineData("tcp:clamav:3310", false, "")]
    [InlineData("tcp:[::1]:3310", false, "")]
    [InlineData("tcp:clamav:3310", true, "a clamd that the gateway starts listens on unix:/path")]
    [InlineData("/run/clamd.sock", true, "must be unix:/path or tcp:host:port")]
    [InlineData("tcp:clamav", false, "must be unix:/path or tcp:host:port")]
    [InlineData("tcp:clamav:0", false, "must be unix:/path or tcp:host:port")]
    [InlineData("tcp::3310", false, "must be unix:/path or tcp:host:port")]
    [InlineData("tcp:clamav:70000", false, "must be unix:/path or tcp:host:port")]
    public void Endpoints_are_checked_at_start(string endpoint, bool supervise, string error)
    {
        var errors = Validate(new ClamAvServiceOptions { Endpoint = endpoint, Supervise = supervise });

        Assert.Equal(error.Length > 0 ? 1 : 0, errors.Count);
        Assert.All(errors, actual => Assert.Contains(error, actual.ErrorMessage, StringComparison.Ordinal));
    }

    [Fact]
    public void A_socket_path_longer_than_the_kernel_takes_is_refused_with_the_remedy()
    {
        var errors = Validate(new ClamAvServiceOptions { DataFolder = "/" + new string('x', 120) });

        Assert.Contains("Set it to unix:/a/shorter/path", Assert.Single(errors).ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public void Ranges_are_checked_too()
    {
        var errors = Validate(new ClamAvServiceOptions { UpdateInterval = TimeSpan.FromDays(2), MaxThreads = 1 });

        Assert.Equal(2, errors.Count);
    }

    [Fact]
    public void Endpoints_read_back_as_they_were_written()
    {
        Assert.True(ClamdEndpoint.TryParse("unix:/run/c.sock", out var socket));
        Assert.Equal("unix:/run/c.sock", socket.ToString());
        Assert.True(ClamdEndpoint.TryParse("tcp:clamav:3310", out var host));
        Assert.Equal("tcp:clamav:3310", host.ToString());
    }

    [Fact]
    public void The_configuration_of_clamd_holds_every_value_and_takes_our_largest_message()
    {
        var options = new ClamAvServiceOptions { DataFolder = "/data", MaxMessageBytes = 300L * 1024 * 1024 };

        var text = ClamAvConfiguration.Clamd(options, "/data/clamav");

        Assert.DoesNotContain("{{", text, StringComparison.Ordinal);
        Assert.Contains("\nDatabaseDirectory /data/clamav\n", text, StringComparison.Ordinal);
        Assert.Contains("\nLocalSocket /data/run/clamav/clamd.sock\n", text, StringComparison.Ordinal);
        Assert.Contains("\nStreamMaxLength 315621376\n", text, StringComparison.Ordinal);
        Assert.Contains("\nMaxScanTime 60000\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Freshclam_asks_the_private_mirror_where_there_is_one()
    {
        Assert.Contains(
            "\nPrivateMirror https://mirror.example/clamav\n",
            ClamAvConfiguration.Freshclam(new ClamAvServiceOptions { PrivateMirror = "https://mirror.example/clamav" }),
            StringComparison.Ordinal);
        Assert.DoesNotContain("PrivateMirror", ClamAvConfiguration.Freshclam(new ClamAvServiceOptions()), StringComparison.Ordinal);
    }

    private static List<ValidationResult> Validate(ClamAvServiceOptions options)
    {
        var errors = new List<ValidationResult>();
        if (Validator.TryValidateObject(options, new ValidationContext(options), errors, validateAllProperties: true))
        {
            return [];
        }

        return errors;
    }
}
