using System.Net;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.MailFlow;
using SecuEdge.Appliance.Settings;
using SecuEdge.Content;
using SecuEdge.Filter;
using SecuEdge.Filter.Checks;
using SecuEdge.Filter.Policy;
using SecuEdge.Filter.Policy.Rules;
using SecuEdge.Smtp;

namespace SecuEdge.Appliance.Operations;

/// <summary>Judges a message without delivering it: the same path as mail from the wire.</summary>
internal sealed class AnalyzeOperations(MessageJudge judge, SiteHolder sites, TimeProvider timeProvider)
{
    /// <summary>Null when he may; asked before the message is even read, which may be large.</summary>
    public OperationProblem? Refusal(Caller caller, string? tenant) =>
        tenant is null
            ? caller.MayAtRoot(Permission.Analyze) ? null : new OperationProblem(OperationFailure.Invalid, "tenant: is missing; say by whose policy the message is judged", "tenant")
            : sites.Current.FindTenant(tenant) is not null && caller.May(Permission.Analyze, tenant, sites.Current) ? null
            : new OperationProblem(OperationFailure.Invalid, $"tenant: there is no tenant '{tenant}'", "tenant");

    public async Task<Outcome<Analysis>> AnalyzeAsync(Caller caller, string file, IByteSource bytes, AnalysisQuestion question, CancellationToken cancellationToken)
    {
        var site = sites.Current;
        if (Refusal(caller, question.Tenant) is { } refusal)
        {
            return refusal;
        }

        // Nobody in particular: no address that anybody could write, so no mailbox has rules for it.
        var recipient = new MailPath("analyze", "");
        var sender = MailPath.Null;
        if (question.Recipient is { } to && !MailPath.TryParse(to, out recipient))
        {
            return new OperationProblem(OperationFailure.Invalid, $"recipient: '{to}' is no address such as eva@example.com", "recipient");
        }

        if (question.Sender is { Length: > 0 } from && !MailPath.TryParse(from, out sender))
        {
            return new OperationProblem(OperationFailure.Invalid, $"sender: '{from}' is no address such as eva@example.com", "sender");
        }

        if (question is { Tenant: { } owner, Recipient: { } mailbox, Direction: Direction.Inbound } && !site.DomainsNamed(recipient.Domain).Any(d => site.IsWithin(d.Tenant.Tenant.Name, owner)))
        {
            return new OperationProblem(OperationFailure.Invalid, $"recipient: '{mailbox}' is no address in a domain of '{owner}', so that its mail is never judged by this policy", "recipient");
        }

        var envelope = new Envelope
        {
            Reference = "ANALYZE",
            ConnectionId = "analyze",
            Tenant = question.Tenant ?? "",
            Direction = question.Direction,
            ReversePath = sender,
            Recipients = [recipient],
            ClientAddress = question.Client ?? IPAddress.Loopback,
            ReceivedAt = timeProvider.GetUtcNow(),
        };
        var message = BareFile.IsMessage(file, bytes) ? bytes : BareFile.Attach(file, bytes);
        TenantPolicy PolicyOf(MailPath address) => question.Tenant is null ? TenantPolicy.Default : site.PolicyFor(question.Tenant, address);
        using var judgement = await judge.JudgeAsync(envelope, PolicyOf, message, cancellationToken);
        return Analysis.Of(file, bytes.Length, judgement) with { PolicyRules = AnalysisRule.Of(judgement.Verdicts[0]) };
    }
}

/// <summary>As what a message is judged.</summary>
internal sealed record AnalysisQuestion
{
    /// <summary>Whose policy; null = the default policy.</summary>
    public string? Tenant { get; init; }

    public Direction Direction { get; init; }

    /// <summary>For whom; null = nobody in particular.</summary>
    public string? Recipient { get; init; }

    /// <summary>Envelope sender; null = none.</summary>
    public string? Sender { get; init; }

    /// <summary>Where it would have come from; null = this machine.</summary>
    public IPAddress? Client { get; init; }
}

/// <summary>The full verdict on one message: what <c>analyze --json</c> prints and <c>POST /api/v1/analyze</c> answers.</summary>
public sealed record Analysis
{
    public required string File { get; init; }

    public required VerdictAction Action { get; init; }

    public required MessageClass Class { get; init; }

    public required double Score { get; init; }

    /// <summary>Finding, rule or threshold that decided.</summary>
    public required string DecidedBy { get; init; }

    public required IReadOnlyList<AnalysisFinding> Findings { get; init; }

