using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace SecuEdge.Appliance.Settings;

/// <summary>The certificate for STARTTLS and HTTPS: the configured one, or a self-signed one made at the first start and kept.</summary>
internal static class Certificates
{
    /// <exception cref="CryptographicException">The configured files are not a certificate with its key.</exception>
    public static X509Certificate2 Load(ApplianceOptions options, string hostname, TimeProvider timeProvider)
    {
        if (options.CertificateFile.Length > 0)
        {
            using var pem = X509Certificate2.CreateFromPemFile(options.CertificateFile, options.CertificateKeyFile.Length > 0 ? options.CertificateKeyFile : null);
            return Usable(pem);
        }

        var kept = Path.Combine(options.Data, "keys", "self-signed.pfx");
        if (File.Exists(kept))
        {
            var certificate = X509CertificateLoader.LoadPkcs12FromFile(kept, null);
            if (certificate.NotAfter.ToUniversalTime() > timeProvider.GetUtcNow().AddDays(30) && certificate.GetNameInfo(X509NameType.SimpleName, false) == hostname)
            {
                return certificate;
            }
        }

        using var made = SelfSigned(hostname, timeProvider);
        var bytes = made.Export(X509ContentType.Pkcs12);
        using (var file = new FileStream(kept, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }))
        {
            file.Write(bytes);
        }

        return X509CertificateLoader.LoadPkcs12(bytes, null);
    }

    private static X509Certificate2 SelfSigned(string hostname, TimeProvider timeProvider)
    {
        // RSA: the oldest mail servers still do not speak ECDSA.
        using var key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={hostname}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(hostname);
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false));
        var now = timeProvider.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddYears(5));
    }

    /// <summary>A key read from PEM is ephemeral and SslStream does not take it everywhere: through PKCS#12 it is.</summary>
    private static X509Certificate2 Usable(X509Certificate2 pem) => X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
}
