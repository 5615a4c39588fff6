using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Operations;
using SecuEdge.Appliance.Settings;

namespace SecuEdge.Appliance.Api.Requests;

/// <summary>
/// How many bytes of bodies are in the memory of the appliance at once. A message or a site file is read whole, so that some dozens of large ones
/// at once, of one customer, would take the memory that everybody's mail needs. Room is taken before the body is read, and whoever sends one byte a
/// second would keep his for days: a body must come at the rate of <see cref="PacedBody"/>.
/// </summary>
internal sealed class BodyRoom(SiteHolder sites, TimeProvider timeProvider)
{
    /// <summary>What a settings page sends takes no room: a thousand of them are 64 MB.</summary>
    internal const long FreeBytes = 64 * 1024;

    /// <summary>256 MB: what is made of a body takes some times its size, and an appliance has 4 GB.</summary>
    internal const long AllBytes = 256L << 20;

    /// <summary>96 MB: one of the largest messages and a dozen site files, of one reseller or direct customer with all below it.</summary>
    internal const long ShareBytes = 96L << 20;

    /// <summary>The last quarter is the provider's, so that he gets in when something goes wrong.</summary>
    internal const long OthersBytes = AllBytes * 3 / 4;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _taken = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Goes after authorization, and before anything reads.</summary>
    public static void Use(WebApplication app)
    {
        var room = app.Services.GetRequiredService<BodyRoom>();
        app.Use(next => context => room.InvokeAsync(context, next));
    }

    /// <returns>To be disposed when the body is not needed any more; or the status and sentence of the answer.</returns>
    internal (Place? Place, int Status, string Detail) Take(Caller caller, long bytes)
    {
        var share = ShareOf(caller);
        lock (_lock)
        {
            var (own, all) = (_taken.GetValueOrDefault(share), _taken.Values.Sum());
            if (share != Tenant.Root && own > 0 && own + bytes > ShareBytes)
            {
                return (null, StatusCodes.Status429TooManyRequests, $"'{share}' is sending {own >> 20} MB at once already; send one after the other");
            }

            var others = all - _taken.GetValueOrDefault(Tenant.Root);
            if (all > 0 && (all + bytes > AllBytes || (share != Tenant.Root && others + bytes > OthersBytes)))
            {
                return (null, StatusCodes.Status503ServiceUnavailable, "the appliance is reading as much as it has memory for; try again in a few seconds");
            }

            _taken[share] = own + bytes;
            return (new Place(this, share, bytes), 0, "");
        }
    }

    internal async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (context.User.Identity is not CallerIdentity { Caller: var caller })
        {
            await next(context);
            return;
        }

        BodyLimit.Narrow(context, caller);
        var bytes = BytesOf(context);
        if (bytes <= FreeBytes)
        {
            await next(context);
            return;
        }

        var (place, status, detail) = Take(caller, bytes);
        if (place is null)
        {
            context.Response.Headers.RetryAfter = "5";
            await Problems.Of(status, detail).ExecuteAsync(context);
            return;
        }

        using (place)
        {
            Pace(context);
            await next(context);
        }
    }

    /// <summary>Kestrel does it where it can: cut off by us, a request of HTTP/1.1 leaves an error in the log.</summary>
    private void Pace(HttpContext context)
    {
        if (HttpProtocol.IsHttp2(context.Request.Protocol) || HttpProtocol.IsHttp3(context.Request.Protocol))
        {
            context.Request.Body = new PacedBody(context.Request.Body, timeProvider);
        }
        else if (context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = new MinDataRate(PacedBody.BytesPerSecond, PacedBody.Grace);
        }
    }

    /// <summary>As announced, or the most that will be read; a longer list is not kept in memory, but looked at line by line.</summary>
    private static long BytesOf(HttpContext context)
    {
        var most = context.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize ?? BodyLimit.Usual;
        return context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == false ? 0 : Math.Min(context.Request.ContentLength ?? most, most);
    }

    /// <summary>The part of the tree, directly below the provider, that the caller belongs to.</summary>
    private string ShareOf(Caller caller)
    {
        var nodes = caller.Grants.Where(g => sites.Current.FindTenant(g.Node) is not null).Select(g => sites.Current.Top(g.Node)).Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        return nodes.Contains(Tenant.Root, StringComparer.OrdinalIgnoreCase) ? Tenant.Root : nodes.FirstOrDefault() ?? caller.Name;
    }

    internal sealed class Place(BodyRoom room, string share, long bytes) : IDisposable
    {
        public void Dispose()
        {
            lock (room._lock)
            {
                if ((room._taken[share] -= bytes) == 0)
                {
                    room._taken.Remove(share);
                }
            }
        }
    }
}
