using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Configuration;
using SecuEdge.Appliance.Settings;
using SecuEdge.Smtp;

namespace SecuEdge.Appliance.Tests.Settings;

public sealed class SettingsReaderTests
{
    [Theory]
    [InlineData("Smtp:MaxRecipients", "0", "SECUEDGE__Smtp__MaxRecipients = '0': must be between 1 and 10000")]
    [InlineData("Smtp:MaxRecipients", "many", "SECUEDGE__Smtp__MaxRecipients = 'many': must be a number")]
    [InlineData("Smtp:CommandTimeout", "soon", "must be a time as")]
    [InlineData("Smtp:BareLineEndings", "maybe", "must be one of Reject, Normalize")]
    [InlineData("Smtp:Hostname", "", "must be set")]
    [InlineData("Smtp:MaxRecipient", "5", "did you mean SECUEDGE__Smtp__MaxRecipients?")]
    public void A_wrong_setting_names_key_value_and_what_is_allowed(string key, string value, string expected)
    {
        var reader = Reader((key, value));
        reader.Read<SmtpServerOptions>("Smtp");
        reader.RejectUnknown();
        Assert.Contains(expected, Assert.Single(reader.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_error_is_collected()
    {
        var reader = Reader(("Smtp:MaxRecipients", "0"), ("Smtp:MaxErrors", "x"), ("Smpt:MaxErrors", "3"));
        reader.Read<SmtpServerOptions>("Smtp");
        reader.RejectUnknown();
        Assert.Equal(3, reader.Errors.Count);
    }

    [Fact]
    public void Lists_come_as_elements_or_separated_by_commas()
    {
        var reader = Reader(("Smtp:ProxyNetworks:0", "10.0.0.1"), ("Smtp:ProxyNetworks:1", "10.0.0.2"));
        Assert.Equal(["10.0.0.1", "10.0.0.2"], reader.Read<SmtpServerOptions>("Smtp").ProxyNetworks);
        reader.RejectUnknown();
        Assert.Empty(reader.Errors);
        Assert.Equal(["10.0.0.1", "10.0.0.2"], Reader(("Smtp:ProxyNetworks", "10.0.0.1, 10.0.0.2")).Read<SmtpServerOptions>("Smtp").ProxyNetworks);
    }

    private static SettingsReader Reader(params (string Key, string Value)[] values) => new(
        new ConfigurationBuilder().AddInMemoryCollection(values.Select(v => KeyValuePair.Create(v.Key, (string?)v.Value))).Build());
}
