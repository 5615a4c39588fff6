using Microsoft.Extensions.Logging;

namespace SecuEdge.Smtp;

/// <summary>What all sessions of a listener share.</summary>
internal sealed record SmtpListener
{
    public required ListenerRole Role { get; init; }

    public required ISmtpTransactions Transactions { get; init; }

    public required SmtpServerOptions Options { get; init; }

    public required TlsCertificateSource Certificates { get; init; }

    public required TimeProvider Time { get; init; }

    public required ILogger Logger { get; init; }
}
