using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;

namespace SecuEdge.Content.Tests;

public sealed class FlagTests
{
    private const AnatomyFlags Secrets = AnatomyFlags.EncryptedPgp | AnatomyFlags.EncryptedSmime | AnatomyFlags.SignedMessage;

    [Theory]
    [InlineData("Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=b", AnatomyFlags.EncryptedPgp)]
    [InlineData("Content-Type: multipart/signed; protocol=\"application/pgp-signature\"; boundary=b", AnatomyFlags.SignedMessage)]
    [InlineData("Content-Type: application/pkcs7-mime; smime-type=enveloped-data", AnatomyFlags.EncryptedSmime)]
    [InlineData("Content-Type: application/x-pkcs7-mime; smime-type=signed-data", AnatomyFlags.SignedMessage)]
    [InlineData("Content-Type: text/plain", AnatomyFlags.None)]
    public void The_type_says_that_a_message_is_encrypted_or_signed(string header, AnatomyFlags expected)
    {
        using var anatomy = Samples.Examine(Samples.WithBody(header, "--b\r\n\r\nx\r\n--b--\r\n"));
        Assert.Equal(expected, anatomy.Flags & Secrets);
    }

    [Fact]
    public void An_inline_PGP_message_is_encrypted()
    {
        using var anatomy = Samples.Examine(Samples.WithBody("Content-Type: text/plain", "Hi\r\n-----BEGIN PGP MESSAGE-----\r\n\r\nhQEMA\r\n-----END PGP MESSAGE-----\r\n"));
        Assert.Equal(AnatomyFlags.EncryptedPgp, anatomy.Flags & Secrets);
    }

    [Fact]
    public void The_content_of_an_opaque_signature_is_looked_at()
    {
        using var key = RSA.Create(2048);
        using var certificate = new CertificateRequest("CN=test", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var signed = new SignedCms(new ContentInfo(Samples.WithAttachment(Samples.Eicar)));
        signed.ComputeSignature(new CmsSigner(certificate));
        using var anatomy = Samples.Examine(Samples.WithAttachment(signed.Encode(), "smime.p7m", "application/pkcs7-mime"));
        Assert.Equal(AnatomyFlags.SignedMessage, anatomy.Flags & Secrets);
        Assert.Contains(anatomy.AllParts(), part => part.FileName == "file.bin" && Samples.HasEicar(part));
    }

    [Fact]
    public void An_envelope_is_known_by_its_bytes_whatever_it_is_called()
    {
        using var key = RSA.Create(2048);
        using var certificate = new CertificateRequest("CN=test", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var enveloped = new EnvelopedCms(new ContentInfo("secret"u8.ToArray()));
        enveloped.Encrypt(new CmsRecipient(certificate));
        using var anatomy = Samples.Examine(Samples.WithAttachment(enveloped.Encode(), "file.bin"));
        Assert.Equal(AnatomyFlags.EncryptedSmime, anatomy.Flags & Secrets);
    }
}
