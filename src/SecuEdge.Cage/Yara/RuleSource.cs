namespace SecuEdge.Cage.Yara;

/// <summary>The text of one rule file.</summary>
/// <param name="File">Its name, by which errors and matches call it.</param>
public sealed record RuleSource(string File, string Text);

/// <summary>What is wrong, or doubtful, in a rule file.</summary>
/// <param name="Line">From 1; 0 when it is about the file as a whole.</param>
public sealed record RuleProblem(string File, int Line, string Message)
{
    /// <summary>As compilers say it, so that editors find the place.</summary>
    public override string ToString() => Line > 0 ? $"{File}:{Line}: {Message}" : $"{File}: {Message}";
}

/// <summary>What a rule says about itself.</summary>
/// <param name="Meta">Its <c>meta</c> section; numbers and truth values as text.</param>
public sealed record RuleFacts(string Name, string File, IReadOnlyList<string> Tags, IReadOnlyDictionary<string, string> Meta);

/// <summary>Answer of the job <c>compile-rules</c>; without errors its only attachment is the compiled set.</summary>
/// <param name="Trouble">Why nothing could be compiled at all; empty otherwise.</param>
public sealed record CompiledRules(string Trouble, IReadOnlyList<RuleProblem> Errors, IReadOnlyList<RuleProblem> Warnings, IReadOnlyList<RuleFacts> Rules);

/// <summary>Parameters of the job <c>scan-rules</c>.</summary>
/// <param name="Version">Names the set. A worker keeps the sets it was sent, so that most questions carry the part alone.</param>
/// <param name="RuleBytes">Length of the compiled set at the head of the question's bytes; 0 when it is not sent.</param>
/// <param name="FileName">The external variables <c>filename</c> and <c>extension</c> of the rules.</param>
/// <param name="FileType">Media type by content: the external variable <c>filetype</c>.</param>
public sealed record RuleScanQuestion(string Version, int RuleBytes, string FileName, string FileType, int TimeoutSeconds);

/// <summary>Answer of the job <c>scan-rules</c>.</summary>
/// <param name="NeedsRules">This worker does not have the set: ask again and send it.</param>
/// <param name="Trouble">Why the part was not scanned to its end; empty when it was.</param>
/// <param name="IsCut">More rules matched than are told.</param>
public sealed record RuleScanAnswer(bool NeedsRules, string Trouble, bool IsTimeout, IReadOnlyList<RuleFacts> Matches, bool IsCut = false);
