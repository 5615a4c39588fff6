using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace SecuEdge.Appliance.Access.Oidc;

/// <summary>The conversation with the identity provider: its description and keys, the exchange of a code for tokens, and what it tells about somebody.</summary>
internal sealed partial class OidcProvider(OidcOptions options, TimeProvider timeProvider, ILogger<OidcProvider> logger) : IDisposable
{
    // A token and the description of a provider are a few kilobytes.
    private const int MaxAnswerBytes = 1024 * 1024;

    // Half a day: keys are changed over weeks; one that is not known makes us look earlier.
    private static readonly TimeSpan DescriptionAge = TimeSpan.FromHours(12);

    // An unknown key may be forged: forging makes the provider no more work than this.
    private static readonly TimeSpan ShortestAge = TimeSpan.FromMinutes(1);

    // The browser waits meanwhile.
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(10);

    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = TimeLimit, MaxResponseContentBufferSize = MaxAnswerBytes };
    private readonly SemaphoreSlim _gate = new(1, 1);
    private OpenIdConnectConfiguration? _description;
    private DateTimeOffset _readAt;

    /// <summary>Endpoints and keys; null when the provider cannot be reached or says what we do not believe.</summary>
    /// <param name="isKeyMissing">What is known does not suffice: look again.</param>
    public async Task<OpenIdConnectConfiguration?> DescribeAsync(bool isKeyMissing, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (_description is null || timeProvider.GetUtcNow() - _readAt >= (isKeyMissing ? ShortestAge : DescriptionAge))
            {
                _description = await ReadAsync(cancellationToken) ?? _description;
                _readAt = timeProvider.GetUtcNow();
            }

            return _description;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>RFC 6749 §4.1.3.</summary>
    public async Task<CodeAnswer> ExchangeAsync(OpenIdConnectConfiguration description, string code, PendingLogin login, CancellationToken cancellationToken)
    {
        var form = new Dictionary<string, string>
        {
            ["grant_type"] = "authorization_code",
            ["code"] = code,
            ["redirect_uri"] = login.RedirectUri,
            ["code_verifier"] = login.Verifier,
        };
        using var request = new HttpRequestMessage(HttpMethod.Post, description.TokenEndpoint);
        Identify(request, form, description);
        request.Content = new FormUrlEncodedContent(form);
        var (body, isUnavailable) = await SendAsync(request, "token endpoint", cancellationToken);
        return new CodeAnswer(Text(body, "id_token"), Text(body, "access_token"), isUnavailable);
    }

    /// <summary>OpenID Connect Core §5.3.1.</summary>
    public async Task<UserInfoAnswer> AskAsync(OpenIdConnectConfiguration description, string accessToken, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, description.UserInfoEndpoint);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", accessToken);
        var (body, isUnavailable) = await SendAsync(request, "user-info endpoint", cancellationToken);
        return new UserInfoAnswer(body, isUnavailable);
    }

    public void Dispose()
    {
        _http.Dispose();
        _gate.Dispose();
    }

    /// <summary>RFC 6749 §2.3.1: in the header unless the provider takes it in the form alone.</summary>
    private void Identify(HttpRequestMessage request, Dictionary<string, string> form, OpenIdConnectConfiguration description)
    {
        var methods = description.TokenEndpointAuthMethodsSupported;
        if (options.ClientSecret.Length > 0 && (methods.Count == 0 || methods.Contains("client_secret_basic")))
        {
            var pair = $"{Uri.EscapeDataString(options.ClientId)}:{Uri.EscapeDataString(options.ClientSecret)}";
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(pair)));
            return;
        }

        form["client_id"] = options.ClientId;
        if (options.ClientSecret.Length > 0)
        {
            form["client_secret"] = options.ClientSecret;
        }
    }

    private static string? Text(JsonElement? body, string name) =>
        body is { ValueKind: JsonValueKind.Object } answer && answer.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <returns>What it answered when it agreed; trouble of its own is told apart from a refusal.</returns>
    private async Task<(JsonElement? Body, bool IsUnavailable)> SendAsync(HttpRequestMessage request, string endpoint, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await _http.SendAsync(request, cancellationToken);
            if ((int)answer.StatusCode >= 500)
            {
                LogUnusable(options.Authority, $"its {endpoint} answers {(int)answer.StatusCode}", null);
                return (null, true);
            }

            using var body = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(cancellationToken));
            return (answer.IsSuccessStatusCode ? body.RootElement.Clone() : null, false);
        }
        catch (JsonException)
        {
            return (null, false);
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            LogUnusable(options.Authority, $"its {endpoint} does not answer", e);
            return (null, true);
        }
    }

    private async Task<OpenIdConnectConfiguration?> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            var retriever = new HttpDocumentRetriever(_http) { RequireHttps = !options.AllowHttp };
            var read = await OpenIdConnectConfigurationRetriever.GetAsync(
                options.Authority.TrimEnd('/') + "/.well-known/openid-configuration", retriever, cancellationToken);

            // OpenID Connect Discovery §4.3: who describes himself as somebody else is not believed.
            var wrong = read.Issuer?.TrimEnd('/') != options.Authority.TrimEnd('/') ? "it calls itself by another name than Access:Oidc:Authority"
                : new[] { read.AuthorizationEndpoint, read.TokenEndpoint, read.JwksUri }.All(options.IsAllowed)
                    && (string.IsNullOrEmpty(read.UserInfoEndpoint) || options.IsAllowed(read.UserInfoEndpoint)) ? null
                : "one of its addresses is not https";
            if (wrong is null)
            {
                return read;
            }

            LogUnusable(options.Authority, wrong, null);
            return null;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            // Whatever the library makes of what a stranger sends: the provider cannot be used now, mail goes on.
            LogUnusable(options.Authority, "its description cannot be read", e);
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Nobody can sign in through {Authority} now: {Reason}")]
    private partial void LogUnusable(string authority, string reason, Exception? exception);
}

/// <param name="IdToken">Null when the provider gave none for this code.</param>
/// <param name="AccessToken">Opens the user-info endpoint; null when there was none.</param>
/// <param name="IsUnavailable">It is the provider's trouble; the same login may succeed later.</param>
internal sealed record CodeAnswer(string? IdToken, string? AccessToken, bool IsUnavailable);

/// <param name="Told">Null when it told nothing.</param>
/// <param name="IsUnavailable">It is the provider's trouble; the same login may succeed later.</param>
internal sealed record UserInfoAnswer(JsonElement? Told, bool IsUnavailable);
