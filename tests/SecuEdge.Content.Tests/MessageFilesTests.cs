namespace SecuEdge.Content.Tests;

/// <summary>Which parts of a message go when all attachments go.</summary>
public sealed class MessageFilesTests
{
    private static readonly string Pkcs7 = Convert.ToBase64String([0x30, 0x80, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02, 0xA0, 0x80, 0x30, 0x80, 0x02, 0x01, 0x01, 0x31, 0x00]);

    /// <summary>Second part of a message, its type, paths that go.</summary>
    public static TheoryData<string, string, string> Parts => new()
    {
        { "mixed", "Content-Type: application/pdf; name=a.pdf\n\n%PDF-1.4", "1.2" },
        { "mixed", "Content-Type: application/vnd.ms-excel\n\na;b;c", "1.2" },
        { "mixed", "Content-Type: application/vnd.ms-excel\nContent-Transfer-Encoding: base64\n\n0M8R4KGxGuEAAAAAAAAAAAAAAAAAAAAA", "1.2" },
        { "mixed", "Content-Type: image/png\nContent-Transfer-Encoding: base64\n\niVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk", "1.2" },
        { "mixed", "Content-Type: text/html\n\n<p>x</p>", "" },
        { "alternative", "Content-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nEND:VEVENT\nEND:VCALENDAR", "" },
        { "report", "Content-Type: message/delivery-status\n\nReporting-MTA: dns; a.example\n\nAction: failed\n", "" },
        { "mixed", "Content-Type: text/plain\n\nhello", "" },
        { "mixed", "Content-Type: text/plain\n\nhello\nbegin 644 a.docm\n#86)C\n`\nend\n", "1.2~1" },
        { "signed", $"Content-Type: application/pkcs7-signature; name=smime.p7s\nContent-Disposition: attachment\nContent-Transfer-Encoding: base64\n\n{Pkcs7}", "" },
        { "mixed", $"Content-Type: application/pkcs7-signature; name=smime.p7s\nContent-Disposition: attachment\nContent-Transfer-Encoding: base64\n\n{Pkcs7}", "1.2" },
        { "signed", "Content-Type: application/pgp-signature; name=signature.asc\n\n-----BEGIN PGP SIGNATURE-----\n\niQEzBAEBCAAdFiEE\n-----END PGP SIGNATURE-----", "" },
        { "signed", "Content-Type: application/pgp-signature\n\n-----BEGIN PGP SIGNATURE-----\n\niQEzBAEBCAAdFiEE\n-----END PGP SIGNATURE-----", "" },
        { "signed", "Content-Type: application/pgp-signature; name=evil.csv\n\na;b", "1.2" },
        { "signed", "Content-Type: application/pgp-signature; name=evil.docm\nContent-Transfer-Encoding: base64\n\nUEsDBBQAAAAIAAAAIQAAAAAAAAAAAAAAAAAJAAAAZXZpbC5iaW4=", "1.2" },
    };

    [Theory]
    [MemberData(nameof(Parts))]
    public void All_attachments_are_what_a_mail_program_shows_as_files(string multipart, string part, string paths)
    {
        var body = $"--b\nContent-Type: text/plain\n\ntext\n--b\n{part}\n--b--\n".ReplaceLineEndings("\r\n");
        using var anatomy = Samples.Examine(Samples.WithBody($"Content-Type: multipart/{multipart}; boundary=b", body));
        Assert.Equal(paths, string.Join(' ', MessageFiles.Attached(anatomy.Root).Select(p => p.Path)));
    }

    [Fact]
    public void What_stands_behind_a_large_archive_comes_before_what_is_in_it()
    {
        var zip = ContainerTests.Zip([.. Enumerable.Range(0, 50).Select(i => ($"{i}.txt", new[] { (byte)i }))]);
        var body = $"--b\nContent-Type: application/zip; name=photos.zip\nContent-Transfer-Encoding: base64\n\n{Convert.ToBase64String(zip)}\n--b\nContent-Type: application/msword; name=order.docm\n\nx\n--b\nContent-Type: message/rfc822\n\nSubject: inner\nContent-Type: application/pdf; name=c.pdf\n\nx\n--b--\n";
        using var anatomy = Samples.Examine(Samples.WithBody("Content-Type: multipart/mixed; boundary=b", body.ReplaceLineEndings("\r\n")));
        var files = MessageFiles.Of(anatomy.Root).Select(f => f.Part.Path).ToList();
        Assert.Equal(["1.1", "1.2", "1.3", "1.3.1", "1.1/0.txt"], files.Take(5));
        Assert.Equal(54, files.Count);
    }
}
