using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using SecuEdge.Appliance.Api;
using SecuEdge.Appliance.Operations;
using SecuEdge.Appliance.Settings;
using SecuEdge.Content;
using SecuEdge.Filter;

namespace SecuEdge.Appliance.Verbs;

/// <summary>
/// <c>analyze</c>: the full verdict on files, without delivery. Asks the appliance that runs on the data folder, whose engines are loaded;
/// without one it judges by itself with the configured engine.
/// </summary>
internal static class AnalyzeVerb
{
    private const int SpamOrPolicy = 10;
    private const int Infected = 20;

    public static async Task<int> ExecuteAsync(string[] arguments)
    {
        var (found, noFolder) = DataChoice.Take(ref arguments, mayBeNew: false);
        var (request, error) = AnalyzeRequest.Parse(arguments);
        if (request is null)
        {
            return Usage.Fail([error]);
        }

        if (found is null)
        {
            Console.Error.WriteLine($"secuedge: judged by this command itself, without anybody's rules: {noFolder}");
        }

        var configuration = found ?? Configuration.Load();
        if (configuration.Errors.Count > 0)
        {
            return Usage.Fail(configuration.Errors);
        }

        var worst = Usage.Success;
        await using var analyzer = await Analyzer.OpenAsync(configuration, request);
        foreach (var file in request.Files)
        {
            var (analysis, trouble) = await analyzer.AnalyzeAsync(file);
            if (analysis is null)
            {
                Console.Error.WriteLine($"secuedge: {file}: {trouble}");
                worst = Worse(worst, Usage.Error);
                continue;
            }

            Console.WriteLine(request.Json ? JsonSerializer.Serialize(analysis, ApiJson.Options) : Render(analysis));
            worst = Worse(worst, ExitCode(analysis));
        }

        return worst;
    }

    /// <summary>A file that could not be judged is worse than any verdict.</summary>
    private static int Worse(int a, int b) => a == Usage.Error || b == Usage.Error ? Usage.Error : Math.Max(a, b);

    private static int ExitCode(Analysis analysis) =>
        analysis.Class == MessageClass.Infected ? Infected
        : analysis.Action == VerdictAction.Defer ? Usage.Error
        : analysis.Action == VerdictAction.Deliver ? Usage.Success
        : SpamOrPolicy;

    private static string Render(Analysis analysis)
    {
        var text = new StringWriter(CultureInfo.InvariantCulture);
        text.WriteLine($"{analysis.File}: {Word(analysis.Action)} ({Word(analysis.Class)}, score {analysis.Score:0.##}, decided by {analysis.DecidedBy})");
        foreach (var finding in analysis.Findings)
        {
            text.WriteLine($"  {finding.Code,-28} {finding.Score,6:0.##}  {finding.Text}{(finding.Detail.Length > 0 ? $" ({finding.Detail})" : "")}");
        }

        foreach (var engine in analysis.Engines)
        {
            text.WriteLine($"  engine {engine.Name} {engine.Version}: {engine.Result} in {engine.Milliseconds:0.#} ms");
        }

        foreach (var trouble in analysis.Troubles)
        {
            text.WriteLine($"  not looked at: {trouble}");
        }

        RenderPart(text, analysis.Anatomy, "  ");
        return text.ToString().TrimEnd();
    }

    private static void RenderPart(StringWriter text, AnalysisPart part, string indent)
    {
        var flags = part.Flags.Count > 0 ? $" [{string.Join(' ', part.Flags)}]" : "";
        var types = part.DeclaredType == part.DetectedType || part.DeclaredType.Length == 0 ? part.DetectedType : $"{part.DeclaredType}, really {part.DetectedType}";
        text.WriteLine($"{indent}{part.Path} {Word(part.Kind)} {types} {part.Size} bytes{(part.FileName is null ? "" : $" '{part.FileName}'")}{flags}");
        foreach (var child in part.Children)
        {
            RenderPart(text, child, indent + "  ");
        }
    }

    private static string Word<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}

/// <summary>The arguments of <c>analyze</c>.</summary>
internal sealed record AnalyzeRequest(IReadOnlyList<string> Files, bool Json, string? Tenant, Direction Direction)
{
    public static (AnalyzeRequest? Request, string Error) Parse(string[] arguments)
    {
        var files = new List<string>();
        var json = false;
        string? tenant = null;
        var direction = Direction.Inbound;
        for (var i = 0; i < arguments.Length; i++)
        {
            switch (arguments[i])
            {
                case "--json":
                    json = true;
                    break;
                case "--outbound":
                    direction = Direction.Outbound;
                    break;
                case "--tenant" when i + 1 < arguments.Length:
                    tenant = arguments[++i];
                    break;
                case ['-', '-', ..]:
                    return (null, $"analyze: '{arguments[i]}' is not an option; there are --json, --outbound, --tenant NAME and --data DIR");
                default:
                    files.Add(arguments[i]);
                    break;
            }
        }

        return files.Count == 0 ? (null, "analyze: name at least one message or other file") : (new AnalyzeRequest(files, json, tenant, direction), "");
    }
}

/// <summary>Where the judging happens: in the running appliance, or here.</summary>
internal abstract class Analyzer : IAsyncDisposable
{
    public static async Task<Analyzer> OpenAsync(Configuration configuration, AnalyzeRequest request) =>
        ControlClient.TryConnect(configuration.Appliance.Data) is { } control
            ? new Remote(control, request)
            : new Here(await StandaloneJudge.OpenAsync(configuration), request);

    public async Task<(Analysis? Analysis, string Trouble)> AnalyzeAsync(string file)
    {
        try
        {
            return await JudgeAsync(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or HttpRequestException)
        {
            return (null, $"cannot be read: {e.Message}");
        }
    }

    public abstract ValueTask DisposeAsync();

    protected abstract Task<(Analysis? Analysis, string Trouble)> JudgeAsync(string file);

    private sealed class Remote(ControlClient control, AnalyzeRequest request) : Analyzer
    {
        public override ValueTask DisposeAsync()
        {
            control.Dispose();
            return ValueTask.CompletedTask;
        }

        protected override async Task<(Analysis? Analysis, string Trouble)> JudgeAsync(string file)
        {
            await using var stream = File.OpenRead(file);
            using var content = new StreamContent(stream);
            content.Headers.ContentType = new MediaTypeHeaderValue("message/rfc822");
            var tenant = request.Tenant is null ? "" : $"&tenant={Uri.EscapeDataString(request.Tenant)}";
            var (isSuccess, body) = await control.SendAsync(HttpMethod.Post, $"analyze?file={Uri.EscapeDataString(file)}&direction={request.Direction}{tenant}", content);
            return isSuccess ? (JsonSerializer.Deserialize<Analysis>(body, ApiJson.Options), "") : (null, ApiJson.Detail(body));
        }
    }

    private sealed class Here(StandaloneJudge judge, AnalyzeRequest request) : Analyzer
    {
        public override ValueTask DisposeAsync() => judge.DisposeAsync();

        protected override async Task<(Analysis? Analysis, string Trouble)> JudgeAsync(string file)
        {
            if (!File.Exists(file))
            {
                return (null, "there is no such file");
            }

            var outcome = await judge.Operations.AnalyzeAsync(Caller.Local, file, new FileBytes(file), new AnalysisQuestion { Tenant = request.Tenant, Direction = request.Direction }, CancellationToken.None);
            return (outcome.Value, outcome.Problem?.Detail ?? "");
        }
    }
}
