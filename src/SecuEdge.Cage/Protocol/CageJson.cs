using System.Text.Json.Serialization;
using SecuEdge.Cage.Examination;
using SecuEdge.Cage.Jobs;
using SecuEdge.Cage.Sandbox;

namespace SecuEdge.Cage.Protocol;

/// <summary>Every JSON body between gateway and worker. Source generated: a worker has no time to discover types.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(WorkerSettings))]
[JsonSerializable(typeof(Greeting))]
[JsonSerializable(typeof(ExamineParameters))]
[JsonSerializable(typeof(AnatomyBody))]
[JsonSerializable(typeof(ProbeParameters))]
[JsonSerializable(typeof(ProbeResult))]
internal sealed partial class CageJson : JsonSerializerContext;

/// <summary>The first thing a worker says, before it has read anything hostile.</summary>
internal sealed record Greeting(IReadOnlyList<Bar> Bars);
