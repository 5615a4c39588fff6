using SecuEdge.Store.MessageLog;

namespace SecuEdge.Appliance.MailFlow;

/// <summary>A person decided about a held message instead of the clock.</summary>
internal sealed class HoldDecision(bool isRelease, string actor)
{
    private readonly TaskCompletionSource<MessageRecord?> _carriedOut = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool IsRelease { get; } = isRelease;

    public string Actor { get; } = actor;

    /// <summary>Why it was not carried out: what was learned meanwhile says otherwise. Null when it was.</summary>
    public string? Refusal { get; private set; }

    /// <summary>The record after it, or after what was done instead; null when the message was not held any more.</summary>
    public Task<MessageRecord?> CarriedOut => _carriedOut.Task;

    /// <summary>Told to the person when what is done instead is durable.</summary>
    public void Refuse(string why) => Refusal = why;

    public void Complete(MessageRecord? record) => _carriedOut.TrySetResult(record);
}