    public required IReadOnlyList<EngineReport> Engines { get; init; }

    /// <summary>Every rule and threshold, those that did not match too.</summary>
    public required IReadOnlyList<RuleOutcome> Rules { get; init; }

    /// <summary>Every rule of the policy in the order asked, those that did not hold too, and why.</summary>
    public IReadOnlyList<AnalysisRule> PolicyRules { get; init; } = [];

    /// <summary>ISO 639-1; empty when there is too little text.</summary>
    public required string Language { get; init; }

    public required string Subject { get; init; }

    public required string From { get; init; }

    public required long SizeBytes { get; init; }

    /// <summary>Why something was not looked at; empty when everything was.</summary>
    public required IReadOnlyList<string> Troubles { get; init; }

    public required AnalysisPart Anatomy { get; init; }

    internal static Analysis Of(string file, long sizeBytes, Judgement judgement)
    {
        var verdict = judgement.Strongest;
        return new Analysis
        {
            File = file,
            Action = verdict.Action,
            Class = verdict.Class,
            Score = verdict.Score,
            DecidedBy = verdict.Author,
            Findings = [.. judgement.Findings.Select(f => new AnalysisFinding(f.Code, f.Score, f.Text, f.Detail, f.Group))],
            Engines = judgement.Report.Engines,
            Rules = verdict.Rules,
            Language = judgement.Facts.Language,
            Subject = judgement.Anatomy.Headers.Subject,
            From = judgement.Anatomy.Headers.From,
            SizeBytes = sizeBytes,
            Troubles = judgement.Anatomy.Troubles,
            Anatomy = AnalysisPart.Of(judgement.Anatomy.Root, depth: 0),
        };
    }
}

/// <summary>One rule of the policy asked about the message.</summary>
public sealed record AnalysisRule
{
    public required string Rule { get; init; }

    /// <summary>Where it is written.</summary>
    public required string Node { get; init; }

    public required RuleMode Mode { get; init; }

    /// <summary>False for rules that are switched off, of the other direction, or after the one that decided.</summary>
    public required bool WasAsked { get; init; }

    public required Truth Holds { get; init; }

    /// <summary>One sentence with the values compared, or why it was not asked.</summary>
    public required string Why { get; init; }

    /// <summary>What it asks for.</summary>
    public required IReadOnlyList<RuleAction> Then { get; init; }

    internal static IReadOnlyList<AnalysisRule> Of(Verdict verdict) =>
    [
        .. verdict.Answers.Select(a => new AnalysisRule
        {
            Rule = a.Rule.Rule.Name,
            Node = a.Rule.Node,
            Mode = a.Rule.Rule.Mode,
            WasAsked = a.WasAsked,
            Holds = a.Holds,
            Why = a.Why,
            Then = a.Rule.Rule.Then,
        }),
    ];
}

public sealed record AnalysisFinding(string Code, double Score, string Text, string Detail, FindingGroup Group);

/// <summary>One node of the anatomy tree.</summary>
public sealed record AnalysisPart
{
    /// <summary>JSON readers limit nesting to 64, and a part takes two of it; deeper parts are counted in their ancestor.</summary>
    private const int MaxDepth = 28;

    public required string Path { get; init; }

    public required PartKind Kind { get; init; }

    public required string DeclaredType { get; init; }

    public required string DetectedType { get; init; }

    public string? FileName { get; init; }

    public required long Size { get; init; }

    public required string Sha256 { get; init; }

    /// <summary>camelCase names of <see cref="AnatomyFlags"/>.</summary>
    public required IReadOnlyList<string> Flags { get; init; }

    /// <summary>Parts below that are not shown.</summary>
    public int? Hidden { get; init; }

    public required IReadOnlyList<AnalysisPart> Children { get; init; }

    internal static AnalysisPart Of(MessagePart part, int depth) => new()
    {
        Path = part.Path,
        Kind = part.Kind,
        DeclaredType = part.DeclaredType,
        DetectedType = part.DetectedType,
        FileName = part.FileName,
        Size = part.Size,
        Sha256 = part.Sha256,
        Flags = [.. Enum.GetValues<AnatomyFlags>().Where(f => f != AnatomyFlags.None && part.Flags.HasFlag(f)).Select(f => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(f.ToString()))],
        Hidden = depth < MaxDepth || part.Children.Count == 0 ? null : part.SelfAndDescendants().Count() - 1,
        Children = depth < MaxDepth ? [.. part.Children.Select(c => Of(c, depth + 1))] : [],
    };
}
