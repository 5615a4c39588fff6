using System.Globalization;

namespace SecuEdge.Filter.Policy.Rules.Matching;

/// <summary>How figures are written in sentences.</summary>
internal static class Figures
{
    public static string Size(double bytes) =>
        bytes >= 1e9 ? string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.##} GB")
        : bytes >= 1e6 ? string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.##} MB")
        : bytes >= 1e3 ? string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e3:0.##} KB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes:0} bytes");

    public static string Plain(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}

/// <summary>What is compared with a range.</summary>
/// <param name="Name">As the sentence begins: <c>size</c>.</param>
internal sealed record Measure(string Name, Func<Question, double> Of, Func<double, string> Text)
{
    public static Measure Size { get; } = new("size", q => q.Facts.SizeBytes, Figures.Size);

    public static Measure Score { get; } = new("score", q => q.Score, Figures.Plain);
}

/// <summary>A figure in a range, both ends included.</summary>
internal sealed class RangeMatcher(Measure measure, double? atLeast, double? atMost) : Matcher
{
    public override Truth Answer(Question question)
    {
        var value = measure.Of(question);
        return value < atLeast || value > atMost ? Truth.No : Truth.Yes;
    }

    public override string Why(Question question, Explanation explanation)
    {
        var value = measure.Of(question);
        var shown = $"{measure.Name} {measure.Text(value)}";
        return value < atLeast ? $"{shown} is below {measure.Text(atLeast.Value)}"
            : value > atMost ? $"{shown} is above {measure.Text(atMost.Value)}"
            : (atLeast, atMost) switch
            {
                ({ } low, { } high) => $"{shown} is between {measure.Text(low)} and {measure.Text(high)}",
                ({ } low, null) => $"{shown} is at least {measure.Text(low)}",
                (null, { } high) => $"{shown} is at most {measure.Text(high)}",
                _ => shown,
            };
    }

    public override bool Implies(Matcher other, Effort effort) =>
        other is RangeMatcher range && ReferenceEquals(range.Measure, measure)
        && (range.AtLeast is not { } low || atLeast >= low)
        && (range.AtMost is not { } high || atMost <= high);

    private Measure Measure => measure;

    private double? AtLeast => atLeast;

    private double? AtMost => atMost;
}

/// <summary>Attachments that were counted; where not all had room there may be more.</summary>
internal sealed class AttachmentCountMatcher(int? atLeast, int? atMost) : Matcher
{
    public override Truth Answer(Question question)
    {
        var count = Count(question);
        return count > atMost ? Truth.No
            : question.Facts.AreAttachmentsCut ? atMost is null && count >= atLeast ? Truth.Yes : Truth.Unknown
            : count < atLeast ? Truth.No
            : Truth.Yes;
    }

    /// <summary>Unknown is only what had no room among the files.</summary>
    public override bool CouldBe(Truth wanted, Doubt doubt) => true;

    public override string Why(Question question, Explanation explanation)
    {
        var count = Count(question);
        var shown = $"{(question.Facts.AreAttachmentsCut ? "at least " : "")}{count} {(count == 1 ? "attachment" : "attachments")}";
        return question.Ask(this) switch
        {
            Truth.Unknown => $"{shown}, and not all were recorded",
            Truth.No when count > atMost => $"{shown}, more than {atMost}",
            Truth.No => $"{shown}, fewer than {atLeast}",
            _ => shown,
        };
    }

    public override bool Implies(Matcher other, Effort effort) =>
        other is AttachmentCountMatcher range
        && (range.AtLeast is not { } low || atLeast >= low)
        && (range.AtMost is not { } high || atMost <= high);

    private int? AtLeast => atLeast;

    private int? AtMost => atMost;

    private static int Count(Question question)
    {
        var count = 0;
        foreach (var attachment in question.Facts.Attachments)
        {
            count += attachment.IsInside ? 0 : 1;
        }

        return count;
    }
}
