using System.Net;
using Microsoft.Extensions.Configuration.Memory;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Access.Oidc;
using SecuEdge.Appliance.Audit;
using SecuEdge.Appliance.Directories;
using SecuEdge.Appliance.MailFlow;
using SecuEdge.Appliance.Supervision;
using SecuEdge.Appliance.Webhooks;
using SecuEdge.Appliance.Yara;
using SecuEdge.Cage.Pool;
using SecuEdge.Content;
using SecuEdge.Filter;
using SecuEdge.Filter.Dns;
using SecuEdge.Filter.Outbreak;
using SecuEdge.Filter.Scanners;
using SecuEdge.Filter.Scanners.Yara;
using SecuEdge.Smtp;
using SecuEdge.Store;

namespace SecuEdge.Appliance.Settings;

/// <summary>
/// All settings that must exist before start: <c>/config/secuedge.json</c>, overridden by environment variables
/// <c>SECUEDGE__Section__Key</c>; <c>…_FILE</c> names a file with the value, for secrets.
/// </summary>
internal sealed record Configuration
{
    private const string Prefix = "SECUEDGE__";

    public required ApplianceOptions Appliance { get; init; }

    public required ListenerOptions Listeners { get; init; }

    public required SmtpServerOptions Smtp { get; init; }

    public required AnatomyBudget Content { get; init; }

    public required CageOptions Cage { get; init; }

    public required FilterOptions Filter { get; init; }

    public required ClamAvOptions ClamAv { get; init; }

    public required ClamAvServiceOptions ClamAvService { get; init; }

    public required YaraOptions Yara { get; init; }

    public required YaraServiceOptions YaraService { get; init; }

    public required IcapOptions Icap { get; init; }

    public required HashListOptions HashLists { get; init; }

    public required SmtpClientOptions Delivery { get; init; }

    public required DnsOptions Dns { get; init; }

    public required StoreOptions Store { get; init; }

    public required QueueOptions Queue { get; init; }

    public required HoldOptions Hold { get; init; }

    public required OutbreakOptions Outbreak { get; init; }

    public required BreakerOptions Breaker { get; init; }

    public required SyslogOptions Syslog { get; init; }

    public required WebhookOptions Webhooks { get; init; }

    public required DirectoryOptions Directories { get; init; }

    public required AccessOptions Access { get; init; }

    public required OidcOptions Oidc { get; init; }

    /// <summary>Somebody said which data folder is meant.</summary>
    public bool IsDataNamed { get; init; }

    /// <summary>Everything wrong, each with key, value and what is allowed; empty when the appliance can start.</summary>
    public required IReadOnlyList<string> Errors { get; init; }

    /// <param name="data">The data folder, as a verb's option names it.</param>
    public static Configuration Load(string? data = null)
    {
        var builder = new ConfigurationBuilder();
        var file = Environment.GetEnvironmentVariable("SECUEDGE_CONFIG") ?? "/config/secuedge.json";
        var errors = new List<string>();
        try
        {
            builder.AddJsonFile(file, optional: true);
            builder.Add(new MemoryConfigurationSource { InitialData = FromEnvironment(errors) });
            if (data is not null)
            {
                builder.Add(new MemoryConfigurationSource { InitialData = [new(nameof(ApplianceOptions.Data), data)] });
            }

            return Read(builder.Build(), errors);
        }
        catch (Exception e) when (e is InvalidDataException or FormatException)
        {
            errors.Add($"{file}: is not valid JSON: {e.InnerException?.Message ?? e.Message}");
            return Read(new ConfigurationBuilder().Build(), errors);
        }
    }

    /// <summary>A listener's <c>address:port</c>; null when it is switched off.</summary>
    public static IPEndPoint? Endpoint(string text) => text.Length == 0 ? null : IPEndPoint.Parse(text);

