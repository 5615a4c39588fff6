using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using SecuEdge.TestKit;

namespace SecuEdge.Appliance.Tests.Api.Permissions;

/// <summary>
/// A running gateway with two resellers and their customers, each with objects of its own, and all identifiers of those objects: what must not
/// show to anybody else.
/// <code>
/// provider ─┬─ reseller-one ─┬─ anvil
///           │                └─ bramble
///           └─ reseller-two ─── cobalt
/// </code>
/// </summary>
public sealed class TenantTree : IAsyncLifetime
{
    public const string Provider = "provider";
    public const string ParentOne = "reseller-one";
    public const string ParentTwo = "reseller-two";
    public const string Own = "anvil";
    public const string Sibling = "bramble";
    public const string Stranger = "cobalt";

    /// <summary>In the form of a reference, and never given to a message: the clock is past it.</summary>
    public const string MissingReference = "0000-0001";

    private static readonly Dictionary<string, string[]> Below = new()
    {
        [Provider] = [Provider, ParentOne, ParentTwo, Own, Sibling, Stranger],
        [ParentOne] = [ParentOne, Own, Sibling],
        [ParentTwo] = [ParentTwo, Stranger],
        [Own] = [Own],
        [Sibling] = [Sibling],
        [Stranger] = [Stranger],
    };

    private readonly ConcurrentDictionary<string, string> _tenantOf = new();
    private readonly ConcurrentDictionary<string, string> _revisions = new();
    private readonly ConcurrentDictionary<string, string> _kept = new();
    private int _number;

    public static IReadOnlyList<string> Customers { get; } = [Own, Sibling, Stranger];

    public RunningGateway Gateway { get; private set; } = null!;

    /// <summary>One of each kind per customer, never changed by a test.</summary>
    public IReadOnlyDictionary<string, TenantObjects> Objects { get; private set; } = new Dictionary<string, TenantObjects>();

    public static bool IsWithin(string tenant, string node) => Below[node].Contains(tenant);

    public static string ParentOf(string tenant) => Below.Where(n => n.Key != tenant && n.Value.Contains(tenant)).MinBy(n => n.Value.Length).Key;

    /// <summary>What belongs to tenants outside of a node. The names of those above it are no secret to it.</summary>
    public IEnumerable<string> IdentifiersOutside(string node) =>
        _tenantOf.Where(i => !IsWithin(i.Value, node) && !(i.Key == i.Value && IsWithin(node, i.Value))).Select(i => i.Key);

    public async ValueTask InitializeAsync()
    {
        Gateway = await RunningGateway.StartAsync(Site, ("Webhooks:AllowPrivate", "true"));
        var objects = new Dictionary<string, TenantObjects>();
        foreach (var tenant in Below.Keys.Where(t => t != Provider))
        {
            _tenantOf[tenant] = tenant;
        }

        foreach (var customer in Customers)
        {
            _tenantOf[$"{customer}.example"] = customer;
            objects[customer] = new TenantObjects(await DeliveredAsync(customer), await QuarantinedAsync(customer), await QueuedAsync(customer), await HashListAsync(customer));
        }

        Objects = objects;
    }

    public ValueTask DisposeAsync() => Gateway.DisposeAsync();

    /// <summary>Says that a name or id is the tenant's: nobody else may see it.</summary>
    public string Register(string tenant, string identifier)
    {
        _tenantOf[identifier] = tenant;
        return identifier;
    }

    /// <summary>The tenant's object of a collection, made anew when somebody has deleted the one before.</summary>
    public async Task<string> KeptAsync(string tenant, string collection, Func<Task<string>> makeAsync)
    {
        var key = $"{collection} of {tenant}";
        if (!_kept.TryGetValue(key, out var id) || (await Gateway.CallAsync(HttpMethod.Get, $"api/v1/{collection}/{id}")).Status != HttpStatusCode.OK)
        {
            _kept[key] = id = Register(tenant, await makeAsync());
        }

        return id;
    }

    /// <summary>Makes something with the first token and returns the answer.</summary>
    public async Task<JsonElement> PostAsync(string collection, string json)
    {
        var (status, body) = await Gateway.CallAsync(HttpMethod.Post, $"api/v1/{collection}", json);
        Assert.True(status == HttpStatusCode.Created, $"{collection}: {body}");
        return JsonDocument.Parse(body).RootElement;
    }

