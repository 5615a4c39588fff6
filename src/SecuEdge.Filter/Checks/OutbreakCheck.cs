using System.Globalization;
using SecuEdge.Content;
using SecuEdge.Filter.Outbreak;

namespace SecuEdge.Filter.Checks;

/// <summary>
/// Active content that nobody has seen here before, or suddenly everybody gets: signatures for it may be minutes away, so it waits for them.
/// A file is known once it was first seen longer ago than mail is held, and nobody convicted it since.
/// </summary>
internal sealed class OutbreakCheck(OutbreakKnowledge knowledge, TimeProvider timeProvider) : ICheck
{
    private const int MaxNamed = 3;

    private static readonly FindingDefinition Unseen = new()
    {
        Code = "OUTBREAK_UNSEEN",
        Class = MessageClass.Suspicious,
        Action = VerdictAction.Hold,
        Text = "An attachment has active content never seen here before.",
    };

    private static readonly FindingDefinition Burst = new()
    {
        Code = "OUTBREAK_BURST",
        Class = MessageClass.Suspicious,
        Action = VerdictAction.Hold,
        Text = "The same attachment with active content suddenly comes in many messages.",
    };

    /// <summary>A finding that asks for a hold where the settings hold, and for nothing else.</summary>
    public static bool IsOutbreak(Finding finding) => finding.Code == Unseen.Code || finding.Code == Burst.Code;

    public string Name => "OUTBREAK";

    public IReadOnlyList<FindingDefinition> Findings { get; } = [Unseen, Burst];

    /// <summary>Only a precaution: the engines have scanned the message all the same.</summary>
    public VerdictAction? OnFailure => null;

    public Task<CheckResult> RunAsync(MessageFacts facts, CancellationToken cancellationToken)
    {
        var risky = RiskyContent.Of(facts.Anatomy);
        if (risky.Count == 0 || knowledge.HoldTime(facts.Envelope) is not { } holdTime)
        {
            return Task.FromResult(CheckResult.Nothing);
        }

        var now = timeProvider.GetUtcNow();
        List<string> unseen = [];
        List<string> bursts = [];
        foreach (var part in risky)
        {
            if (knowledge.IsKnownGood(part.Sha256, facts.Envelope.Tenant))
            {
                continue;
            }

            var sightings = knowledge.Files.Find(RiskyContent.KeyOf(part.Sha256));
            if (sightings.IsNever || now - sightings.FirstSeen < holdTime)
            {
                unseen.Add(PartLabel.Of(part));
            }

            var count = BurstOf(sightings, now) ?? (RiskyContent.PatternOf(part) is { } pattern ? BurstOf(knowledge.Files.Find(pattern), now) : null);
            if (count is { } messages)
            {
                bursts.Add(string.Create(CultureInfo.InvariantCulture, $"{PartLabel.Of(part)}, {messages:0} messages in {knowledge.Options.Window.TotalMinutes:0} minutes"));
            }
        }

        if (risky.Count >= RiskyContent.MaxParts)
        {
            // Known files in front must not hide a new one behind them.
            unseen.Add(string.Create(CultureInfo.InvariantCulture, $"{RiskyContent.MaxParts} parts with active content or more"));
        }

        List<Finding> findings = [];
        if (unseen.Count > 0)
        {
            findings.Add(Unseen.On(Named(unseen)));
        }

        if (bursts.Count > 0)
        {
            findings.Add(Burst.On(Named(bursts)));
        }

        return Task.FromResult(new CheckResult(findings));
    }

    /// <summary>The messages of the present window with this one, when they are too many.</summary>
    private double? BurstOf(Sightings sightings, DateTimeOffset now)
    {
        var options = knowledge.Options;
        var recent = sightings.Recent(now, options.Window) + 1;
        return recent > options.BurstMessages && recent > options.BurstFactor * sightings.EarlierPeak(now) ? recent : null;
    }

    private static string Named(List<string> labels) =>
        string.Join("; ", labels.Take(MaxNamed)) + (labels.Count > MaxNamed ? $"; and {labels.Count - MaxNamed} more" : "");
}
