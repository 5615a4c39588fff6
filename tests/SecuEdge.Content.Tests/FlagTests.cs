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

    public static TheoryData<string, AnatomyFlags> InlinePgp => new()
    {
        { "Hi\r\n-----BEGIN PGP MESSAGE-----\r\nVersion: x\r\n\r\nhQEMA5dvVvRyAAAA\r\n-----END PGP MESSAGE-----\r\n", AnatomyFlags.EncryptedPgp },
        { "-----BEGIN PGP MESSAGE-----\r\n\r\njA0EBwMC\r\n-----END PGP MESSAGE-----\r\n", AnatomyFlags.EncryptedPgp },
        { "-----BEGIN PGP MESSAGE-----\r\n\r\nwcFMA6qp\r\n-----END PGP MESSAGE-----\r\n", AnatomyFlags.EncryptedPgp },
        { "-----BEGIN PGP MESSAGE-----\r\n\r\nkA0DAAIR\r\n-----END PGP MESSAGE-----\r\n", AnatomyFlags.SignedMessage },
        { "-----BEGIN PGP SIGNED MESSAGE-----\r\nHash: SHA256\r\n\r\nhello\r\n-----BEGIN PGP SIGNATURE-----\r\n\r\niQEz\r\n-----END PGP SIGNATURE-----\r\n", AnatomyFlags.SignedMessage },
        { "It starts with -----BEGIN PGP MESSAGE----- and then\r\n\r\nhQEMA5dv\r\n", AnatomyFlags.None },
        { "> -----BEGIN PGP MESSAGE-----\r\n> \r\n> hQEMA5dv\r\n", AnatomyFlags.None },
        { "-----BEGIN PGP MESSAGE-----\r\nis the first line of such a mail.\r\n", AnatomyFlags.None },
        { "-----BEGIN PGP PUBLIC KEY BLOCK-----\r\n\r\nmQENBF\r\n-----END PGP PUBLIC KEY BLOCK-----\r\n", AnatomyFlags.None },
        { "-----BEGIN PGP SIGNATURE-----\r\n\r\niQEz\r\n-----END PGP SIGNATURE-----\r\n", AnatomyFlags.None },
    };

    [Theory]
    [MemberData(nameof(InlinePgp))]
    public void Inline_PGP_is_told_from_what_looks_like_it(string body, AnatomyFlags expected)
    {
        using var inText = Samples.Examine(Samples.WithBody("Content-Type: text/plain", body));
        using var inFile = Samples.Examine(Samples.WithAttachment(Samples.Latin1(body), "a.asc", "text/plain"));
        Assert.Equal((expected, expected), (inText.Flags & Secrets, inFile.Flags & Secrets));
    }

    [Theory]
    [InlineData("access-type=URL; URL=\"http://files.example.org/\r\n big.exe\"", "http://files.example.org/big.exe")]
    [InlineData("access-type=anon-ftp; site=ftp.example.org; directory=pub; name=\"a.exe\"", "ftp://ftp.example.org/pub/a.exe")]
    public void A_body_that_is_elsewhere_is_partial_and_its_place_a_link(string parameters, string url)
    {
        using var anatomy = Samples.Examine(Samples.WithBody($"Content-Type: message/external-body; {parameters}", "Content-Type: application/octet-stream\r\n\r\n"));
        Assert.True(anatomy.Flags.HasFlag(AnatomyFlags.Partial), Samples.Describe(anatomy));
        Assert.Contains(anatomy.Links, link => link.Url == url);
    }

    [Fact]
    public void The_first_fragment_of_a_split_message_is_read_as_far_as_it_goes()
    {
        var inner = "Subject: whole\r\nMessage-ID: <w@example.org>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=in\r\n\r\n--in\r\nContent-Type: application/octet-stream; name=a.com\r\nContent-Transfer-Encoding: base64\r\n\r\n" + Samples.EicarBase64 + "\r\n";
        using var anatomy = Samples.Examine(Samples.WithBody("Content-Type: message/partial; id=x; number=1; total=2", inner));
        Assert.True(anatomy.Flags.HasFlag(AnatomyFlags.Partial) && anatomy.AllParts().Any(Samples.HasEicarByItself), Samples.Describe(anatomy));
    }

    [Fact]
    public void A_later_fragment_is_searched_for_what_is_written_into_it()
    {
        var body = Convert.ToBase64String([.. Samples.Eicar, .. new byte[600]], Base64FormattingOptions.InsertLineBreaks);
        using var anatomy = Samples.Examine(Samples.WithBody("Content-Type: message/partial; id=x; number=2; total=2", body));
        Assert.True(anatomy.Flags.HasFlag(AnatomyFlags.Partial), Samples.Describe(anatomy));
    }

    [Theory]
    [InlineData("application/pkcs7-mime; smime-type=compressed-data", AnatomyFlags.None)]
    [InlineData("application/pkcs7-mime; smime-type=certs-only", AnatomyFlags.None)]
    [InlineData("application/pkcs7-signature", AnatomyFlags.None)]
    [InlineData("application/pgp-signature", AnatomyFlags.None)]
    [InlineData("application/pgp-keys", AnatomyFlags.None)]
    [InlineData("application/pkcs7-mime; smime-type=authEnveloped-data", AnatomyFlags.EncryptedSmime)]
    [InlineData("multipart/encrypted; protocol=\"application/pkcs7-mime\"; boundary=b", AnatomyFlags.EncryptedSmime)]
    public void Types_near_to_encryption_are_told_apart(string type, AnatomyFlags expected)
    {
        using var anatomy = Samples.Examine(Samples.WithBody("Content-Type: " + type, "--b\r\n\r\nx\r\n--b--\r\n"));
        Assert.Equal(expected, anatomy.Flags & Secrets);
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
