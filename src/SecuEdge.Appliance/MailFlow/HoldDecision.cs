using SecuEdge.Store.MessageLog;

namespace SecuEdge.Appliance.MailFlow;

/// <summary>A person decided about a held message instead of the clock.</summary>
internal sealed class HoldDecision(bool isRelease, string actor)
{
    private readonly TaskCompletionSource<MessageRecord?> _carriedOut = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool IsRelease { get; } = isRelease;

    public string Actor { get; } = actor;

    /// <summary>The record after it; null when the message was not held any more.</summary>
    public Task<MessageRecord?> CarriedOut => _carriedOut.Task;

    public void Complete(MessageRecord? record) => _carriedOut.TrySetResult(record);
}
