using System.Net;
using System.Security.Cryptography;

namespace SecuEdge.Appliance.Supervision;

/// <summary>Where a file of signatures comes from, and how one knows that it arrived whole and unchanged.</summary>
internal sealed record DownloadSource
{
    /// <summary>http or https. Plain http is for a mirror of one's own: the checksum should then come by another way.</summary>
    public required Uri Url { get; init; }

    /// <summary>Lower-case hex of the file; empty when <see cref="Sha256Url"/> tells it.</summary>
    public string Sha256 { get; init; } = "";

    /// <summary>A file as <c>sha256sum</c> writes it, or the bare hash.</summary>
    public Uri? Sha256Url { get; init; }

    public required long MaxBytes { get; init; }

    /// <summary>Of the whole download. Ten minutes carry 100 MB at 1.5 Mbit/s.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromMinutes(10);
}

/// <summary>How a download ended.</summary>
internal abstract record DownloadResult
{
    private DownloadResult()
    {
    }

    /// <summary>The file's hash is the one we have: nothing was fetched.</summary>
    public sealed record Unchanged : DownloadResult;

    /// <summary>The file is at the place asked for, with the right hash.</summary>
    public sealed record Fetched(string Sha256, long SizeBytes) : DownloadResult;

    public sealed record Failed(string Why) : DownloadResult;
}

/// <summary>
/// Fetches a file whose SHA-256 is known beforehand or published beside it. What does not match is deleted, and nobody has seen it: the file
/// appears at its place by rename, after its hash was compared.
/// </summary>
internal sealed class CheckedDownload(HttpMessageInvoker http, TimeProvider timeProvider)
{
    /// <summary>Lists of a mirror's hashes are some KB; more is an error page or an attack.</summary>
    private const int MaxChecksumBytes = 256 * 1024;

    /// <summary>A client that follows redirects, but never from https to http, and keeps no connection for the hours between two fetches.</summary>
    public static HttpMessageInvoker CreateClient() => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = true,
        MaxAutomaticRedirections = 5,
        ConnectTimeout = TimeSpan.FromSeconds(20),
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(10),
        UseCookies = false,
    });

    /// <summary>Never throws for trouble with the network, the server or the disk: that is <see cref="DownloadResult.Failed"/>.</summary>
    /// <param name="knownSha256">Hash of what we have; empty when we have nothing.</param>
    /// <param name="file">Where the file goes; its folder exists.</param>
    public async Task<DownloadResult> FetchAsync(DownloadSource source, string knownSha256, string file, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(source.TimeLimit, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            var expected = await ExpectedAsync(source, either.Token);
            return expected.Length == 0 ? new DownloadResult.Failed($"{source.Sha256Url} names no SHA-256 for {NameOf(source.Url)}")
                : expected == knownSha256 ? new DownloadResult.Unchanged()
                : await FetchFileAsync(source, expected, file, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new DownloadResult.Failed($"{source.Url} did not answer completely within {source.TimeLimit.TotalSeconds:0} s");
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or UnauthorizedAccessException)
        {
            return new DownloadResult.Failed($"{source.Url}: {failure.Message}");
        }
    }

    /// <summary>The hash that a checksum file gives for one file name; empty when it gives none.</summary>
    internal static string ParseChecksum(string text, string name)
    {
        var lines = text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        foreach (var line in lines)
        {
            // "HASH  name" or "HASH *name"; a file with one bare hash speaks of the only file there is.
            var words = line.Split((char[]?)null, 2, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            if (IsSha256(words[0]) && (words.Length == 1 ? lines.Length == 1 : NameOfPath(words[1].TrimStart('*')) == name))
            {
                return words[0].ToLowerInvariant();
            }
        }

        return "";
    }

    internal static bool IsSha256(string text) => text.Length == 64 && text.All(char.IsAsciiHexDigit);

    private async Task<string> ExpectedAsync(DownloadSource source, CancellationToken cancellationToken)
    {
        if (source.Sha256Url is not { } url)
        {
            return source.Sha256.ToLowerInvariant();
        }

        using var response = await GetAsync(url, cancellationToken);
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[MaxChecksumBytes];
        var count = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        return ParseChecksum(System.Text.Encoding.UTF8.GetString(buffer, 0, count), NameOf(source.Url));
    }

    private async Task<DownloadResult> FetchFileAsync(DownloadSource source, string expected, string file, CancellationToken cancellationToken)
    {
        var partial = file + ".partial";
        try
        {
            using var response = await GetAsync(source.Url, cancellationToken);
            await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
            var (actual, size) = await SaveAsync(body, partial, source.MaxBytes, cancellationToken);
            if (size > source.MaxBytes)
            {
                return new DownloadResult.Failed($"{source.Url} is larger than {source.MaxBytes} bytes");
            }

            if (actual != expected)
            {
                return new DownloadResult.Failed($"{source.Url} has the SHA-256 {actual}, expected was {expected}");
            }

            File.Move(partial, file, overwrite: true);
            return new DownloadResult.Fetched(actual, size);
        }
        finally
        {
            File.Delete(partial);
        }
    }

    private static async Task<(string Sha256, long Size)> SaveAsync(Stream body, string path, long maxBytes, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var target = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1, useAsync: true);
        var buffer = new byte[64 * 1024];
        long size = 0;
        for (int count; size <= maxBytes && (count = await body.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            size += count;
            hash.AppendData(buffer, 0, count);
            await target.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
        }

        target.Flush(flushToDisk: true);
        return (Convert.ToHexStringLower(hash.GetHashAndReset()), size);
    }

    private async Task<HttpResponseMessage> GetAsync(Uri url, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.UserAgent.ParseAdd("SecuEdge");
        var response = await http.SendAsync(request, cancellationToken);
        if (response.StatusCode == HttpStatusCode.OK)
        {
            return response;
        }

        response.Dispose();
        throw new HttpRequestException($"{url} answered {(int)response.StatusCode}");
    }

    private static string NameOf(Uri url) => NameOfPath(Uri.UnescapeDataString(url.AbsolutePath));

    private static string NameOfPath(string path) => path[(path.LastIndexOf('/') + 1)..];
}
