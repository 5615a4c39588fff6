using SecuEdge.Filter.Scanners.Clamd;

namespace SecuEdge.Filter.Tests.Scanners;

public sealed class ClamdVersionTests
{
    private static readonly TimeZoneInfo PlusTwo = TimeZoneInfo.CreateCustomTimeZone("plus two", TimeSpan.FromHours(2), "plus two", "plus two");

    [Theory]
    [InlineData("ClamAV 1.4.3/27500/Mon Nov 17 10:00:00 2025", "1.4.3/27500", "2025-11-17T08:00:00Z")]
    [InlineData("ClamAV 1.4.3/27500/Mon Nov  3 10:00:00 2025", "1.4.3/27500", "2025-11-03T08:00:00Z")]
    [InlineData("ClamAV 1.4.3/27500/Mon Nov 17 10:00:00 2025\n", "1.4.3/27500", "2025-11-17T08:00:00Z")]
    [InlineData("ClamAV 1.5.0-rc/27500/Mon Nov 17 10:00:00 2025", "1.5.0-rc/27500", "2025-11-17T08:00:00Z")]
    [InlineData("ClamAV 1.4.6", "1.4.6", null)]
    [InlineData("ClamAV 1.4.6/", "1.4.6", null)]
    [InlineData("ClamAV 1.4.6/27500/yesterday", "1.4.6/27500", null)]
    [InlineData("ClamAV 1.4.6/x/Mon Nov 17 10:00:00 2025", "1.4.6", null)]
    public void What_is_known_is_read(string answer, string text, string? at)
    {
        Assert.True(ClamdVersion.TryParse(answer, PlusTwo, out var version));
        Assert.Equal((text, at is null ? null : DateTimeOffset.Parse(at, null)), (version.Text, version.SignaturesAt));
    }

    [Theory]
    [InlineData("")]
    [InlineData("ClamAV")]
    [InlineData("ClamAV ")]
    [InlineData("ClamAV /27500/Mon Nov 17 10:00:00 2025")]
    [InlineData("clamav 1.4.3")]
    [InlineData("UNKNOWN COMMAND")]
    [InlineData("ClamAV <b>1.4</b>")]
    [InlineData("ClamAV 1.4\u001b[2J")]
    public void What_is_no_version_is_refused(string answer) => Assert.False(ClamdVersion.TryParse(answer, PlusTwo, out _));
}