    internal static Configuration Read(IConfiguration source, IReadOnlyList<string> earlierErrors)
    {
        var reader = new SettingsReader(source);
        foreach (var error in earlierErrors)
        {
            reader.Add(error);
        }

        var configuration = new Configuration
        {
            Appliance = reader.Read<ApplianceOptions>(""),
            Listeners = reader.Read<ListenerOptions>("Listeners"),
            Smtp = reader.Read<SmtpServerOptions>("Smtp"),
            Content = reader.Read<AnatomyBudget>("Content"),
            Cage = reader.Read<CageOptions>("Cage"),
            Filter = reader.Read<FilterOptions>("Filter"),
            ClamAv = reader.Read<ClamAvOptions>("ClamAv"),
            ClamAvService = reader.Read<ClamAvServiceOptions>("ClamAv"),
            Yara = reader.Read<YaraOptions>("Yara"),
            YaraService = reader.Read<YaraServiceOptions>("Yara"),
            Icap = reader.Read<IcapOptions>("Icap"),
            HashLists = reader.Read<HashListOptions>("HashLists"),
            Delivery = reader.Read<SmtpClientOptions>("Delivery"),
            Dns = reader.Read<DnsOptions>("Dns"),
            Store = reader.Read<StoreOptions>("Store"),
            Queue = reader.Read<QueueOptions>("Queue"),
            Hold = reader.Read<HoldOptions>("Hold"),
            Outbreak = reader.Read<OutbreakOptions>("Outbreak"),
            Breaker = reader.Read<BreakerOptions>("Breaker"),
            Syslog = reader.Read<SyslogOptions>("Audit:Syslog"),
            Webhooks = reader.Read<WebhookOptions>("Webhooks"),
            Directories = reader.Read<DirectoryOptions>("Directories"),
            Access = reader.Read<AccessOptions>("Access"),
            Oidc = reader.Read<OidcOptions>("Access:Oidc"),
            IsDataNamed = source[nameof(ApplianceOptions.Data)] is { Length: > 0 },
            Errors = reader.Errors,
        };
        CheckListeners(configuration.Listeners, reader);
        foreach (var network in configuration.Directories.AllowedNetworks.Where(n => SiteValidation.ParseNetwork(n) is null))
        {
            reader.Add($"{Prefix}Directories__AllowedNetworks = '{network}': must be addresses or CIDR networks, such as 10.1.0.0/16");
        }

        Complete(configuration);
        if (configuration.ClamAvService.Enabled && configuration.Smtp.MaxMessageBytes > configuration.ClamAv.MaxStreamBytes)
        {
            reader.Add($"{Prefix}Smtp__MaxMessageBytes = '{configuration.Smtp.MaxMessageBytes}': is more than antivirus takes; raise {Prefix}ClamAv__MaxStreamBytes above it");
        }

        if (configuration.Icap.Enabled && configuration.Smtp.MaxMessageBytes > configuration.Icap.MaxBytes)
        {
            reader.Add($"{Prefix}Smtp__MaxMessageBytes = '{configuration.Smtp.MaxMessageBytes}': is more than the ICAP engine gets; raise {Prefix}Icap__MaxBytes above it");
        }

        reader.RejectUnknown();
        return configuration;
    }

    /// <summary>What one section must know of another.</summary>
    private static void Complete(Configuration configuration)
    {
        if (configuration.Delivery.Hostname == new SmtpClientOptions().Hostname)
        {
            // One name in both directions unless the administrator wants two.
            configuration.Delivery.Hostname = configuration.Smtp.Hostname;
        }

        configuration.Store.DataFolder = Path.GetFullPath(configuration.Appliance.Data);
        configuration.ClamAvService.DataFolder = Path.GetFullPath(configuration.Appliance.Data);
        configuration.ClamAvService.MaxMessageBytes = configuration.Smtp.MaxMessageBytes;
        configuration.ClamAvService.Supervise &= configuration.ClamAvService.Enabled;
        if (configuration.ClamAvService.Supervise)
        {
            configuration.ClamAv.Endpoint = "unix:" + ClamAvPaths.From(configuration.ClamAvService).Socket;
        }
    }

    private static void CheckListeners(ListenerOptions listeners, SettingsReader reader)
    {
        var used = new Dictionary<int, string>();
        foreach (var property in typeof(ListenerOptions).GetProperties())
        {
            var key = $"{Prefix}Listeners__{property.Name}";
            var text = (string)property.GetValue(listeners)!;
            if (text.Length == 0)
            {
                continue;
            }

            if (!IPEndPoint.TryParse(text, out var endpoint) || !text.Contains(':', StringComparison.Ordinal))
            {
                reader.Add($"{key} = '{text}': must be address:port, such as 0.0.0.0:2525 or [::]:2525");
            }
            else if (endpoint.Port != 0 && !used.TryAdd(endpoint.Port, key))
            {
                reader.Add($"{key} = '{text}': port {endpoint.Port} is already taken by {used[endpoint.Port]}");
            }
        }
    }

    private static Dictionary<string, string?> FromEnvironment(List<string> errors)
    {
        var values = new Dictionary<string, string?>();
        foreach (System.Collections.DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            var name = (string)variable.Key;
            if (!name.StartsWith(Prefix, StringComparison.Ordinal))
            {
                continue;
            }

            var key = name[Prefix.Length..].Replace("__", ":", StringComparison.Ordinal);
            var value = (string?)variable.Value;
            if (key.EndsWith("_FILE", StringComparison.Ordinal))
            {
                key = key[..^"_FILE".Length];
                try
                {
                    value = File.ReadAllText(value!).Trim();
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    errors.Add($"{name} = '{value}': cannot be read: {e.Message}");
                    continue;
                }
            }

            values[key] = value;
        }

        return values;
    }
}
