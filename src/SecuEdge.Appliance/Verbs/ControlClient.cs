using System.Net.Sockets;
using SecuEdge.Appliance.Settings;

namespace SecuEdge.Appliance.Verbs;

/// <summary>Talks to the running appliance of a data folder through its control socket: the same API, without a token.</summary>
internal sealed class ControlClient : IDisposable
{
    private readonly HttpClient _http;

    private ControlClient(HttpClient http) => _http = http;

    /// <returns>Null when no appliance runs on this folder.</returns>
    public static ControlClient? TryConnect(string dataFolder)
    {
        var path = DataFolder.ControlSocket(dataFolder);
        if (!File.Exists(path) || !DataFolder.FitsSocket(path))
        {
            return null;
        }

        try
        {
            using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            probe.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException)
        {
            return null;
        }

        var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        return new ControlClient(new HttpClient(handler) { BaseAddress = new Uri("http://control/api/v1/"), Timeout = TimeSpan.FromMinutes(5) });
    }

    public async Task<(bool IsSuccess, string Body)> SendAsync(HttpMethod method, string path, HttpContent? content)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        using var answer = await _http.SendAsync(request);
        return (answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    public void Dispose() => _http.Dispose();
}
