using SecuEdge.Content;
using SecuEdge.Filter;
using SecuEdge.Filter.Checks;

namespace SecuEdge.Appliance.Tests.MailFlow;

/// <summary>A check that finds what a test says, and counts how often and about whom it was asked.</summary>
internal sealed class ScriptedCheck : ICheck
{
    private readonly List<string> _asked = [];

    public string Name => "SCRIPTED";

    public IReadOnlyList<FindingDefinition> Findings => [];

    public VerdictAction? OnFailure => VerdictAction.Defer;

    /// <summary>Null finds nothing.</summary>
    public VerdictAction? Action { get; set; }

    public VerdictAction? Floor { get; set; }

    /// <summary>Awaited before the answer.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    public Envelope? LastEnvelope => LastFacts?.Envelope;

    public MessageFacts? LastFacts { get; private set; }

    /// <summary>References in the order they were asked about.</summary>
    public IReadOnlyList<string> Asked
    {
        get
        {
            lock (_asked)
            {
                return [.. _asked];
            }
        }
    }

    public async Task<CheckResult> RunAsync(MessageFacts facts, CancellationToken cancellationToken)
    {
        lock (_asked)
        {
            _asked.Add(facts.Envelope.Reference);
        }

        LastFacts = facts;
        await Gate.WaitAsync(cancellationToken);
        var definition = new FindingDefinition { Code = "SCRIPTED", Class = MessageClass.Suspicious, Action = Action, Floor = Floor, Text = "Something was found." };
        return Action is null ? CheckResult.Nothing : new CheckResult([definition.On("by the script")]);
    }
}
