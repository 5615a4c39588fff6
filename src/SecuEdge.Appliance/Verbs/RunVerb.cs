using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Console;
using SecuEdge.Appliance.Settings;

namespace SecuEdge.Appliance.Verbs;

/// <summary><c>run</c>: read settings, open the stores, start the gateway, stop on SIGTERM.</summary>
internal static partial class RunVerb
{
    public static async Task<int> ExecuteAsync()
    {
        var configuration = Configuration.Load();
        if (configuration.Errors.Count > 0)
        {
            return Usage.Fail(configuration.Errors);
        }

        var (folder, error) = DataFolder.Open(configuration.Appliance.Data);
        if (folder is null)
        {
            return Usage.Fail([error]);
        }

        using (folder)
        {
            using var loggers = Loggers(configuration.Appliance);
            try
            {
                return await RunAsync(configuration, folder, loggers);
            }
            catch (Exception e) when (e is IOException or CryptographicException or UnauthorizedAccessException)
            {
                return Usage.Fail([$"cannot start: {e.Message}"]);
            }
        }
    }

    private static async Task<int> RunAsync(Configuration configuration, DataFolder folder, ILoggerFactory loggers)
    {
        var logger = loggers.CreateLogger("SecuEdge");
        await using var stores = await Stores.OpenAsync(configuration, loggers, TimeProvider.System);
        foreach (var note in stores.Notes)
        {
            LogNote(logger, note);
        }

        await using var app = GatewayHost.Build(configuration, folder, stores, loggers, TimeProvider.System);
        var errors = await GatewayHost.PrepareAsync(app, configuration, folder, stores);
        if (errors.Count > 0)
        {
            return Usage.Fail(errors);
        }

        await app.RunAsync();
        return Usage.Success;
    }

    /// <summary>One line an event on standard output, UTC: what container collectors expect.</summary>
    private static ILoggerFactory Loggers(ApplianceOptions options) => LoggerFactory.Create(logging =>
    {
        logging.SetMinimumLevel(LogLevel.Information)
            .AddFilter("Microsoft", LogLevel.Warning)
            // Broken TLS handshakes and aborted requests of strangers are no news.
            .AddFilter("Microsoft.AspNetCore.Server.Kestrel", LogLevel.Error);
        if (options.LogFormat == "json")
        {
            logging.AddJsonConsole(json =>
            {
                json.UseUtcTimestamp = true;
                json.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";
                json.IncludeScopes = false;
            });
        }
        else
        {
            logging.AddSimpleConsole(text =>
            {
                text.UseUtcTimestamp = true;
                text.TimestampFormat = "yyyy-MM-dd HH:mm:ss ";
                text.SingleLine = true;
                text.ColorBehavior = LoggerColorBehavior.Disabled;
            });
        }
    });

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Note}")]
    private static partial void LogNote(ILogger logger, string note);
}
