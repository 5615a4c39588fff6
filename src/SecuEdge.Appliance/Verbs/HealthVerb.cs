using System.Net;
using SecuEdge.Appliance.Settings;

namespace SecuEdge.Appliance.Verbs;

/// <summary><c>health</c>: what a container's health check runs.</summary>
internal static class HealthVerb
{
    public static async Task<int> ExecuteAsync()
    {
        var listener = Configuration.Load().Listeners.Management;
        if (Configuration.Endpoint(listener) is not { } endpoint)
        {
            return Usage.Fail(["SECUEDGE__Listeners__Management is empty: there is nothing to ask"]);
        }

        var address = endpoint.Address.Equals(IPAddress.Any) || endpoint.Address.Equals(IPAddress.IPv6Any) ? IPAddress.Loopback : endpoint.Address;
        try
        {
            using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(4) };
            using var answer = await http.GetAsync(new Uri($"http://{new IPEndPoint(address, endpoint.Port)}/readyz"));
            Console.WriteLine(await answer.Content.ReadAsStringAsync());
            return answer.IsSuccessStatusCode ? Usage.Success : Usage.Unhealthy;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            Console.Error.WriteLine($"secuedge: no answer from {endpoint}: {e.Message}");
            return Usage.Unhealthy;
        }
    }
}
