using System.Net.Http.Headers;
using System.Text.Json;
using SecuEdge.TestKit;

namespace SecuEdge.Appliance.Tests.EndToEnd;

/// <summary>The gateway's own account of its mail, asked for as an administrator's script would.</summary>
internal sealed class GatewayApi(GatewayLaunch launch) : IDisposable
{
    private readonly HttpClient _client = new(new HttpClientHandler
    {
        // Its first certificate is its own; what is tested here is the mail.
        ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator,
    })
    {
        BaseAddress = new Uri($"https://{launch.Api}/api/v1/"),
        Timeout = TimeSpan.FromSeconds(30),
    };

    /// <summary>The state of each message by its reference, in lower case; "unknown" where the log has none.</summary>
    public async Task<IReadOnlyDictionary<string, string>> StatesAsync(IReadOnlyCollection<string> references, CancellationToken cancellationToken)
    {
        var states = new Dictionary<string, string>();
        foreach (var reference in references.Distinct())
        {
            using var message = await TryGetAsync($"messages/{reference}", cancellationToken);
            states[reference] = message is null ? "unknown" : Summary(message.RootElement).GetProperty("state").GetString()!.ToLowerInvariant();
        }

        return states;
    }

    /// <summary>All messages of the log: reference to state.</summary>
    public Task<IReadOnlyDictionary<string, string>> MessagesAsync(CancellationToken cancellationToken) =>
        ListAsync("messages", item => item.GetProperty("state").GetString()!.ToLowerInvariant(), cancellationToken);

    /// <summary>The references in quarantine.</summary>
    public async Task<IReadOnlySet<string>> QuarantineAsync(CancellationToken cancellationToken) =>
        (await ListAsync("quarantine", _ => "", cancellationToken)).Keys.ToHashSet();

    /// <summary>One message as the API has it; null when it does not.</summary>
    public Task<JsonDocument?> MessageAsync(string reference, CancellationToken cancellationToken) => TryGetAsync($"messages/{reference}", cancellationToken);

    /// <summary>The verdict on a file, without delivery.</summary>
    public async Task<JsonDocument> AnalyzeAsync(string name, byte[] bytes, CancellationToken cancellationToken)
    {
        await AuthenticateAsync(cancellationToken);
        using var content = new ByteArrayContent(bytes);
        using var response = await _client.PostAsync(new Uri($"analyze?file={Uri.EscapeDataString(name)}", UriKind.Relative), content, cancellationToken);
        response.EnsureSuccessStatusCode();
        return await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(cancellationToken), cancellationToken: cancellationToken);
    }

    /// <summary>An operation without a body; true when it succeeded.</summary>
    public async Task<bool> PostAsync(string path, CancellationToken cancellationToken)
    {
        await AuthenticateAsync(cancellationToken);
        using var response = await _client.PostAsync(new Uri(path, UriKind.Relative), null, cancellationToken);
        return response.IsSuccessStatusCode;
    }

    public void Dispose() => _client.Dispose();

    private async Task<IReadOnlyDictionary<string, string>> ListAsync(string noun, Func<JsonElement, string> value, CancellationToken cancellationToken)
    {
        var all = new Dictionary<string, string>();
        string? cursor = null;
        do
        {
            using var page = await TryGetAsync($"{noun}?limit=200{(cursor is null ? "" : "&cursor=" + Uri.EscapeDataString(cursor))}", cancellationToken)
                ?? throw new InvalidOperationException($"The API knows no {noun}");
            foreach (var item in page.RootElement.GetProperty("items").EnumerateArray())
            {
                all[Summary(item).GetProperty("reference").GetString()!] = value(Summary(item));
            }

            cursor = page.RootElement.TryGetProperty("next", out var next) ? next.GetString() : null;
        }
        while (cursor is not null);
        return all;
    }

    /// <summary>A detail or a kept message holds the line of the message log inside.</summary>
    private static JsonElement Summary(JsonElement body) => body.TryGetProperty("message", out var summary) ? summary : body;

    private async Task<JsonDocument?> TryGetAsync(string path, CancellationToken cancellationToken)
    {
        await AuthenticateAsync(cancellationToken);
        using var response = await _client.GetAsync(new Uri(path, UriKind.Relative), cancellationToken);
        if (response.StatusCode == System.Net.HttpStatusCode.NotFound)
        {
            return null;
        }

        response.EnsureSuccessStatusCode();
        return await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(cancellationToken), cancellationToken: cancellationToken);
    }

    private async Task AuthenticateAsync(CancellationToken cancellationToken)
    {
        if (_client.DefaultRequestHeaders.Authorization is null)
        {
            var token = await File.ReadAllTextAsync(Path.Combine(launch.DataFolder, "keys", "setup-token"), cancellationToken);
            _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token.Trim());
        }
    }
}
