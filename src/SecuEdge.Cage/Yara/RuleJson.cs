using System.Text.Json;
using System.Text.Json.Serialization;

namespace SecuEdge.Cage.Yara;

/// <summary>How questions and answers about rules are written. Generated: a worker is up sooner without reflection.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(IReadOnlyList<RuleSource>))]
[JsonSerializable(typeof(CompiledRules))]
[JsonSerializable(typeof(RuleScanQuestion))]
[JsonSerializable(typeof(RuleScanAnswer))]
public sealed partial class RuleJson : JsonSerializerContext;
