using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace SecuEdge.Smtp;

/// <summary>
/// The certificate of the SMTP listeners. It can be replaced at any time; running connections keep what they have negotiated. Without
/// one, STARTTLS is not offered.
/// </summary>
public sealed class TlsCertificateSource
{
    private volatile SslStreamCertificateContext? current;

    /// <summary>Shared by all handshakes, so that the chain is built once and sessions can be resumed.</summary>
    public SslStreamCertificateContext? Current => current;

    /// <summary>Replaces the certificate (with private key); null stops offering TLS.</summary>
    /// <param name="certificate">Stays with this object; the caller must not dispose it.</param>
    /// <param name="intermediates">Sent along with it, leaf's issuer first.</param>
    public void Replace(X509Certificate2? certificate, X509Certificate2Collection? intermediates = null) =>

        // Offline: a handshake must not wait for the download of a missing issuer.
        current = certificate is null ? null : SslStreamCertificateContext.Create(certificate, intermediates, offline: true);
}
