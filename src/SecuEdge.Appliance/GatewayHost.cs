using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Access.Oidc;
using SecuEdge.Appliance.Access.Passkeys;
using SecuEdge.Appliance.Api;
using SecuEdge.Appliance.Api.Requests;
using SecuEdge.Appliance.Audit;
using SecuEdge.Appliance.Backtest;
using SecuEdge.Appliance.Convictions;
using SecuEdge.Appliance.Directories;
using SecuEdge.Appliance.Events;
using SecuEdge.Appliance.MailFlow;
using SecuEdge.Appliance.Operations;
using SecuEdge.Appliance.Privacy;
using SecuEdge.Appliance.Settings;
using SecuEdge.Appliance.Supervision;
using SecuEdge.Appliance.Telemetry;
using SecuEdge.Appliance.Usage;
using SecuEdge.Appliance.Webhooks;
using SecuEdge.Appliance.Yara;
using SecuEdge.Cage.Examination;
using SecuEdge.Cage.Pool;
using SecuEdge.Filter;
using SecuEdge.Filter.Checks;
using SecuEdge.Filter.Dns;
using SecuEdge.Filter.Outbreak;
using SecuEdge.Filter.Policy;
using SecuEdge.Filter.Policy.Rules;
using SecuEdge.Filter.Scanners;
using SecuEdge.Filter.Scanners.HashLists;
using SecuEdge.Filter.Scanners.Yara;
using SecuEdge.Smtp;
using SecuEdge.Store.Audit;
using SecuEdge.Store.MessageLog;
using SecuEdge.Store.Quarantine;
using SecuEdge.Store.Settings;
using SecuEdge.Store.Spool;

namespace SecuEdge.Appliance;

/// <summary>Puts the rooms together into one process: Kestrel carries SMTP, HTTPS and the management listener alike.</summary>
internal static partial class GatewayHost
{
    public static WebApplication Build(Configuration configuration, DataFolder folder, Stores stores, ILoggerFactory loggers, TimeProvider timeProvider)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(loggers);
        builder.Services.AddSingleton(timeProvider);
        builder.Services.Configure<HostOptions>(o =>
        {
            o.ShutdownTimeout = TimeSpan.FromSeconds(30);

            // A background job that fails is logged; mail goes on.
            o.BackgroundServiceExceptionBehavior = BackgroundServiceExceptionBehavior.Ignore;
        });
        // Kestrel reads ahead 1 MB while we think; with hundreds of sessions that is the memory of the box.
        builder.Services.Configure<SocketTransportOptions>(o => o.MaxReadBufferSize = 256 * 1024);
        AddRooms(builder.Services, configuration, folder, stores);
        AddApi(builder.Services);

