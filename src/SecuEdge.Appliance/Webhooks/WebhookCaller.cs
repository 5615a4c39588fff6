using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Text;

namespace SecuEdge.Appliance.Webhooks;

/// <summary>
/// Calls a webhook once: signed as Standard Webhooks says, never redirected, bounded in time and in what is read of the answer. The address
/// is checked where the connection is made, so that a name which changes its address between check and call wins nothing.
/// </summary>
internal sealed class WebhookCaller(WebhookOptions options, TimeProvider timeProvider) : IDisposable
{
    /// <summary>Enough of an answer to see what the receiver thinks.</summary>
    private const int ReplyBytes = 512;

    private const string SecretPrefix = "whsec_";

    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
        MaxResponseHeadersLength = 16,
        MaxResponseDrainSize = 0,
        PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        ConnectCallback = async (context, cancellationToken) => await ConnectAsync(context.DnsEndPoint, options.AllowPrivate, cancellationToken),
    });

    public static string NewSecret() => SecretPrefix + Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    /// <summary>Standard Webhooks 1.0: <c>v1,</c> and the HMAC-SHA256 of <c>id.timestamp.body</c> in base64.</summary>
    public static string Sign(string secret, string id, string timestamp, string body) => "v1," + Convert.ToBase64String(
        HMACSHA256.HashData(Convert.FromBase64String(secret[SecretPrefix.Length..]), Encoding.UTF8.GetBytes($"{id}.{timestamp}.{body}")));

    /// <summary>What is wrong with a URL as it is written; null when nothing is.</summary>
    public static string? Refuse(Uri url, bool allowPrivate) => url switch
    {
        { IsAbsoluteUri: false } => "is not a whole URL such as https://example.com/hook",
        _ when url.Scheme != Uri.UriSchemeHttps && !(allowPrivate && url.Scheme == Uri.UriSchemeHttp) => "must begin with https://",
        { UserInfo.Length: > 0 } => "must not contain a password; the signature says who calls",
        { Fragment.Length: > 0 } => "must not contain a fragment",
        { OriginalString.Length: > 2000 } => "is longer than 2000 characters",
        _ when !allowPrivate && IPAddress.TryParse(url.DnsSafeHost, out var address) && !PublicAddress.Is(address) => "is not an address of the Internet",
        _ when !allowPrivate && (url.IsLoopback || url.DnsSafeHost.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)) => "is not an address of the Internet",
        _ => null,
    };

    /// <summary>Never throws for trouble with the network or the receiver.</summary>
    public async Task<WebhookDelivery> CallAsync(Webhook webhook, WaitingCall call, CancellationToken cancellationToken)
    {
        var now = timeProvider.GetUtcNow();
        var start = timeProvider.GetTimestamp();
        var (status, reply) = await SendAsync(webhook, call, now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture), cancellationToken);
        return new WebhookDelivery
        {
            Id = call.Id,
            Event = call.Event,
            At = now,
            Try = call.Tries + 1,
            Succeeded = status is >= 200 and < 300,
            Status = status,
            Milliseconds = Math.Round(timeProvider.GetElapsedTime(start).TotalMilliseconds, 1),
            Reply = reply,
        };
    }

    public void Dispose() => _http.Dispose();

    private async Task<(int? Status, string Reply)> SendAsync(Webhook webhook, WaitingCall call, string timestamp, CancellationToken cancellationToken)
    {
        using var time = new CancellationTokenSource(options.TimeLimit, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(time.Token, cancellationToken);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, webhook.Url) { Content = new StringContent(call.Body, Encoding.UTF8, "application/cloudevents+json") };
            request.Headers.Add("User-Agent", "SecuEdge-Webhooks");
            request.Headers.Add("webhook-id", call.Id);
            request.Headers.Add("webhook-timestamp", timestamp);
            request.Headers.Add("webhook-signature", Sign(webhook.Secret, call.Id, timestamp, call.Body));
            using var answer = await _http.SendAsync(request, either.Token);
            var reply = await ReadAsync(answer.Content, either.Token);
            return ((int)answer.StatusCode, (int)answer.StatusCode is >= 300 and < 400 ? "redirects are not followed; give the address itself" : reply);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (null, $"no answer within {options.TimeLimit.TotalSeconds:0} seconds");
        }
        catch (HttpRequestException e)
        {
            return (null, Reason(e));
        }
        catch (IOException e)
        {
            return (null, e.Message);
        }
    }

    private static async Task<string> ReadAsync(HttpContent content, CancellationToken cancellationToken)
    {
        var buffer = new byte[ReplyBytes];
        await using var body = await content.ReadAsStreamAsync(cancellationToken);
        var length = await body.ReadAtLeastAsync(buffer, ReplyBytes, throwOnEndOfStream: false, cancellationToken);
        return new string([.. Encoding.UTF8.GetString(buffer, 0, length).Select(c => char.IsControl(c) ? ' ' : c)]).Trim();
    }

    private static string Reason(HttpRequestException e) => e.InnerException switch
    {
        PrivateAddressException inside => inside.Message,
        AuthenticationException => "the certificate of the receiver is not trusted",
        SocketException socket => socket.SocketErrorCode is SocketError.HostNotFound or SocketError.NoData ? "the name has no address" : $"no connection: {socket.SocketErrorCode}",
        _ => e.HttpRequestError.ToString(),
    };

    private static async Task<Stream> ConnectAsync(DnsEndPoint endpoint, bool allowPrivate, CancellationToken cancellationToken)
    {
        var addresses = await Dns.GetHostAddressesAsync(endpoint.Host, cancellationToken);
        if (!allowPrivate && addresses.FirstOrDefault(a => !PublicAddress.Is(a)) is { })
        {
            // One address inside is enough: a name that mixes both is made to get in.
            throw new PrivateAddressException("the name leads to an address that is not of the Internet");
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, endpoint.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private sealed class PrivateAddressException(string message) : IOException(message);
}
