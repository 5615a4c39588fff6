using System.Text.Json;
using SecuEdge.Filter.Policy;

namespace SecuEdge.Filter.Tests.Policy;

public sealed class OutbreakHoldTests
{
    private static readonly JsonSerializerOptions Options = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    [Theory]
    [InlineData("{}", "00:05:00", "off")]
    [InlineData("""{"inbound":"off","outbound":"01:00:00"}""", "off", "01:00:00")]
    [InlineData("""{"inbound":"00:00:30"}""", "00:00:30", "off")]
    public void A_time_or_off_for_each_direction(string json, string inbound, string outbound)
    {
        var hold = JsonSerializer.Deserialize<OutbreakHold>(json, Options)!;
        Assert.Equal($$"""{"inbound":"{{inbound}}","outbound":"{{outbound}}"}""", JsonSerializer.Serialize(hold, Options));
        Assert.Equal(inbound == "off", hold.Of(Direction.Inbound) is null);
    }

    [Theory]
    [InlineData("5")]
    [InlineData("\"5 minutes\"")]
    [InlineData("\"\"")]
    [InlineData("null")]
    [InlineData("true")]
    public void Anything_else_is_refused_with_an_example(string value) =>
        Assert.Contains("00:05:00", Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<OutbreakHold>($$"""{"inbound":{{value}}}""", Options)).Message, StringComparison.Ordinal);
}
