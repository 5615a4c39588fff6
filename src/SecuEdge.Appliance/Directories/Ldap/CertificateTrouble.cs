using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace SecuEdge.Appliance.Directories.Ldap;

/// <summary>What is wrong with the certificate of a server, whose it is, and what to do about it.</summary>
internal static class CertificateTrouble
{
    public static string Describe(string host, X509Certificate2? certificate, X509Chain? chain, SslPolicyErrors errors, bool hasOwnAuthority)
    {
        if (certificate is null)
        {
            return $"{host}: the server shows no certificate";
        }

        var whose = $"{host}: the certificate of '{Plain(certificate.Subject)}', issued by '{Plain(certificate.Issuer)}',";
        var status = (chain?.ChainStatus ?? []).Select(s => s.Status).ToList();
        if (status.Contains(X509ChainStatusFlags.NotTimeValid))
        {
            return $"{whose} is valid from {certificate.NotBefore.ToUniversalTime():yyyy-MM-dd} to {certificate.NotAfter.ToUniversalTime():yyyy-MM-dd} only; renew it";
        }

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) && status.All(s => s == X509ChainStatusFlags.NoError))
        {
            var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>()
                .SelectMany(e => e.EnumerateDnsNames().Concat(e.EnumerateIPAddresses().Select(a => a.ToString()))).Take(5).ToList();
            return $"{whose} is for {(names.Count == 0 ? "no name at all" : Plain(string.Join(", ", names)))} and not for {host}; write one of its names under addresses";
        }

        return hasOwnAuthority
            ? $"{whose} is not from the authority given as caCertificate; give the certificate of the issuer"
            : $"{whose} is not trusted: its authority is not known here; give the certificate of the issuer as caCertificate";
    }

    /// <summary>Written by a stranger.</summary>
    private static string Plain(string text) => new([.. text.Take(200).Select(c => char.IsControl(c) ? ' ' : c)]);
}
