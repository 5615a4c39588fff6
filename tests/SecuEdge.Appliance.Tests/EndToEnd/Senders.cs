using System.Net;

namespace SecuEdge.Appliance.Tests.EndToEnd;

/// <summary>
/// A few clients that send without pause until told to stop, as mail servers do: a broken connection is opened again, a message without
/// an answer is not sent again (so that every arrival can be booked to one transmission).
/// </summary>
internal sealed class Senders(Ledger ledger, IPEndPoint target, Func<int, byte[]> message) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    /// <summary>Temporary refusals so far.</summary>
    public int Deferred => ledger.Sent.Count(sent => sent.Reply is { Code: >= 400 and < 500 });

    /// <summary>A pause after each message, so that the books stay small in long tests.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromMilliseconds(2);

    public void Start(int count) => _running = Task.WhenAll(Enumerable.Range(0, count).Select(_ => SendAsync()));

    /// <summary>Finishes the transactions that are open, begins no more.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private async Task SendAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                using var session = await MailSession.OpenAsync(target, CancellationToken.None);
                while (!_stop.IsCancellationRequested && await SendOneAsync(session) != 421)
                {
                    await Task.Delay(Pause, TimeProvider.System, CancellationToken.None);
                }
            }
            catch (IOException)
            {
                // Gone, for now: what had no answer stays so in the books.
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, CancellationToken.None);
            }
        }
    }

    private async Task<int> SendOneAsync(MailSession session)
    {
        var number = ledger.NextNumber();
        var sent = new SentMessage($"m{number}@acme.example", message(number), null);
        ledger.Note(sent);
        var reply = await session.DeliverAsync("load@sender.example", sent.Recipient, sent.Bytes, CancellationToken.None);
        ledger.Note(sent with { Reply = reply });
        return reply.Code;
    }
}