        var certificate = Certificates.Load(configuration.Appliance, configuration.Smtp.Hostname, timeProvider);
        var certificates = new TlsCertificateSource();
        certificates.Replace(certificate);
        builder.Services.AddSingleton(certificates);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => Listen(kestrel, configuration, folder, certificate));
        var app = builder.Build();
        Map(app);
        return app;
    }

    /// <summary>What must be true before the first connection: site in force, first token made, recovered mail in the queue.</summary>
    /// <returns>Why the appliance cannot start; empty when it can.</returns>
    public static async Task<IReadOnlyList<string>> PrepareAsync(WebApplication app, Configuration configuration, DataFolder folder, Stores stores)
    {
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("SecuEdge");
        if (PermissionGate.Undeclared(app) is { Count: > 0 } undeclared)
        {
            return undeclared;
        }

        var sites = app.Services.GetRequiredService<SiteOperations>();
        foreach (var unusable in await sites.LoadAsync(app.Services.GetRequiredService<StartNotes>().Add, CancellationToken.None))
        {
            LogUnusable(logger, unusable.Sentence);
        }

        if (configuration.Appliance.Site is { Length: > 0 } path)
        {
            if (await app.Services.GetRequiredService<SiteFile>().ImportAsync(path, CancellationToken.None) is { } problem)
            {
                return [.. problem.Detail.Split('\n').Select(e => $"{path}: {e}")];
            }
        }

        app.Services.GetRequiredService<DirectoryShelf>().Load(app.Services.GetRequiredService<SiteHolder>().Current);
        app.Services.CountOwnMailboxes();
        await app.Services.GetRequiredService<FirstToken>().PrepareAsync(CancellationToken.None);
        app.Services.GetRequiredService<StartNotes>().Add(stores.Notes);
        await Recovery.RunAsync(app.Services, stores, logger);
        StateMetrics.Register(
            app.Services.GetRequiredService<GatewayMetrics>(),
            app.Services.GetRequiredService<MailQueue>(),
            stores.Spool,
            stores.Quarantine,
            app.Services.GetRequiredService<IReadOnlyList<IScanner>>(),
            app.Services.GetRequiredService<CagePool>(),
            app.Services.GetRequiredService<RuleBook>(),
            app.Services.GetRequiredService<RuleUpdates>(),
            app.Services.GetRequiredService<ConvictionGuard>(),
            app.Services.GetRequiredService<SiteHolder>(),
            app.Services.GetRequiredService<TimeProvider>());
        app.Services.RegisterDirectoryMetrics();
        stores.OnSaved(app.Services.GetRequiredService<MessageAnnouncer>().Saved);
        app.Services.GetRequiredService<CagePool>().Start();
        if (configuration.Yara.Enabled)
        {
            await app.Services.GetRequiredService<RuleUpdates>().LoadFirstAsync(CancellationToken.None);
        }

        var version = typeof(GatewayHost).Assembly.GetName().Version!.ToString(3);
        app.Lifetime.ApplicationStarted.Register(() => LogStarted(
            logger,
            version,
            configuration.Listeners.Inbound,
            configuration.Listeners.Outbound,
            configuration.Listeners.Submission,
            configuration.Listeners.Api,
            configuration.Listeners.Management));
        return [];
    }

    private static void AddRooms(IServiceCollection services, Configuration configuration, DataFolder folder, Stores stores)
    {
        services.AddSingleton(configuration.Appliance);
        services.AddSingleton(OwnNames.Of(configuration.Appliance, configuration.Smtp));
        services.AddSingleton(configuration.Smtp);
        services.AddSingleton(configuration.Filter);
        services.AddSingleton(stores);
        services.AddSingleton(stores.Spool);
        services.AddSingleton(stores.Quarantine);
        services.AddSingleton(stores.MessageLog);
        services.AddSingleton(stores.Settings);
        services.AddSingleton(stores.Attachments);
        services.AddSingleton(stores.RiskyFiles);
        services.AddSingleton(stores.StateFiles);
        services.AddSingleton(stores.Journals);
        services.AddSingleton(stores.Greylist);

        services.AddSingleton<CageWatch>();
        services.AddSingleton(p => new CagePool(configuration.Cage, folder.Scratch, p.GetRequiredService<TimeProvider>(), p.GetRequiredService<CageWatch>()));
        services.AddSingleton(p => new CagedAnatomist(
            configuration.Content,
            p.GetRequiredService<CagePool>(),
            folder.Scratch,
            configuration.Filter.MaxParallelMessages,
            configuration.Filter.CheckTimeout,
            p.GetRequiredService<TimeProvider>()));
        services.AddSingleton(folder);
        services.AddSingleton(configuration.HashLists);
        services.AddSingleton(p => new HashListStore(folder.HashLists, p.GetRequiredService<TimeProvider>(), p.GetRequiredService<ILogger<HashListStore>>()));
        services.AddSingleton(p => AllScanners.Create(
            configuration.ClamAvService.Enabled ? configuration.ClamAv : null,
            configuration.Yara,
            p.GetRequiredService<IRuleEngine>(),
            configuration.Icap,
            p.GetRequiredService<HashListStore>(),
            p.GetRequiredService<TimeProvider>(),
            p.GetRequiredService<ILoggerFactory>()));
        services.AddYara(configuration.Yara, configuration.YaraService, folder.Root, folder.Scratch);
        services.AddSingleton(p => new MessageFilter(
            AllChecks.Create(
                p.GetRequiredService<IReadOnlyList<IScanner>>(),
                p.GetRequiredService<TimeProvider>(),
                p.GetRequiredService<ConvictionGuard>(),
                Knowledge(configuration, stores, p.GetRequiredService<SiteHolder>(), p.GetRequiredService<HashListStore>())),
            configuration.Filter,
            p.GetRequiredService<TimeProvider>(),
            p.GetRequiredService<ILogger<MessageFilter>>()));
        services.AddSingleton<FactsReader>();
        services.AddBacktest(stores);
        services.AddSingleton<MessageJudge>();
        services.AddEvents();
        services.AddWebhooks(configuration.Webhooks);
        services.AddDirectories(configuration.Directories);
        services.AddSingleton(configuration.Hold);
        services.AddSingleton(configuration.Breaker);
        services.AddSingleton<ConvictionGuard>();
        services.AddSingleton<RetroVerdicts>();
        services.AddSingleton<ConvictionWatch>();
        services.AddHostedService(p => p.GetRequiredService<ConvictionWatch>());
        services.AddSingleton<Recollection>();
        services.AddSingleton<EngineChanges>();
        services.AddClamAvSupervision(configuration.ClamAvService);

        services.AddSingleton<SiteHolder>();
        services.AddSingleton<StartNotes>();
        services.AddSingleton(new GatewayMetrics());
        services.AddSingleton<References>();
        services.AddSingleton<IDnsResolver>(p => new DnsClientResolver(configuration.Dns, p.GetRequiredService<TimeProvider>()));
        services.AddDelivery(configuration.Queue, configuration.Delivery);
        services.AddHostedService<EngineWatch>();
        services.AddHostedService<HashListUpdates>();
        services.AddHostedService<ListedFiles>();
        services.AddHostedService<Housekeeping>();
        services.AddSmtpServer();
        services.AddSingleton<ISmtpTransactions, MailReceiver>();

        services.AddSingleton<MailGate>();
        services.AddSingleton<RetroVerdictOperations>();
        services.AddRefusals(stores.Refusals);
        services.AddAudit(stores.Audit, configuration.Syslog);
        services.AddAccess(configuration.Access, stores.Accounts);
        services.AddOidc(configuration.Oidc);
        services.AddPasskeys();
        services.AddUsage(stores.Usage);
        services.AddPrivacy(stores.MessageUpkeep);
        services.AddSingleton<MessageOperations>();
        services.AddSingleton<QuarantineOperations>();
        services.AddSingleton<QueueOperations>();
        services.AddSingleton<HoldOperations>();
        services.AddSingleton<EngineOperations>();
        services.AddSingleton<HashListOperations>();
        services.AddSingleton<AnalyzeOperations>();
        services.AddTenants();
        services.AddSingleton<RuleOperations>();
        services.AddPolicies();
        services.AddSingleton<SystemOperations>();
    }

    private static OutbreakKnowledge Knowledge(Configuration configuration, Stores stores, SiteHolder sites, HashListStore lists) => new()
    {
        Files = stores.RiskyFiles,
        Options = configuration.Outbreak,
        HoldTime = envelope => envelope.Recipients.Max(r => sites.Current.HoldFor(envelope.Tenant, envelope.Direction, r, envelope.ReversePath).Of(envelope.Direction)),
        IsKnownGood = lists.IsKnownGood,
    };

    private static void AddApi(IServiceCollection services)
    {
        services.AddRouting();
        services.AddApiConventions();
        services.AddAuthentication(ApiAuthentication.SchemeName)
            .AddScheme<AuthenticationSchemeOptions, ApiAuthentication>(ApiAuthentication.SchemeName, null);
        services.AddAuthorization();
    }

    private static void Listen(KestrelServerOptions kestrel, Configuration configuration, DataFolder folder, X509Certificate2 certificate)
    {
        kestrel.AddServerHeader = false;
        kestrel.ConfigureEndpointDefaults(kestrel.ApplicationServices.GetRequiredService<OwnListeners>().Add);
        kestrel.Limits.MaxRequestBodySize = configuration.Smtp.MaxMessageBytes;
        foreach (var (text, role) in ((string, ListenerRole)[])
                 [
                     (configuration.Listeners.Inbound, ListenerRole.Inbound),
                     (configuration.Listeners.Outbound, ListenerRole.Outbound),
                     (configuration.Listeners.Submission, ListenerRole.Submission),
                 ])
        {
            if (Configuration.Endpoint(text) is { } endpoint)
            {
                kestrel.Listen(endpoint, listener => listener.UseSmtp(role));
            }
        }

        if (Configuration.Endpoint(configuration.Listeners.Api) is { } api)
        {
            kestrel.Listen(api, listener => listener.UseHttps(certificate));
        }

        if (Configuration.Endpoint(configuration.Listeners.Management) is { } management)
        {
            kestrel.Listen(management, listener => listener.Use(next => connection =>
            {
                connection.Features.Set(new ManagementConnection());
                return next(connection);
            }));
        }

        kestrel.ApplicationServices.GetRequiredService<InternalListener>().Listen(kestrel);
        var control = DataFolder.ControlSocket(folder.Root);
        if (DataFolder.FitsSocket(control))
        {
            File.Delete(control);
            kestrel.ListenUnixSocket(control, listener => listener.Use(next => connection =>
            {
                ApiAuthentication.TrustConnection(connection);
                return next(connection);
            }));
        }
    }

    private static void Map(WebApplication app)
    {
        app.UseProblems();

        app.UseRouting();
        app.UseBodyLimits();

        // The management listener answers probes and nothing else; the API listener never answers probes.
        app.Use((context, next) =>
        {
            var isManagement = context.GetEndpoint()?.Metadata.GetMetadata<ManagementEndpoint>() is not null;
            if (isManagement != context.Features.Get<ManagementConnection>() is not null)
            {
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return Task.CompletedTask;
            }

            return next(context);
        });
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseAccessGate();
        app.UsePermissions();
        app.UseRequestChecks();
        HealthApi.Map(app);
        app.MapOpenApi("/api/v1/openapi.json").AllowAnonymous();
        var api = app.MapApi();
        MessagesApi.Map(api);
        RefusalsApi.Map(api);
        QuarantineApi.Map(api);
        BacktestApi.Map(api);
        QueueApi.Map(api);
        RulesApi.Map(api);
        EnginesApi.Map(api);
        RetroVerdictsApi.Map(api);
        HashListsApi.Map(api);
        SystemApi.Map(api);
        TenantTreeApi.Map(api);
        PoliciesApi.Map(api);
        PolicyRulesApi.Map(api);
        NoticesApi.Map(api);
        AccessApi.Map(api);
        ConvertApi.Map(api);
        AuditApi.Map(api);
        EventsApi.Map(api);
        WebhooksApi.Map(api);
        DirectoriesApi.Map(api);
        BulkApi.Map(api);
        UsageApi.Map(api);
        PrivacyApi.Map(api);
    }

    /// <summary>Marks connections of the management listener.</summary>
    private sealed class ManagementConnection;

    [LoggerMessage(Level = LogLevel.Error, Message = "{Sentence}")]
    private static partial void LogUnusable(ILogger logger, string sentence);

    [LoggerMessage(Level = LogLevel.Information, Message = "SecuEdge {Version} listens: SMTP in {Inbound}, out {Outbound}, submission {Submission}; API {Api}; management {Management}")]
    private static partial void LogStarted(ILogger logger, string version, string inbound, string outbound, string submission, string api, string management);
}