    /// <summary>A name of letters, digits, dots and dashes that only this tenant has.</summary>
    public string NewDottedName(string tenant) => Register(tenant, $"{tenant}.{Interlocked.Increment(ref _number).ToString(CultureInfo.InvariantCulture)}");

    /// <summary>A name that only this tenant has.</summary>
    public string NewName(string tenant) => Register(tenant, $"{tenant}_{Interlocked.Increment(ref _number).ToString(CultureInfo.InvariantCulture)}");

    public string NewTenantName(string parent) => Register(parent, $"below-{parent}-{Interlocked.Increment(ref _number).ToString(CultureInfo.InvariantCulture)}");

    public string NewDomainName(string tenant) => Register(tenant, $"d{Interlocked.Increment(ref _number).ToString(CultureInfo.InvariantCulture)}.{tenant}.example");

    public async Task<string> DomainAsync(string tenant)
    {
        var name = NewDomainName(tenant);
        var (status, body) = await Gateway.CallAsync(HttpMethod.Post, "api/v1/domains", $$"""{"tenant":"{{tenant}}","name":"{{name}}","nextHops":["127.0.0.1:1"],"recipients":["info"]}""");
        Assert.True(status == HttpStatusCode.Created, body);
        return name;
    }

    /// <summary>A revision that changed nothing but this tenant.</summary>
    public async Task<string> RevisionAsync(string tenant)
    {
        if (!_revisions.TryGetValue(tenant, out var number))
        {
            var (status, body) = await Gateway.CallAsync(HttpMethod.Patch, $"api/v1/tenants/{tenant}", $$"""{"displayName":"{{NewTenantName(tenant)}}"}""");
            Assert.True(status == HttpStatusCode.OK, body);
            var newest = (await Gateway.GetAsync($"api/v1/config/revisions?tenant={tenant}&limit=1")).GetProperty("items")[0];
            _revisions[tenant] = number = newest.GetProperty("number").GetInt32().ToString(CultureInfo.InvariantCulture);
        }

        return number;
    }

    public async Task<string> DeliveredAsync(string tenant)
    {
        var reference = await SendAsync(tenant, "Hello.\n", $"info@{tenant}.example");
        await Gateway.WaitForStateAsync(reference, "delivered");
        return reference;
    }

    public async Task<string> QuarantinedAsync(string tenant)
    {
        var reference = await SendAsync(tenant, Encoding.ASCII.GetString(FakeClamd.Eicar) + "\n", $"info@{tenant}.example");
        await Gateway.WaitForStateAsync(reference, "quarantined");
        return reference;
    }

    /// <summary>Its next hop does not answer.</summary>
    public async Task<string> QueuedAsync(string tenant)
    {
        var reference = await SendAsync(tenant, "Hello.\n", $"info@stuck.{tenant}.example");
        await Gateway.WaitForStateAsync(reference, "deferred");
        return reference;
    }

    public async Task<string> HashListAsync(string tenant)
    {
        var name = NewName(tenant);
        var (status, body) = await Gateway.CallAsync(HttpMethod.Put, $"api/v1/hash-lists/{name}?tenant={tenant}", new string('a', 64) + "\n", "text/plain");
        Assert.True(status == HttpStatusCode.OK, body);
        return name;
    }

    private async Task<string> SendAsync(string tenant, string body, string to)
    {
        var reply = await Gateway.SendAsync($"From: me@sender.example\nSubject: {Register(tenant, $"Affair-of-{tenant}")}\n\n{body}", to);
        Assert.Equal(250, reply.Code);
        return Register(tenant, RunningGateway.Reference(reply));
    }

    private static string Site(int port) => $$"""
        {"tenants":[
          {"name":"{{ParentOne}}","kind":"reseller"},
          {"name":"{{ParentTwo}}","kind":"reseller"},
          {{Customer(Own, ParentOne, port)}},
          {{Customer(Sibling, ParentOne, port)}},
          {{Customer(Stranger, ParentTwo, port)}}]}
        """;

    // Port 1 of the loopback: nothing listens there, and a refusal comes at once.
    private static string Customer(string name, string parent, int port) => string.Create(CultureInfo.InvariantCulture, $$"""
        {"name":"{{name}}","parent":"{{parent}}","domains":[
          {"name":"{{name}}.example","nextHops":["127.0.0.1:{{port}}"]},
          {"name":"stuck.{{name}}.example","nextHops":["127.0.0.1:1"]}]}
        """);
}

/// <summary>References and names of one customer's objects.</summary>
public sealed record TenantObjects(string Delivered, string Quarantined, string Queued, string HashList);
