using System.ComponentModel.DataAnnotations;

namespace SecuEdge.Appliance.Settings;

/// <summary>What must be known before the appliance starts. Everything that an administrator changes later lives in the store.</summary>
public sealed class ApplianceOptions
{
    /// <summary>The one folder that survives: spool, quarantine, databases, signatures, keys. In the container it is the volume <c>/data</c>.</summary>
    [Required]
    public string Data { get; set; } = "data";

    /// <summary>A site file imported at a start whenever it has changed; empty keeps what the store has. Tenants made through the API stay.</summary>
    public string Site { get; set; } = "";

    /// <summary>Days a message stays in quarantine. 30 days is what commercial peers keep.</summary>
    [Range(1, 3650)]
    public int QuarantineDays { get; set; } = 30;

    /// <summary>
    /// Days the export of a deleted tenant, and its past in the history of settings, are kept before they are erased for good. 30: a deletion by
    /// mistake is noticed with the next monthly bill, and a month is the time the GDPR (article 12) gives to carry out an erasure.
    /// </summary>
    [Range(0, 365)]
    public int DeletedTenantDays { get; set; } = 30;

    /// <summary><c>json</c> (one object a line, for collectors) or <c>text</c>.</summary>
    [RegularExpression("json|text", ErrorMessage = "json or text")]
    public string LogFormat { get; set; } = "json";

    /// <summary>What customers write into their MX record; empty = the name of the SMTP server.</summary>
    public string MxName { get; set; } = "";

    /// <summary>What customers set as smarthost; empty = the name of the SMTP server.</summary>
    public string SmarthostName { get; set; } = "";

    /// <summary>Port of the smarthost as customers reach it: the image publishes the outbound listener as 26.</summary>
    [Range(1, 65535)]
    public int SmarthostPort { get; set; } = 26;

    /// <summary>PEM certificate chain for STARTTLS and HTTPS; empty = self-signed, made at the first start.</summary>
    public string CertificateFile { get; set; } = "";

    /// <summary>PEM key of <see cref="CertificateFile"/>.</summary>
    public string CertificateKeyFile { get; set; } = "";
}

/// <summary>Addresses the appliance listens on, <c>address:port</c>; empty switches one off.</summary>
public sealed class ListenerOptions
{
    /// <summary>SMTP from the Internet; published as port 25.</summary>
    public string Inbound { get; set; } = "0.0.0.0:2525";

    /// <summary>SMTP from the customers' servers; published as 26, as Proxmox users know it.</summary>
    public string Outbound { get; set; } = "0.0.0.0:2526";

    /// <summary>Message submission (RFC 6409); published as 587.</summary>
    public string Submission { get; set; } = "0.0.0.0:2587";

    /// <summary>HTTPS: API.</summary>
    public string Api { get; set; } = "0.0.0.0:8443";

    /// <summary>HTTP without secrets, for the internal network only: /livez /readyz /metrics.</summary>
    public string Management { get; set; } = "0.0.0.0:8081";
}
