using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using SecuEdge.Appliance.Operations;
using SecuEdge.Store.Files;
using SecuEdge.Store.State;

namespace SecuEdge.Appliance.Api.Requests;

/// <summary>
/// A POST with an <c>Idempotency-Key</c> is done once (draft-ietf-httpapi-idempotency-key-header): who lost the answer sends it again and gets
/// the same. Answers live in memory, since some show a secret once; on disk is only that it was done, a line each, so that a restart does not
/// do it twice.
/// </summary>
internal sealed partial class Idempotency(JournalFolder journals, IStateFiles files, TimeProvider timeProvider, ILogger<Idempotency> logger) : IDisposable
{
    private const string Name = "idempotency";
    private const int MaxRemembered = 10_000;
    private const int MaxAnswerBytes = 256 * 1024;

    // An answer is a KB or two: all 10,000 fit, and a thousand large ones.
    private const long MaxAnswersBytes = 32L << 20;

    // Some 300 bytes a line: a file of 12 MB at most, written anew every 30,000 requests.
    private const int OvertakenFactor = 4;
    private const int OvertakenFloor = 1000;

    private static readonly TimeSpan Remembered = TimeSpan.FromHours(24);

    private readonly Lock _lock = new();
    private readonly DoneRequests _done = new(MaxRemembered, MaxAnswersBytes, Remembered);
    private readonly HashSet<string> _atWork = new(StringComparer.Ordinal);
    private LineJournal? _journal;
    private int _lines;

    /// <summary>Before the first request: what was done before the restart.</summary>
    public void Load()
    {
        try
        {
            _journal = journals.Open(Name, Take);
            if (_journal.Bytes == 0 && files.Read(Name) is { } former)
            {
                // A version before the journal wrote them whole.
                (JsonSerializer.Deserialize<List<DoneRequest>>(former, ApiJson.Options) ?? []).ForEach(d => _done.Add(d, timeProvider.GetUtcNow()));
                Rewrite();
                files.Delete(Name);
            }
            else if (_lines > _done.Count)
            {
                // What is out of date names addresses of objects that may be erased by now.
                Rewrite();
            }
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            LogNotLoaded(e);
        }
    }

    public void Dispose() => _journal?.Dispose();

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

        var key = new RequestKey(Hash($"{caller.Name}\n{given}"), Hash(caller.Name));
        var print = await FingerprintAsync(context);
        if (Begin(key.Value, print) is { } answered)
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
            if (_done.Find(key, timeProvider.GetUtcNow()) is { } done)
            {
                return done.Print == print ? context => ReplayAsync(context, done) : context => Problems.Of(
                    StatusCodes.Status422UnprocessableEntity, "this Idempotency-Key was used for another request within the last 24 hours; take a new one").ExecuteAsync(context);
            }

            return _atWork.Add(key) ? null : context => Problems.Of(
                StatusCodes.Status409Conflict, "a request with this Idempotency-Key is being done right now; send it again in a moment").ExecuteAsync(context);
        }
    }

    private async Task RunAsync(HttpContext context, RequestDelegate next, RequestKey key, string print)
    {
        var body = context.Response.Body;
        using var kept = new MemoryStream();
        context.Response.Body = kept;
        try
        {
            await next(context);
            context.Response.Body = body;
            if (context.Response.StatusCode is >= 200 and < 300)
            {
                // Before the answer leaves: whoever has seen it may rely on it.
                Remember(new DoneRequest(key.Value, print, timeProvider.GetUtcNow(), context.Response.StatusCode, context.Response.Headers.Location.ToString(), key.Caller)
                {
                    ContentType = context.Response.ContentType,
                    ETag = context.Response.Headers.ETag.ToString(),
                    Body = kept.Length <= MaxAnswerBytes ? kept.ToArray() : null,
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
                _atWork.Remove(key.Value);
            }
        }
    }

    private static async Task ReplayAsync(HttpContext context, DoneRequest done)
    {
        if (done.Body is not { } body)
        {
            await Problems.Of(
                StatusCodes.Status409Conflict,
                done.Location.Length == 0
                    ? $"this was done at {done.At:yyyy-MM-dd HH:mm:ss} UTC with status {done.Status}; its answer is not kept any more"
                    : $"this was done at {done.At:yyyy-MM-dd HH:mm:ss} UTC with status {done.Status}; its answer is not kept any more; the object is at {done.Location}").ExecuteAsync(context);
            return;
        }

        context.Response.StatusCode = done.Status;
        context.Response.ContentType = done.ContentType;
        context.Response.Headers["Idempotent-Replayed"] = "true";
        if (done.Location.Length > 0)
        {
            context.Response.Headers.Location = done.Location;
        }

        if (done.ETag.Length > 0)
        {
            context.Response.Headers.ETag = done.ETag;
        }

        if (body.Length > 0)
        {
            await context.Response.Body.WriteAsync(body, context.RequestAborted);
        }
    }

    private void Remember(DoneRequest done)
    {
        lock (_lock)
        {
            _done.Add(done, timeProvider.GetUtcNow());
            try
            {
                _journal?.Append([Line(done)], isDurable: true);
                if (++_lines > (OvertakenFactor * _done.Count) + OvertakenFloor)
                {
                    Rewrite();
                }
            }
            catch (IOException e)
            {
                LogNotSaved(e);
            }
        }
    }

    private bool Take(ReadOnlySpan<byte> json)
    {
        _lines++;
        try
        {
            if (JsonSerializer.Deserialize<DoneRequest>(json, ApiJson.Options) is not { } done)
            {
                return false;
            }

            var now = timeProvider.GetUtcNow();
            if (now - done.At < Remembered)
            {
                _done.Add(done, now);
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Without what is out of date or was overtaken.</summary>
    private void Rewrite()
    {
        _journal!.Rewrite(_done.All.OrderBy(d => d.At).Select(Line));
        _lines = _done.Count;
    }

    private static byte[] Line(DoneRequest done) => JsonSerializer.SerializeToUtf8Bytes(done, ApiJson.Options);

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

    /// <param name="Value">Of caller and key.</param>
    private sealed record RequestKey(string Value, string Caller);

    [LoggerMessage(Level = LogLevel.Error, Message = "What was done under idempotency keys cannot be read; it starts empty")]
    private partial void LogNotLoaded(Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "What was done under an idempotency key cannot be stored; a restart would forget it")]
    private partial void LogNotSaved(Exception exception);
}
