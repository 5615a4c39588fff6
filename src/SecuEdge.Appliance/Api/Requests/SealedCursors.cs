using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using SecuEdge.Appliance.Access;
using SecuEdge.Store.State;

namespace SecuEdge.Appliance.Api.Requests;

/// <summary>
/// Cursors as they leave the appliance. Stores count over all tenants, and whoever read their places could tell from two of them what happens at
/// the others; so <c>next</c> goes out encrypted, for its list alone, and only this appliance reads it back. Handlers see the plain ones.
/// </summary>
internal sealed class SealedCursors(IStateFiles states, ILogger<SealedCursors> logger)
{
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    /// <summary>The length of a place tells its magnitude.</summary>
    private const int Padding = 32;

    private readonly ApplianceKey _key = new("cursors", states, logger);

    public static EndpointFilterDelegate Create(EndpointFilterFactoryContext factory, EndpointFilterDelegate next)
    {
        var index = Array.FindIndex(factory.MethodInfo.GetParameters(), p => p.Name == "cursor" && p.ParameterType == typeof(string));
        if (index < 0)
        {
            return next;
        }

        var cursors = factory.ApplicationServices.GetRequiredService<SealedCursors>();
        return async context =>
        {
            var list = ((RouteEndpoint)context.HttpContext.GetEndpoint()!).RoutePattern.RawText!;
            if (context.Arguments[index] is string cursor)
            {
                // An empty one is none: how a script begins.
                context.Arguments[index] = cursor.Length == 0 ? null : cursors.Open(cursor, list);
                if (cursor.Length > 0 && context.Arguments[index] is null)
                {
                    return Problems.Invalid($"cursor: '{cursor}' is not the `next` of a page of this list; without it the list begins anew");
                }
            }

            var result = await next(context);
            return ((result as INestedHttpResult)?.Result ?? result) is IValueHttpResult { Value: IPage { Next: { } place } page }
                ? TypedResults.Ok(page.With(cursors.Seal(place, list)))
                : result;
        };
    }

    public string Seal(string place, string list)
    {
        var plain = Encoding.UTF8.GetBytes(place);
        Array.Resize(ref plain, (plain.Length / Padding * Padding) + Padding);
        var bytes = new byte[NonceBytes + plain.Length + TagBytes];
        var (nonce, cipher, tag) = (bytes.AsMemory(0, NonceBytes), bytes.AsMemory(NonceBytes, plain.Length), bytes.AsMemory(NonceBytes + plain.Length));
        RandomNumberGenerator.Fill(nonce.Span);
        using var aes = new AesGcm(_key.Bytes, TagBytes);
        aes.Encrypt(nonce.Span, plain, cipher.Span, tag.Span, Encoding.UTF8.GetBytes(list));
        return WebEncoders.Base64UrlEncode(bytes);
    }

    /// <summary>Null when it is none of this list.</summary>
    public string? Open(string cursor, string list)
    {
        try
        {
            var bytes = WebEncoders.Base64UrlDecode(cursor);
            if (bytes.Length < NonceBytes + TagBytes)
            {
                return null;
            }

            var plain = new byte[bytes.Length - NonceBytes - TagBytes];
            using var aes = new AesGcm(_key.Bytes, TagBytes);
            aes.Decrypt(bytes.AsSpan(0, NonceBytes), bytes.AsSpan(NonceBytes, plain.Length), bytes.AsSpan(NonceBytes + plain.Length), plain, Encoding.UTF8.GetBytes(list));
            return Encoding.UTF8.GetString(plain).TrimEnd('\0');
        }
        catch (Exception e) when (e is FormatException or AuthenticationTagMismatchException)
        {
            return null;
        }
    }
}
