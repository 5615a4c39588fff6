using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace SecuEdge.Appliance.Tests.Api;

/// <summary>
/// Random requests to every operation of the document, with a token that may do everything: whatever comes, the answer is never our own
/// trouble, and a refusal is always a problem. New endpoints are found by themselves.
/// </summary>
public sealed partial class FuzzTests(ApiFixture fixture) : IClassFixture<ApiFixture>
{
    /// <summary>What an anonymous endpoint takes, see BodyLimit.</summary>
    private const int LargestOfStrangers = 64 * 1024;

    private const int Rounds = 40;

    /// <summary>A busy machine does fewer rounds, each of all operations; the requests of a round are always the same.</summary>
    private static readonly TimeSpan Enough = TimeSpan.FromSeconds(20);

    /// <summary>What takes longer, even on a busy machine, lets a stranger hold up the gateway.</summary>
    private static readonly TimeSpan TooSlow = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task No_request_makes_the_gateway_stumble()
    {
        var document = new ApiDocument(fixture.Document);
        List<string> stumbles = [];
        Dictionary<int, int> answers = [];
        var watch = Stopwatch.StartNew();
        for (var round = 0; round < Rounds && (round == 0 || watch.Elapsed < Enough); round++)
        {
            var fuzzer = new DocumentFuzzer(document, new Random(4711 + round));
            foreach (var (path, method, operation) in document.Operations)
            {
                var (url, body, type) = fuzzer.Next(path, operation);
                var start = watch.Elapsed;
                var isOpen = operation["security"] is JsonArray { Count: 0 };
                if (await StumbleAsync(method, url, body, type, isOpen, answers) is { } stumble)
                {
                    stumbles.Add(stumble);
                }

                if (watch.Elapsed - start > TooSlow)
                {
                    stumbles.Add($"{method} {url} took {(watch.Elapsed - start).TotalSeconds:0} s");
                }
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine(string.Join(", ", answers.OrderBy(a => a.Key).Select(a => $"{a.Key}: {a.Value}")));
        Assert.True(stumbles.Count == 0, string.Join('\n', stumbles.Distinct().Take(20)));
        Assert.True(answers.GetValueOrDefault(200) > 0, "not one request was taken");
    }

    [Fact]
    public async Task Whoever_reads_French_is_told_no_problem_in_English()
    {
        var document = new ApiDocument(fixture.Document);
        const int Least = 100;
        HashSet<string> details = [];
        var watch = Stopwatch.StartNew();
        for (var round = 0; round < Rounds && (details.Count <= Least || watch.Elapsed < Enough / 2); round++)
        {
            var fuzzer = new DocumentFuzzer(document, new Random(815 + round));
            foreach (var (path, method, operation) in document.Operations.Where(o => o.Path is not "/api/v1/events"))
            {
                var (url, body, type) = fuzzer.Next(path, operation);
                details.UnionWith(await DetailsAsync(method, url, body, type));
            }
        }

        Assert.True(details.Count > Least, $"only {details.Count} details");
        List<string> english = [.. details.Where(d => English().IsMatch(Quoted().Replace(d, "")))];
        Assert.True(english.Count == 0, $"{english.Count} of {details.Count} details:\n{string.Join('\n', english.Take(40))}");
    }

    private async Task<IReadOnlyList<string>> DetailsAsync(string method, string url, string? body, string type)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(url, UriKind.Relative));
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, MediaTypeHeaderValue.Parse(type));
        request.Headers.AcceptLanguage.ParseAdd("fr");
        try
        {
            using var answer = await fixture.Gateway.Api.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
            if (answer.Content.Headers.ContentType?.MediaType != "application/problem+json")
            {
                return [];
            }

            var problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
            return [(string)problem["detail"]!, .. (problem["errors"] as JsonArray ?? []).Select(e => (string)e!["detail"]!)];
        }
        catch (HttpRequestException e) when (e.InnerException is IOException && body?.Length > LargestOfStrangers)
        {
            return [];
        }
    }

    private async Task<string?> StumbleAsync(string method, string url, string? body, string type, bool isOpen, Dictionary<int, int> answers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(url, UriKind.Relative));
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, MediaTypeHeaderValue.Parse(type));
        var shown = $"{method} {url} {(body?.Length > 400 ? body[..400] + "…" : body)}";
        try
        {
            using var answer = await fixture.Gateway.Api.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
            var status = (int)answer.StatusCode;
            answers[status] = answers.GetValueOrDefault(status) + 1;
            var kind = answer.Content.Headers.ContentType?.MediaType;
            if (kind == "text/event-stream")
            {
                return null;
            }

            var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            return status >= 500 && status != 503 ? $"{status} {shown}: {text}"
                : status == 401 && !isOpen ? $"the token is no longer good: {shown}"
                : status >= 400 && kind != "application/problem+json" ? $"{status} is no problem but {kind}: {shown}"
                : null;
        }
        catch (HttpRequestException e) when (e.InnerException is IOException && body?.Length > LargestOfStrangers)
        {
            // A body beyond what the address takes is not read to its end: this client sees the broken connection before it sees the 413.
            return null;
        }
        catch (Exception e) when (e is TaskCanceledException && !TestContext.Current.CancellationToken.IsCancellationRequested)
        {
            return $"no answer in time: {shown}";
        }
    }

    /// <summary>Values, and what the framework says of a regular expression.</summary>
    // The field in front, too.
    [GeneratedRegex(@"(?:^|; )[\w.\[\]-]+: |(?<=^|[ (:,])'.*'(?=$|[ ,;.)])|"".*""|`.*`|\(.*\)|\w+(?:, \w+)+", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Quoted();

    [GeneratedRegex(@"\b(the|is|not|are|there|must|with|which|missing|this|than|of)\b")]
    private static partial Regex English();
}
