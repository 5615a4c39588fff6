using System.Net;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.MailFlow;
using SecuEdge.Appliance.Settings;
using SecuEdge.Content;
using SecuEdge.Filter;
using SecuEdge.Filter.Checks;
using SecuEdge.Filter.Policy;
using SecuEdge.Smtp;

namespace SecuEdge.Appliance.Operations;

/// <summary>Judges a message without delivering it: the same path as mail from the wire.</summary>
internal sealed class AnalyzeOperations(MessageJudge judge, SiteHolder sites, TimeProvider timeProvider)
{
    /// <param name="file">Name of the bytes. What is no message is judged as the attachment of one, under this name.</param>
    /// <param name="tenant">Whose policy; null = the default policy.</param>
    public async Task<Outcome<Analysis>> AnalyzeAsync(
        Caller caller, string file, IByteSource bytes, string? tenant, Direction direction, CancellationToken cancellationToken)
    {
        var policy = TenantPolicy.Default;
        if (tenant is not null)
        {
            if (sites.Current.FindTenant(tenant) is not { } known || !caller.May(Permission.Analyze, tenant, sites.Current))
            {
                return new OperationProblem(OperationFailure.Invalid, $"tenant: there is no tenant '{tenant}'", "tenant");
            }

            policy = known.Policy;
        }
        else if (!caller.MayAtRoot(Permission.Analyze))
        {
            return new OperationProblem(OperationFailure.Invalid, "tenant: is missing; say by whose policy the message is judged", "tenant");
        }

        var envelope = new Envelope
        {
            Reference = "ANALYZE",
            ConnectionId = "analyze",
            Tenant = tenant ?? "",
            Direction = direction,
            ReversePath = MailPath.Null,
            Recipients = [new MailPath("analyze", "")],
            ClientAddress = IPAddress.Loopback,
            ReceivedAt = timeProvider.GetUtcNow(),
        };
        var message = BareFile.IsMessage(file, bytes) ? bytes : BareFile.Attach(file, bytes);
        using var judgement = await judge.JudgeAsync(envelope, _ => policy, message, cancellationToken);
        return Analysis.Of(file, bytes.Length, judgement);
    }
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
            DecidedBy = verdict.DecidedBy,
            Findings = [.. judgement.Report.Findings.Select(f => new AnalysisFinding(f.Code, f.Score, f.Text, f.Detail, f.Group))],
            Engines = judgement.Report.Engines,
            Rules = verdict.Rules,
            Subject = judgement.Anatomy.Headers.Subject,
            From = judgement.Anatomy.Headers.From,
            SizeBytes = sizeBytes,
            Troubles = judgement.Anatomy.Troubles,
            Anatomy = AnalysisPart.Of(judgement.Anatomy.Root, depth: 0),
        };
    }
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
