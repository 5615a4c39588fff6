using System.Formats.Tar;
using System.IO.Compression;
using SecuEdge.TestKit;

namespace SecuEdge.Appliance.Tests.EndToEnd;

/// <summary>Whole collections go through the real gateway: count in is count out, and the bytes are the same.</summary>
[Collection(EndToEndGroup.Name)]
public sealed class CorpusTests(ITestOutputHelper output)
{
    private static readonly TimeSpan BalanceLimit = TimeSpan.FromSeconds(120);
    private const int Sessions = 6;

    [Fact]
    public Task Three_hundred_made_messages_come_out_unchanged() =>
        PassThroughAsync([.. Enumerable.Range(1, 300).Select(SampleMail.Create)], refusedAtMost: 0);

    [Fact]
    public async Task The_development_corpus_comes_out_unchanged()
    {
        var archive = TestData.Find("mail-dev.tar.gz");
        Assert.SkipWhen(archive is null, "The development corpus (shared/data/mail-dev.tar.gz) is not here");
        var messages = await ReadAsync(archive, TestContext.Current.CancellationToken);
        Assert.True(messages.Count > 4000);
        await PassThroughAsync(messages, refusedAtMost: messages.Count / 50);
    }

    private async Task PassThroughAsync(IReadOnlyList<byte[]> messages, int refusedAtMost)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        using var folder = new TemporaryFolder();
        var ledger = new Ledger();
        await using var sink = RecordingSink.StartNew(ledger);
        await using var gateway = GatewayProcess.Create(folder.Path, sink.Address);
        await gateway.StartAsync(cancellationToken);
        await Task.WhenAll(Enumerable.Range(0, Sessions).Select(_ => SendAsync(messages, ledger, gateway, cancellationToken)));

        var problems = await ledger.BalanceAsync(sink, gateway.Api, BalanceLimit, cancellationToken);
        var refused = ledger.Sent.Where(sent => !sent.IsAcknowledged).ToArray();
        var quarantined = await gateway.Api.QuarantineAsync(cancellationToken);

        output.WriteLine($"{messages.Count} in, {sink.Arrivals.Count} out, {quarantined.Count} quarantined, {refused.Length} refused");
        foreach (var (text, count) in refused.CountBy(sent => sent.Reply?.Text.Split('[')[0] ?? "no answer"))
        {
            output.WriteLine($"  {count} x {text}");
        }

        Assert.True(problems.Count == 0, $"{string.Join('\n', problems.Take(20))}\n{gateway.Tail()}");
        Assert.Equal(messages.Count, sink.Arrivals.Count + quarantined.Count + refused.Length);
        Assert.DoesNotContain(refused, sent => sent.Reply is not { Code: >= 500 });
        Assert.InRange(refused.Length, 0, refusedAtMost);
    }

    private static async Task SendAsync(IReadOnlyList<byte[]> messages, Ledger ledger, GatewayProcess gateway, CancellationToken cancellationToken)
    {
        using var session = await MailSession.OpenAsync(gateway.Launch.Outbound, cancellationToken);
        for (var number = ledger.NextNumber(); number <= messages.Count; number = ledger.NextNumber())
        {
            var sent = new SentMessage($"m{number}@acme.example", messages[number - 1], null);
            ledger.Note(sent);
            ledger.Note(sent with { Reply = await session.DeliverAsync("corpus@sender.example", sent.Recipient, sent.Bytes, cancellationToken) });
        }

        await session.QuitAsync(cancellationToken);
    }

    private static async Task<IReadOnlyList<byte[]>> ReadAsync(string archive, CancellationToken cancellationToken)
    {
        var messages = new List<byte[]>();
        await using var file = File.OpenRead(archive);
        await using var unpacked = new GZipStream(file, CompressionMode.Decompress);
        await using var reader = new TarReader(unpacked);
        while (await reader.GetNextEntryAsync(copyData: false, cancellationToken) is { } entry)
        {
            if (entry is { DataStream: { } data } && entry.Name.EndsWith(".eml", StringComparison.Ordinal))
            {
                var message = new MemoryStream();
                await data.CopyToAsync(message, cancellationToken);
                messages.Add(message.ToArray());
            }
        }

        return messages;
    }
}
