using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using SecuEdge.Appliance.Api;
using SecuEdge.Appliance.Import;
using SecuEdge.Appliance.Operations;
using SecuEdge.Appliance.Settings;
using SecuEdge.Store.Audit;

namespace SecuEdge.Appliance.Verbs;

/// <summary><c>import</c> and <c>export</c> of the site file: through the running appliance, or straight in the store when none runs.</summary>
internal static class SiteVerbs
{
    public static async Task<int> ImportAsync(string[] arguments)
    {
        var plan = arguments.Contains("--plan");
        var (configuration, noFolder) = DataChoice.Take(ref arguments, mayBeNew: !plan);
        if (configuration is null)
        {
            return Usage.Fail([$"import: {noFolder}"]);
        }

        var trust = arguments.SkipWhile(a => a != "--trust").Skip(1).FirstOrDefault();
        if (arguments.Where(a => a is not ("--plan" or "--trust") && a != trust).ToList() is not [var file])
        {
            return Usage.Fail(["import: name one site file, or - for standard input; --plan only shows what would change; --trust FINGERPRINT takes another appliance's signed export; --data DIR names the data folder"]);
        }

        string json;
        try
        {
            json = file == "-" ? await Console.In.ReadToEndAsync() : await File.ReadAllTextAsync(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Usage.Fail([Usage.Unreadable(file, e)]);
        }

        if (SignedExport.IsOne(json))
        {
            var (inner, problem) = Unseal(json, trust, configuration);
            if (inner is null)
            {
                return Usage.Fail([$"{file}: {problem}"]);
            }

            json = inner;
        }

        var (site, errors) = SiteJson.Read(json);
        if (site is null)
        {
            return Usage.Fail(errors.Select(e => $"{file}: {e}"));
        }

        if (ControlClient.TryConnect(configuration.Appliance.Data) is { } control)
        {
            using (control)
            {
                using var content = new StringContent(json, MediaTypeHeaderValue.Parse("application/json"));
                var comment = Uri.EscapeDataString($"import {Path.GetFileName(file)}");
                var (isSuccess, body) = await control.SendAsync(HttpMethod.Put, $"site?plan={(plan ? "true" : "false")}&comment={comment}", content);
                return isSuccess
                    ? Report(JsonSerializer.Deserialize<SiteImport>(body, ApiJson.Options)!, plan)
                    : Usage.Fail([ApiJson.Detail(body)]);
            }
        }

        return await WithStoreAsync(configuration, async operations =>
        {
            var outcome = await operations.ImportAsync(Caller.Local, json, $"import {Path.GetFileName(file)}", plan, CancellationToken.None);
            return outcome.Problem is { } problem ? Usage.Fail([problem.Detail]) : Report(outcome.Value!, plan);
        });
    }

    public static async Task<int> ExportAsync(string[] arguments)
    {
        var (configuration, noFolder) = DataChoice.Take(ref arguments, mayBeNew: false);
        if (configuration is null)
        {
            return Usage.Fail([$"export: {noFolder}"]);
        }

        if (arguments is not ([] or ["--signed"]))
        {
            return Usage.Fail(["export: there are only --signed and --data DIR"]);
        }

        var isSigned = arguments.Length > 0;
        if (ControlClient.TryConnect(configuration.Appliance.Data) is { } control)
        {
            using (control)
            {
                var (isSuccess, body) = await control.SendAsync(HttpMethod.Get, "site", null);
                return Print(isSuccess, isSuccess && isSigned ? Seal(SiteJson.Read(body).Site!, configuration) : body);
            }
        }

        return await WithStoreAsync(configuration, operations =>
        {
            var site = operations.Export();
            return Task.FromResult(Print(true, isSigned ? Seal(SiteJson.Read(site).Site!, configuration) : site));
        });
    }

    private static string Seal(Site site, Configuration configuration)
    {
        using var key = SignedExport.Key(DataFolder.ExportKey(configuration.Appliance.Data));
        Console.Error.WriteLine($"Signed with the key {SignedExport.Fingerprint(key)}: who imports it elsewhere says --trust {SignedExport.Fingerprint(key)}");
        return SignedExport.Write(site, configuration.Smtp.Hostname, TimeProvider.System.GetUtcNow(), key);
    }

    /// <summary>An own export is believed as it is; of another appliance, only with the fingerprint that its administrator told.</summary>
    private static (string? Site, string Problem) Unseal(string json, string? trust, Configuration configuration)
    {
        var (site, fingerprint, problem) = SignedExport.Read(json);
        if (site is null)
        {
            return (null, problem);
        }

        var own = DataFolder.ExportKey(configuration.Appliance.Data);
        if (File.Exists(own))
        {
            using var key = SignedExport.Key(own);
            trust ??= SignedExport.Fingerprint(key);
        }

        return fingerprint.Equals(trust, StringComparison.OrdinalIgnoreCase)
            ? (site, "")
            : (null, $"is signed by the key {fingerprint}, which is not this appliance's; compare it with what 'secuedge export --signed' said there, then add --trust {fingerprint}");
    }

    private static int Print(bool isSuccess, string body)
    {
        if (!isSuccess)
        {
            return Usage.Fail([ApiJson.Detail(body)]);
        }

        Console.Write(body);
        return Usage.Success;
    }

    private static int Report(SiteImport import, bool plan)
    {
        foreach (var change in import.Changes)
        {
            Console.WriteLine(change);
        }

        Console.WriteLine(
            import.Changes.Count == 0 ? $"Nothing changes; revision {import.Revision} is in force."
            : plan ? $"{import.Changes.Count} change(s) would be made. Import without --plan to make them."
            : $"{import.Changes.Count} change(s) made; revision {import.Revision} is in force.");
        return Usage.Success;
    }

    private static async Task<int> WithStoreAsync(Configuration configuration, Func<SiteOperations, Task<int>> action)
    {
        var (folder, error) = DataFolder.Open(configuration.Appliance.Data);
        if (folder is null)
        {
            return Usage.Fail([error]);
        }

        using (folder)
        {
            return await Stores.WithSettingsAsync(configuration, NullLoggerFactory.Instance, async settings =>
            {
                var holder = new SiteHolder();
                await using var audit = await AuditLog.OpenAsync(configuration.Store, TimeProvider.System, NullLogger.Instance, CancellationToken.None);
                using var editor = new SiteEditor(settings, holder, new Auditor(audit, TimeProvider.System), new RevisionBudget(TimeProvider.System));
                var operations = new SiteOperations(settings, holder, editor);
                foreach (var unusable in await operations.LoadAsync(notes => notes.ToList().ForEach(Console.Error.WriteLine), CancellationToken.None))
                {
                    Console.Error.WriteLine(unusable.Sentence);
                }

                return await action(operations);
            });
        }
    }
}
