using System.Text.Json;

namespace SecuEdge.Appliance.Access.Oidc;

/// <summary>
/// What the provider tells about somebody at its user-info endpoint (OpenID Connect Core §5.3). Many ID tokens say only who it is, and the name
/// and the groups are there (§5.4).
/// </summary>
internal static class UserInfo
{
    /// <summary>Fills in what the ID token, whose word is signed and goes first, did not say.</summary>
    /// <returns>Null when it speaks of somebody else (§5.3.2).</returns>
    public static OidcIdentity? Complete(OidcIdentity identity, JsonElement told, OidcOptions options)
    {
        if (told.ValueKind != JsonValueKind.Object || Text(told, "sub") != identity.Subject)
        {
            return null;
        }

        return identity with
        {
            Name = identity.Name.Length > 0 ? identity.Name : Text(told, options.NameClaim),
            DisplayName = identity.DisplayName.Length > 0 ? identity.DisplayName : Text(told, "name"),
            Email = identity.Email.Length > 0 ? identity.Email : Text(told, "email"),
            Groups = identity.HasGroups ? identity.Groups : Texts(told, options.GroupsClaim),
        };
    }

    private static string Text(JsonElement told, string claim) =>
        told.TryGetProperty(claim, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    private static List<string> Texts(JsonElement told, string claim) => !told.TryGetProperty(claim, out var value) ? []
        : value.ValueKind == JsonValueKind.String ? [value.GetString()!]
        : value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Where(v => v.ValueKind == JsonValueKind.String).Take(IdTokens.MaxGroups).Select(v => v.GetString()!)]
        : [];
}
