using SecuEdge.Appliance.Operations;

namespace SecuEdge.Appliance.Api;

/// <summary>Why a request was not answered as asked (RFC 9457): what is wrong, where, and what to do about it.</summary>
public sealed record Problem
{
    /// <summary>A name for programs, <c>urn:secuedge:problem:invalid</c>; it does not change with the language.</summary>
    public required string Type { get; init; }

    /// <summary>The kind of problem in a few words, in the caller's language.</summary>
    public required string Title { get; init; }

    /// <summary>The HTTP status.</summary>
    public required int Status { get; init; }

    /// <summary>What is wrong here; names field and value.</summary>
    public required string Detail { get; init; }

    /// <summary>Place of the input that is wrong, <c>rules[2].when</c>; absent when it is none in particular.</summary>
    public string? Field { get; init; }

    /// <summary>What to do about it, in the caller's language.</summary>
    public string? Remedy { get; init; }

    /// <summary>Everything that is wrong, when there is more than one thing.</summary>
    public IReadOnlyList<FieldError>? Errors { get; init; }
}
