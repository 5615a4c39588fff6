namespace SecuEdge.Appliance.Api.Description;

/// <summary>Another form of an answer, beside its JSON.</summary>
/// <param name="Type"><c>text/csv</c>.</param>
/// <param name="Meaning">What stands in it, for the document.</param>
internal sealed record TextAnswer(string Type, string Meaning, string Example);
