namespace SecuEdge.Appliance.Api;

/// <summary>Everything about who may.</summary>
internal static class AccessApi
{
    public static void Map(RouteGroupBuilder api)
    {
        LoginApi.Map(api);
        OidcApi.Map(api);
        PasskeysApi.Map(api);
        MeApi.Map(api);
        UsersApi.Map(api);
        TokensApi.Map(api);
        DelegationsApi.Map(api);
    }
}
