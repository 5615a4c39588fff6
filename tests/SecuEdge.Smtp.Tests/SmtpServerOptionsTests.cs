using System.ComponentModel.DataAnnotations;

namespace SecuEdge.Smtp.Tests;

public sealed class SmtpServerOptionsTests
{
    [Fact]
    public void The_defaults_are_valid() => Assert.Empty(Validate(new SmtpServerOptions()));

    [Fact]
    public void All_errors_are_listed()
    {
        var options = new SmtpServerOptions
        {
            ProxyNetworks = ["192.0.2.0/24", "10.0.0.0/33", "lb.example.org"],
            CommandTimeout = TimeSpan.Zero,
            GreetingDelay = TimeSpan.FromMinutes(2),
        };
        Assert.Equal(
            [nameof(options.CommandTimeout), nameof(options.GreetingDelay), nameof(options.ProxyNetworks), nameof(options.ProxyNetworks)],
            Validate(options).SelectMany(error => error.MemberNames).Order(StringComparer.Ordinal));
    }

    private static List<ValidationResult> Validate(SmtpServerOptions options)
    {
        var errors = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), errors, validateAllProperties: true);
        return errors;
    }
}
