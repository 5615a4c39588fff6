using SecuEdge.Store.MessageLog;

namespace SecuEdge.Appliance.Operations;

/// <summary>Answers "where is this mail, and why".</summary>
internal sealed class MessageOperations(IMessageLog messageLog)
{
    public Task<MessagePage> SearchAsync(MessageQuery query, CancellationToken cancellationToken) => messageLog.SearchAsync(query, cancellationToken);

    public async Task<Outcome<MessageRecord>> FindAsync(string reference, CancellationToken cancellationToken) =>
        await messageLog.FindAsync(reference.ToUpperInvariant(), cancellationToken) is { } record
            ? record
            : new OperationProblem(OperationFailure.NotFound, $"there is no message {reference} in the log; it may be older than the log's retention");
}
