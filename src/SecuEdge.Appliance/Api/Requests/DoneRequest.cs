using System.Text.Json.Serialization;

namespace SecuEdge.Appliance.Api.Requests;

/// <summary>Something that was done under an idempotency key.</summary>
/// <param name="Key">Hash of caller and key.</param>
/// <param name="Print">Hash of the request.</param>
/// <param name="Caller">Hash of whose it is; empty in what an older version wrote.</param>
internal sealed record DoneRequest(string Key, string Print, DateTimeOffset At, int Status, string Location, string Caller = "")
{
    /// <summary>Null when it is not kept any more.</summary>
    [JsonIgnore]
    public byte[]? Body { get; init; }

    [JsonIgnore]
    public string? ContentType { get; init; }

    [JsonIgnore]
    public string ETag { get; init; } = "";
}
