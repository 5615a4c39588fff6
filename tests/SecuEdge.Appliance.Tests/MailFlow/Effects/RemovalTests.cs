using System.Security.Cryptography;
using System.Text;
using MimeKit;

namespace SecuEdge.Appliance.Tests.MailFlow.Effects;

public sealed class RemovalTests
{
    private const string Two =
        "Subject: s\nContent-Type: multipart/mixed; boundary=b\n\npreamble\n--b\n\ntext\n--b\nContent-Type: application/x-a; name=\"aexe.txt\"\n\nAAA\n--b\nContent-Type: image/png; name=b.png\n\nBBB\n--b\nContent-Type: image/png; name=c.png\n\nCCC\n--b--\nepilogue\n";

    [Fact]
    public void A_note_says_what_was_there_and_all_else_stays()
    {
        var text = Rewrite.Text(Two, Rewrite.Removal("1.2"));
        var (before, after) = (text.IndexOf("Content-Type: text/plain; charset=utf-8; name=\"removed-attachments.txt\"", StringComparison.Ordinal), text.IndexOf("\n--b\nContent-Type: image/png; name=b.png", StringComparison.Ordinal));
        Assert.Equal(Two.IndexOf("Content-Type: application/x-a", StringComparison.Ordinal), before);
        Assert.Equal(Two[Two.IndexOf("\n--b\nContent-Type: image/png; name=b", StringComparison.Ordinal)..], text[after..]);
        var note = text[before..after];
        Assert.Contains("Name: aexe.txt\n", note, StringComparison.Ordinal);
        Assert.Contains("Size: 3 bytes\n", note, StringComparison.Ordinal);
        Assert.Contains("Type: application/x-a\n", note, StringComparison.Ordinal);
        Assert.Contains(Convert.ToHexStringLower(SHA256.HashData("AAA"u8)), note.Replace("=\n", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("Rule: a-rule\n", note, StringComparison.Ordinal);
        Assert.Contains("Reference: 7K2F-9QXM\n", note, StringComparison.Ordinal);
        Assert.DoesNotContain("AAA", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Several_files_share_one_note()
    {
        var text = Rewrite.Text(Two, Rewrite.Removal("1.4", "1.2"));
        Assert.Equal(3, Load(text).BodyParts.Count());
        Assert.Contains("Name: aexe.txt", text, StringComparison.Ordinal);
        Assert.Contains("Name: c.png", text, StringComparison.Ordinal);
        Assert.Contains("--b\nContent-Type: image/png; name=b.png\n\nBBB\n--b--\nepilogue\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_in_an_archive_goes_with_the_archive()
    {
        var text = Rewrite.Text(Two, Rewrite.Removal("1.2/inner/evil.exe", "1.3~1"));
        Assert.DoesNotContain("AAA", text, StringComparison.Ordinal);
        Assert.DoesNotContain("BBB", text, StringComparison.Ordinal);
        Assert.Contains("Contains: evil.exe", text, StringComparison.Ordinal);
    }

    /// <summary>Message, file that is to go, what would go with it.</summary>
    [Theory]
    [InlineData("Content-Type: application/pdf; name=a.pdf\n\nx\n", "1", "the whole message would go")]
    [InlineData("Content-Type: text/plain\n\nbegin 644 a.docm\n#86)C\n`\nend\n", "1~1", "the whole message would go")]
    [InlineData("Content-Type: application/pkcs7-mime; name=smime.p7m\nContent-Disposition: attachment\n\nx\n", "1", "its encrypted or signed content would go")]
    [InlineData("Content-Type: multipart/mixed; boundary=b\n\n--b\n\ntext\n--b\nContent-Type: application/x-pkcs7-mime\n\nx\n--b--\n", "1.2", "its encrypted or signed content would go")]
    [InlineData("Content-Type: multipart/encrypted; boundary=b\n\n--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n--b\nContent-Type: application/octet-stream; name=encrypted.asc\n\nx\n--b--\n", "1.2", "its encrypted or signed content would go")]
    [InlineData("Content-Type: multipart/signed; boundary=b\n\n--b\n\ntext\n--b\nContent-Type: application/pkcs7-signature; name=smime.p7s\n\nx\n--b--\n", "1.2", "its signature would go")]
    public void What_would_take_the_message_with_it_stays_and_is_trouble(string message, string path, string why)
    {
        var bytes = Encoding.Latin1.GetBytes(message.ReplaceLineEndings("\r\n"));
        var rewritten = Rewrite.Run(bytes, Rewrite.Removal(path));
        Assert.EndsWith(why, rewritten.Trouble, StringComparison.Ordinal);
        Assert.Equal(bytes, Rewrite.Bytes(rewritten));
    }

    [Fact]
    public void A_file_in_an_attached_message_goes_and_the_message_stays()
    {
        const string message = "Content-Type: multipart/mixed; boundary=a\n\n--a\n\nouter\n--a\nContent-Type: message/rfc822\n\nSubject: inner\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\ninner\n--b\nContent-Type: image/png; name=x.png\n\nBBB\n--b--\n\n--a--\n";
        var text = Rewrite.Text(message, Rewrite.Removal("1.2.1.2"));
        Assert.Contains("Subject: inner\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\ninner\n--b\nContent-Type: text/plain; charset=utf-8; name=\"removed-attachments.txt\"", text, StringComparison.Ordinal);
        Assert.DoesNotContain("BBB", text, StringComparison.Ordinal);
        Assert.EndsWith("--b--\n\n--a--\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_note_is_French_for_a_French_tenant()
    {
        var rewritten = Rewrite.Run("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: application/pdf; name=a.pdf\r\n\r\nx\r\n--b--\r\n"u8.ToArray(), "fr", Rewrite.Removal("1.1"));
        using var message = MimeMessage.Load(new MemoryStream(Rewrite.Bytes(rewritten)), TestContext.Current.CancellationToken);
        var note = Assert.IsType<TextPart>(Assert.Single(message.Attachments)).Text;
        Assert.Contains("Des pièces jointes ont été retirées", note, StringComparison.Ordinal);
        Assert.Contains("Règle: a-rule", note, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1.9")]
    [InlineData("")]
    [InlineData("2")]
    [InlineData("~1")]
    public void A_file_that_is_not_there_is_trouble(string path) =>
        Assert.Contains("is not there", Rewrite.Run(Encoding.Latin1.GetBytes(Two.ReplaceLineEndings("\r\n")), Rewrite.Removal(path)).Trouble!, StringComparison.Ordinal);

    [Fact]
    public void Removal_breaks_a_signature_knowingly()
    {
        const string message = "Content-Type: multipart/signed; boundary=b\n\n--b\nContent-Type: image/png; name=x\n\nBBB\n--b\nContent-Type: application/pgp-signature\n\nsig\n--b--\n";
        Assert.DoesNotContain("BBB", Rewrite.Text(message, Rewrite.Removal("1.1")), StringComparison.Ordinal);
    }

    [Fact]
    public void Hostile_names_are_shown_on_one_line()
    {
        var text = Rewrite.Text("Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: application/pdf; name*=utf-8''a%0D%0ARule:%20none%E2%80%AEx.pdf\n\nx\n--b--\n", Rewrite.Removal("1.1"));
        Assert.Contains("Name: a  Rule: none x.pdf\n", text, StringComparison.Ordinal);
    }

    private static MimeMessage Load(string text) =>
        MimeMessage.Load(new MemoryStream(Encoding.Latin1.GetBytes(text.ReplaceLineEndings("\r\n"))), TestContext.Current.CancellationToken);
}
