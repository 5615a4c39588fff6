using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using SecuEdge.Appliance.Operations;

namespace SecuEdge.Appliance.Api;

/// <summary>
/// Writes into the OpenAPI document what each operation asks of its caller: <c>x-permission</c>, and <c>x-scope</c>: <c>root</c> = it is needed on
/// the whole appliance, <c>tenant</c> = on the node of the object, <c>caller</c> = any known caller, about himself.
/// </summary>
internal static class OpenApiPermissions
{
    public const string PermissionField = "x-permission";
    public const string ScopeField = "x-scope";

    public static OpenApiOptions AddPermissions(this OpenApiOptions options) => options.AddOperationTransformer((operation, context, _) =>
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        if (metadata.OfType<EndpointPermission>().LastOrDefault() is { } needed)
        {
            Set(operation, PermissionField, MailAccess.Word(needed.Permission));
            Set(operation, ScopeField, needed.IsForRoot ? "root" : "tenant");
        }
        else if (metadata.OfType<CallerOnly>().Any())
        {
            Set(operation, ScopeField, "caller");
        }

        return Task.CompletedTask;
    });

    private static void Set(OpenApiOperation operation, string field, string value)
    {
        operation.Extensions ??= new Dictionary<string, IOpenApiExtension>();
        operation.Extensions[field] = new JsonNodeExtension(JsonValue.Create(value));
    }
}
