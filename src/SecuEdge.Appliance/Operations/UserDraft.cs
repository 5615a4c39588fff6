using SecuEdge.Store.Accounts;

namespace SecuEdge.Appliance.Operations;

/// <summary>A user to be made.</summary>
/// <param name="Password">Null = he cannot sign in with one yet.</param>
internal sealed record UserDraft(
    string Name, string Node, string DisplayName, string Email, string Language, IReadOnlyList<AccountRole> Roles, string? Password, string ExternalId);

/// <summary>What is null stays.</summary>
internal sealed record UserChange(
    string? DisplayName, string? Email, string? Language, IReadOnlyList<AccountRole>? Roles, bool? IsDisabled, string? ExternalId);
