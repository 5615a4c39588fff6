using System.Collections.Concurrent;

namespace SecuEdge.Smtp.Tests.Fakes;

/// <summary>A message as the gateway got it.</summary>
internal sealed record ReceivedMessage(MailPath ReversePath, IReadOnlyList<MailPath> Recipients, byte[] Body);

/// <summary>
/// The other side of the waist. It accepts everything, except that the local part of an address may ask for something else:
/// <c>reject</c>, <c>defer</c>, <c>close</c> or <c>throw</c>, and <c>data-…</c> of the reverse-path for the same at DATA, the body and the end.
/// </summary>
internal sealed class ScriptedGateway : ISmtpTransactions
{
    public ConcurrentQueue<ReceivedMessage> Messages { get; } = [];

    public ConcurrentQueue<(SmtpStage Stage, SmtpReply Reply)> Refusals { get; } = [];

    public ConcurrentQueue<SmtpConnection> Connections { get; } = [];

    public ConcurrentQueue<SmtpTransaction> Transactions { get; } = [];

    public SmtpReply? ConnectReply { get; set; }

    public SmtpReply? HelloReply { get; set; }

    public Exception? ConnectException { get; set; }

    /// <summary>Held here before a message is acknowledged.</summary>
    public Task CompletionGate { get; set; } = Task.CompletedTask;

    public int Disconnects;

    public int OpenBodies;

    public int AbandonedBodies;

    public int LargestWrite;

    public Task<SmtpReply?> ConnectAsync(SmtpConnection connection, CancellationToken cancellationToken)
    {
        Connections.Enqueue(connection);
        return ConnectException is null ? Task.FromResult(ConnectReply) : throw ConnectException;
    }

    public Task<SmtpReply?> HelloAsync(SmtpConnection connection, CancellationToken cancellationToken) => Task.FromResult(HelloReply);

    public Task<SmtpReply> MailAsync(SmtpTransaction transaction, CancellationToken cancellationToken)
    {
        Transactions.Enqueue(transaction);
        return Task.FromResult(Decide(transaction.ReversePath.LocalPart, new SmtpReply(250, "2.1.0", "Sender OK")));
    }

    public Task<SmtpReply> RecipientAsync(SmtpTransaction transaction, MailPath recipient, CancellationToken cancellationToken) =>
        Task.FromResult(Decide(recipient.LocalPart, new SmtpReply(250, "2.1.5", "Recipient OK")));

    public Task<SmtpReply?> DataAsync(SmtpTransaction transaction, CancellationToken cancellationToken)
    {
        var reply = DecideAt("data", transaction);
        return Task.FromResult(reply == SmtpReply.Ok ? null : reply);
    }

    public ISmtpBody OpenBody(SmtpTransaction transaction)
    {
        DecideAt("open", transaction);
        Interlocked.Increment(ref OpenBodies);
        return new Body(this, transaction);
    }

    public void Refused(SmtpConnection connection, SmtpStage stage, SmtpReply reply) => Refusals.Enqueue((stage, reply));

    public void Disconnected(SmtpConnection connection) => Interlocked.Increment(ref Disconnects);

    private static SmtpReply DecideAt(string stage, SmtpTransaction transaction)
    {
        var words = transaction.ReversePath.LocalPart.Split('-');
        return words is [var at, var what] && at == stage ? Decide(what, SmtpReply.Ok) : SmtpReply.Ok;
    }

    private static SmtpReply Decide(string localPart, SmtpReply otherwise) => localPart switch
    {
        "reject" => new SmtpReply(550, "5.7.1", "No"),
        "defer" => new SmtpReply(450, "4.7.1", "Later"),
        "close" => new SmtpReply(421, "4.7.0", "Away", Close: true),
        "throw" => throw new IOException("disk full"),
        _ => otherwise,
    };

    private sealed class Body(ScriptedGateway gateway, SmtpTransaction transaction) : ISmtpBody
    {
        private readonly MemoryStream bytes = new();
        private bool isComplete;

        public ValueTask WriteAsync(ReadOnlyMemory<byte> block, CancellationToken cancellationToken)
        {
            DecideAt("write", transaction);
            gateway.LargestWrite = Math.Max(gateway.LargestWrite, block.Length);
            bytes.Write(block.Span);
            return ValueTask.CompletedTask;
        }

        public async Task<SmtpReply> CompleteAsync(CancellationToken cancellationToken)
        {
            await gateway.CompletionGate.WaitAsync(cancellationToken);
            var reply = DecideAt("end", transaction);
            isComplete = true;
            if (reply == SmtpReply.Ok)
            {
                gateway.Messages.Enqueue(new ReceivedMessage(transaction.ReversePath, [.. transaction.Recipients], bytes.ToArray()));
            }

            return reply;
        }

        public ValueTask DisposeAsync()
        {
            Interlocked.Decrement(ref gateway.OpenBodies);
            Interlocked.Add(ref gateway.AbandonedBodies, isComplete ? 0 : 1);
            return ValueTask.CompletedTask;
        }
    }
}
