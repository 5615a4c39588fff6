using SecuEdge.Appliance.Backtest;
using SecuEdge.Appliance.Tests.MailFlow.Effects;
using SecuEdge.Filter;
using SecuEdge.Filter.Policy.Rules;
using SecuEdge.Store.Contacts;
using SecuEdge.Store.Facts;

namespace SecuEdge.Appliance.Tests.MailFlow;

/// <summary>Who becomes known by which mail.</summary>
public sealed class FactsNotesTests
{
    [Theory]
    [InlineData(VerdictAction.Deliver, true)]
    [InlineData(VerdictAction.Tag, true)]
    [InlineData(VerdictAction.Hold, false)]
    [InlineData(VerdictAction.Quarantine, false)]
    [InlineData(VerdictAction.Discard, false)]
    public void A_sender_is_known_when_somebody_gets_his_mail(VerdictAction action, bool isKnown)
    {
        var memory = new Memory();
        var notes = new FactsNotes(memory, memory);
        using var judged = EffectScene.Judge([EffectScene.Verdict() with { Action = action }], "Subject: x\r\n\r\n");
        var judgement = judged with { Facts = judged.Facts with { Sender = "eva@partner.example" } };

        notes.Accepted(judgement);
        Assert.Equal(isKnown, memory.Knows("acme", "eva@partner.example"));
        notes.Released(judgement);
        Assert.True(memory.Knows("acme", "eva@partner.example"));
        Assert.Equal(1, memory.Facts);
    }

    private sealed class Memory : IContacts, IFactsLog
    {
        private readonly HashSet<(string, string)> _known = [];

        public int Facts { get; private set; }

        public bool Knows(string tenant, string address) => _known.Contains((tenant, address));

        public void Note(string tenant, string address) => _known.Add((tenant, address));

        public void Note(PolicyFacts facts) => Facts++;

        public IAsyncEnumerable<PolicyFacts> ReadAsync(IReadOnlySet<string>? tenants, DateTimeOffset since, DateTimeOffset until, CancellationToken cancellationToken) =>
            AsyncEnumerable.Empty<PolicyFacts>();

        public Task<int?> CountAsync(IReadOnlySet<string>? tenants, DateTimeOffset since, DateTimeOffset until, CancellationToken cancellationToken) => Task.FromResult<int?>(0);

        public Task ExpireAsync(IReadOnlyDictionary<string, DateTimeOffset> before, DateTimeOffset others, CancellationToken cancellationToken) => Task.CompletedTask;

        public Task<int> EraseAsync(string tenant, Func<PolicyFacts, bool> isToGo, CancellationToken cancellationToken) => Task.FromResult(0);
    }
}
