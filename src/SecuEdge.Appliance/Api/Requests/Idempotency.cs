using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using SecuEdge.Appliance.Operations;
using SecuEdge.Store.State;

namespace SecuEdge.Appliance.Api.Requests;

/// <summary>
/// A POST with an <c>Idempotency-Key</c> is done once (draft-ietf-httpapi-idempotency-key-header): who lost the answer sends it again and gets
/// the same. Answers live in memory, since some show a secret once; on disk is only that it was done, so that a restart does not do it twice.
/// </summary>
internal sealed partial class Idempotency(IStateFiles files, TimeProvider timeProvider, ILogger<Idempotency> logger)
{
    private const string StateName = "idempotency";
    private const int MaxRemembered = 10_000;
    private const int MaxAnswerBytes = 256 * 1024;

    private static readonly TimeSpan Remembered = TimeSpan.FromHours(24);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Deed> _deeds = [];
    private readonly HashSet<string> _atWork = new(StringComparer.Ordinal);

    /// <summary>Before the first request: what was done before the restart.</summary>
    public void Load()
    {
        try
        {
            foreach (var deed in files.Read(StateName) is { } bytes ? JsonSerializer.Deserialize<List<Deed>>(bytes, ApiJson.Options) ?? [] : [])
            {
                _deeds[deed.Key] = deed;
            }
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            LogNotLoaded(e);
        }
    }

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var given = context.Request.Headers["Idempotency-Key"].ToString();
        if (given.Length == 0 || !HttpMethods.IsPost(context.Request.Method) || context.User.Identity is not CallerIdentity { Caller: var caller } || IsMail(context.Request))
        {
            await next(context);
            return;
        }

        if (given.Length > 128 || given.Any(c => c is < '!' or > '~'))
        {
            await Problems.Invalid([new FieldError("Idempotency-Key", "is not 1-128 printable characters")]).ExecuteAsync(context);
            return;
        }

        var key = Hash($"{caller.Name}\n{given}");
        var print = await FingerprintAsync(context);
        if (Begin(key, print) is { } answered)
        {
            await answered(context);
            return;
        }

        await RunAsync(context, next, key, print);
    }

    /// <returns>How to answer without doing it; null = it is to be done now.</returns>
    private Func<HttpContext, Task>? Begin(string key, string print)
    {
        lock (_lock)
        {
            if (_deeds.TryGetValue(key, out var deed) && timeProvider.GetUtcNow() - deed.At < Remembered)
            {
                return deed.Print == print ? context => ReplayAsync(context, deed) : context => Problems.Of(
                    StatusCodes.Status422UnprocessableEntity, "this Idempotency-Key was used for another request within the last 24 hours; take a new one").ExecuteAsync(context);
            }

            return _atWork.Add(key) ? null : context => Problems.Of(
                StatusCodes.Status409Conflict, "a request with this Idempotency-Key is being done right now; send it again in a moment").ExecuteAsync(context);
        }
    }

    private async Task RunAsync(HttpContext context, RequestDelegate next, string key, string print)
    {
        var body = context.Response.Body;
        using var kept = new MemoryStream();
        context.Response.Body = kept;
        try
        {
            await next(context);
            context.Response.Body = body;
            if (context.Response.StatusCode is >= 200 and < 300 && kept.Length <= MaxAnswerBytes)
            {
                // Before the answer leaves: whoever has seen it may rely on it.
                Remember(new Deed(key, print, timeProvider.GetUtcNow(), context.Response.StatusCode, context.Response.Headers.Location.ToString())
                {
                    ContentType = context.Response.ContentType,
                    ETag = context.Response.Headers.ETag.ToString(),
                    Body = kept.ToArray(),
                });
            }

            kept.Position = 0;
            await kept.CopyToAsync(body, context.RequestAborted);
        }
        finally
        {
            context.Response.Body = body;
            lock (_lock)
            {
                _atWork.Remove(key);
            }
        }
    }

    private static async Task ReplayAsync(HttpContext context, Deed deed)
    {
        if (deed.Body is not { } body)
        {
            await Problems.Of(
                StatusCodes.Status409Conflict,
                deed.Location.Length == 0
                    ? $"this was done at {deed.At:yyyy-MM-dd HH:mm:ss} UTC with status {deed.Status}; its answer is not known any more, since the appliance was restarted"
                    : $"this was done at {deed.At:yyyy-MM-dd HH:mm:ss} UTC with status {deed.Status}; its answer is not known any more, since the appliance was restarted; the object is at {deed.Location}").ExecuteAsync(context);
            return;
        }

        context.Response.StatusCode = deed.Status;
        context.Response.ContentType = deed.ContentType;
        context.Response.Headers["Idempotent-Replayed"] = "true";
        if (deed.Location.Length > 0)
        {
            context.Response.Headers.Location = deed.Location;
        }

        if (deed.ETag.Length > 0)
        {
            context.Response.Headers.ETag = deed.ETag;
        }

        if (body.Length > 0)
        {
            await context.Response.Body.WriteAsync(body, context.RequestAborted);
        }
    }

    private void Remember(Deed deed)
    {
        lock (_lock)
        {
            _deeds[deed.Key] = deed;
            if (_deeds.Count > MaxRemembered)
            {
                var old = timeProvider.GetUtcNow() - Remembered;
                foreach (var gone in _deeds.Values.Where(d => d.At < old).Concat(_deeds.Values.OrderBy(d => d.At).Take(MaxRemembered / 10)).ToList())
                {
                    _deeds.Remove(gone.Key);
                }
            }

            try
            {
                files.Write(StateName, JsonSerializer.SerializeToUtf8Bytes(_deeds.Values, ApiJson.Options));
            }
            catch (IOException e)
            {
                LogNotSaved(e);
            }
        }
    }

    /// <summary>Method, address and body: the same key must mean the same request.</summary>
    private static async Task<string> FingerprintAsync(HttpContext context)
    {
        context.Request.EnableBuffering();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{context.Request.Method}\n{context.Request.Path}{context.Request.QueryString}\n"));
        var buffer = new byte[16 * 1024];
        for (int read; (read = await context.Request.Body.ReadAsync(buffer, context.RequestAborted)) > 0;)
        {
            hash.AppendData(buffer.AsSpan(0, read));
        }

        context.Request.Body.Position = 0;
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Judging a message changes nothing, and its bytes are kept nowhere.</summary>
    private static bool IsMail(HttpRequest request) => request.ContentType?.StartsWith("message/", StringComparison.OrdinalIgnoreCase) ?? false;

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    /// <summary>Something that was done under a key.</summary>
    private sealed record Deed(string Key, string Print, DateTimeOffset At, int Status, string Location)
    {
        /// <summary>Null after a restart.</summary>
        [System.Text.Json.Serialization.JsonIgnore]
        public byte[]? Body { get; init; }

        [System.Text.Json.Serialization.JsonIgnore]
        public string? ContentType { get; init; }

        [System.Text.Json.Serialization.JsonIgnore]
        public string ETag { get; init; } = "";
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "What was done under idempotency keys cannot be read; it starts empty")]
    private partial void LogNotLoaded(Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "What was done under an idempotency key cannot be stored; a restart would forget it")]
    private partial void LogNotSaved(Exception exception);
}
