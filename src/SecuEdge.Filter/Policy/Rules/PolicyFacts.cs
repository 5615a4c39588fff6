using System.Text.Json.Serialization;
using SecuEdge.Content;
using SecuEdge.Filter.Policy.Lexical;

namespace SecuEdge.Filter.Policy.Rules;

/// <summary>
/// All that rules may ask of a message, a few kilobytes, without its body. It is recorded, so that a rule can be tried on the mail of
/// the last days; what was not recorded (<see cref="Text"/>) is unknown there, and says so.
/// </summary>
public sealed record PolicyFacts
{
    public required string Reference { get; init; }

    public required DateTimeOffset At { get; init; }

    public required string Tenant { get; init; }

    public required Direction Direction { get; init; }

    /// <summary>Envelope sender; empty for the null path.</summary>
    public string Sender { get; init; } = "";

    /// <summary>Address of header From.</summary>
    public string HeaderFrom { get; init; } = "";

    public IReadOnlyList<string> Recipients { get; init; } = [];

    public string ClientAddress { get; init; } = "";

    public string Subject { get; init; } = "";

    /// <summary>What was recorded of the subject is its beginning.</summary>
    public bool IsSubjectCut { get; init; }

    /// <summary>Decoded. What is recorded is bounded, and without trace fields.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>Not all fields had room: a field not found may have been there.</summary>
    public bool AreHeadersCut { get; init; }

    public long SizeBytes { get; init; }

    public AnatomyFlags Flags { get; init; }

    public IReadOnlyList<AttachmentFacts> Attachments { get; init; } = [];

    /// <summary>Not all files had room.</summary>
    public bool AreAttachmentsCut { get; init; }

    /// <summary>ISO 639-1; empty when there is too little text.</summary>
    public string Language { get; init; } = "";

    public IReadOnlyList<Finding> Findings { get; init; } = [];

    /// <summary>What engines convicted.</summary>
    public IReadOnlyList<ConvictionFact> Convictions { get; init; } = [];

    /// <summary>Method → result (RFC 8601 §2.7); a method not asked is missing.</summary>
    public IReadOnlyDictionary<AuthenticationMethod, string> Authentication { get; init; } = new Dictionary<AuthenticationMethod, string>();

    /// <summary>Null when nobody knows.</summary>
    public bool? IsFirstContact { get; init; }

    /// <summary>Null when campaigns are not looked for.</summary>
    public string? Campaign { get; init; }

    /// <summary>ISO 3166-1; null without a table of networks.</summary>
    public string? Country { get; init; }

    public int? AutonomousSystem { get; init; }

    /// <summary>What was decided then, in the order of <see cref="Recipients"/>; empty while it is being decided.</summary>
    public IReadOnlyList<PastVerdict> Verdicts { get; init; } = [];

    /// <summary>Texts for lexical conditions; null in a back-test, since bodies are never recorded.</summary>
    [JsonIgnore]
    public MessageText? Text { get; init; }
}

/// <summary>What a message got, kept beside its facts so that another policy can be compared with it.</summary>
/// <param name="DecidedBy">Finding, threshold or rule.</param>
public sealed record PastVerdict(VerdictAction Action, string DecidedBy)
{
    /// <summary>Rules on trial that held: what they would have done.</summary>
    public IReadOnlyList<MonitoredRule> Monitored { get; init; } = [];
}

/// <param name="Node">Where the rule is written.</param>
public sealed record MonitoredRule(string Rule, string Node);

/// <summary>One file of a message, attached or inside another.</summary>
public sealed record AttachmentFacts
{
    public required string Path { get; init; }

    public string Name { get; init; } = "";

    /// <summary>Other names that its header gives it; some mail programs take one of them.</summary>
    public IReadOnlyList<string> OtherNames { get; init; } = [];

    /// <summary>By content.</summary>
    public required string Type { get; init; }

    public required AttachmentKind Kind { get; init; }

    public long SizeBytes { get; init; }

    public string Sha256 { get; init; } = "";

    public bool IsInside { get; init; }

    public AnatomyFlags Flags { get; init; }
}

/// <summary>One thing that an engine convicted.</summary>
/// <param name="Engine">Name of the engine.</param>
/// <param name="Signature">The engine's name for it.</param>
public sealed record ConvictionFact(string Engine, string Signature);

/// <summary>What lexical conditions read.</summary>
/// <param name="Attachments">Names of files and text of documents.</param>
public sealed record MessageText(string Subject, string Body, IReadOnlyList<string> Attachments)
{
    /// <summary>The body as other programs show it: what is hidden, and all of it in its order.</summary>
    public IReadOnlyList<string> OtherBodies { get; init; } = [];

    /// <summary>It was longer than what was kept, or not all was read.</summary>
    public bool IsBodyCut { get; init; }

    internal IReadOnlyList<string> Bodies => OtherBodies.Count == 0 ? [Body] : [Body, .. OtherBodies];

    /// <summary>A word that is not found may stand in the rest.</summary>
    internal bool IsCut(TextPlace place) => place switch
    {
        TextPlace.Subject => false,
        TextPlace.Body => IsBodyCut,
        TextPlace.Attachments => Attachments is AttachmentTexts { IsCut: true },
        _ => throw new ArgumentOutOfRangeException(nameof(place), place, null),
    };

    /// <summary>Made when a word list first asks, and shared by all of them.</summary>
    internal FoldedMessage Folded => field ??= new FoldedMessage(this);
}
