namespace SecuEdge.Appliance.Api;

/// <summary>The nouns of the tenant tree, mapped together.</summary>
internal static class TenantTreeApi
{
    public static void Map(RouteGroupBuilder api)
    {
        TenantsApi.Map(api);
        DeletedTenantsApi.Map(api);
        DomainsApi.Map(api);
        RecipientsApi.Map(api);
        RevisionsApi.Map(api);
    }

    /// <summary>The body as text, read with the rules of the site file, which name every wrong place.</summary>
    public static async Task<string> ReadTextAsync(this HttpRequest request, CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(request.Body);
        return await reader.ReadToEndAsync(cancellationToken);
    }
}
