using SecuEdge.Filter;

namespace SecuEdge.Appliance.MailFlow;

/// <summary>What follows for a held message from having looked at it again.</summary>
internal enum HoldStep
{
    /// <summary>Its time is not over.</summary>
    Wait,

    /// <summary>It could not be scanned: held on, and tried again soon.</summary>
    TryAgain,

    /// <summary>Something that time does not refute asks for the hold: held on for new signatures or a person.</summary>
    Prolong,

    Release,

    Quarantine,
}

/// <summary>The one place that decides about held mail. Pure.</summary>
internal static class HoldRule
{
    /// <summary>
    /// What a message leaves as when its hold is over. Time answers what asked for the hold, and nothing else: a score that gets a mark gets it
    /// after a hold as well.
    /// </summary>
    public static VerdictAction Released(Verdict verdict) =>
        verdict.Action != VerdictAction.Hold ? verdict.Action
        : verdict.BeforeRules().Any(o => o.Matched && o.Action == VerdictAction.Tag) ? VerdictAction.Tag
        : VerdictAction.Deliver;

    /// <param name="action">Of the new verdict.</param>
    /// <param name="isFloored">A finding that no tenant may weaken asks for the hold: engines disagree. Time does not weaken it either.</param>
    /// <param name="isUndecided">A rule still could not be asked to its end: neither time nor signatures will change that, a person can.</param>
    public static HoldStep Decide(VerdictAction action, bool isFloored, bool isUndecided, HoldClock clock) => action switch
    {
        // Refusing is over: the sender has his 250. What a rule now wants thrown away, a person may throw away.
        VerdictAction.Quarantine or VerdictAction.Discard or VerdictAction.Reject => HoldStep.Quarantine,
        // What no engine could ever look at is for a person: held on for ever, nobody would see it.
        VerdictAction.Defer => clock.IsLast ? HoldStep.Quarantine : clock.IsDue ? HoldStep.TryAgain : HoldStep.Wait,
        _ when !clock.IsOver => HoldStep.Wait,
        VerdictAction.Hold when isUndecided => HoldStep.Quarantine,
        VerdictAction.Hold when isFloored => clock.IsLast ? HoldStep.Quarantine : clock.IsDue ? HoldStep.Prolong : HoldStep.Wait,
        VerdictAction.Deliver or VerdictAction.Tag or VerdictAction.Hold => HoldStep.Release,
        _ => throw new ArgumentOutOfRangeException(nameof(action), action, null),
    };
}

/// <param name="IsDue">What was said last, that it is held until then, has come.</param>
/// <param name="IsOver">The time of the settings, or of the rule, is over.</param>
/// <param name="IsLast">The longest time after that is over.</param>
internal readonly record struct HoldClock(bool IsDue, bool IsOver, bool IsLast);
