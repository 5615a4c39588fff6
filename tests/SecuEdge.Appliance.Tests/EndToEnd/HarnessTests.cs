namespace SecuEdge.Appliance.Tests.EndToEnd;

/// <summary>The measuring tools are measured first: a harness that sees nothing would pass everything.</summary>
public sealed class HarnessTests
{
    [Fact]
    public async Task What_the_client_sends_the_sink_receives_unchanged()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var ledger = new Ledger();
        await using var sink = RecordingSink.StartNew(ledger);
        using var session = await MailSession.OpenAsync(sink.Address, cancellationToken);
        foreach (var number in Enumerable.Range(0, 60))
        {
            var message = new SentMessage($"m{number}@acme.example", SampleMail.Create(number), null);
            ledger.Note(message);
            Assert.True((await session.DeliverAsync("a@sender.example", message.Recipient, message.Bytes, cancellationToken)).IsAccepted);
        }

        Assert.Equal(60, sink.Arrivals.Count);
        Assert.All(sink.Arrivals, pair => Assert.True(Assert.Single(pair.Value).IsIntact, pair.Key));
    }

    [Theory]
    [InlineData("Subject: a\r\n\r\nbody\r\n", true)]
    [InlineData("Received: by us\r\n\tfolded\r\nSubject: a\r\n\r\nbody\r\n", true)]
    [InlineData("Received: by us\r\n\r\nSubject: a\r\n\r\nbody\r\n", false)]
    [InlineData("Subject: a\r\n\r\nbody\r\n\r\n", false)]
    [InlineData("Subject: a\r\n\r\nBody\r\n", false)]
    [InlineData(" folded\r\nSubject: a\r\n\r\nbody\r\n", false)]
    [InlineData("Received: by usSubject: a\r\n\r\nbody\r\n", false)]
    public void Only_header_lines_in_front_may_be_new(string arrived, bool intact)
    {
        var ledger = new Ledger();
        ledger.Note(new SentMessage("m1@acme.example", "Subject: a\r\n\r\nbody"u8.ToArray(), null));

        Assert.Equal(intact, ledger.IsIntact("m1@acme.example", System.Text.Encoding.ASCII.GetBytes(arrived)));
    }
}
