using System.Text;
using MimeKit;
using SecuEdge.Filter.Policy.Rules;

namespace SecuEdge.Appliance.Tests.MailFlow.Effects;

public sealed class BannerTests
{
    [Fact]
    public void Plain_text_gets_it_below_and_nothing_else_changes() =>
        Assert.Equal("A: b\n\nbody\n\nline 1\nline 2\n", Rewrite.Text("A: b\n\nbody\n", Rewrite.Banner("line 1\nline 2")));

    [Fact]
    public void Plain_text_gets_it_above() =>
        Assert.Equal("A: b\n\nwarning\n\nbody\n", Rewrite.Text("A: b\n\nbody\n", Rewrite.Banner("warning", BannerPlace.Top)));

    [Fact]
    public void An_empty_message_is_the_banner() => Assert.Equal("A: b\n\nhi\n", Rewrite.Text("A: b\n", Rewrite.Banner("hi")));

    [Theory]
    [InlineData("iso-8859-1", "8bit", "é")]
    [InlineData("iso-8859-1", "quoted-printable", "é")]
    [InlineData("utf-8", "base64", "é")]
    [InlineData("us-ascii", "7bit", "e")]
    [InlineData("iso-2022-jp", "7bit", "日本")]
    [InlineData("utf-16", "base64", "日本")]
    [InlineData("koi8-r", "base64", "почта")]
    [InlineData("shift_jis", "quoted-printable", "ソース")]
    public void Text_and_banner_are_read_in_any_character_set(string charset, string encoding, string word)
    {
        foreach (var (banner, place) in ((string, BannerPlace)[])[("Confidentiel – à usage interne €", BannerPlace.Bottom), ("external", BannerPlace.Top), ("Conservé", BannerPlace.Bottom)])
        {
            using var message = new MimeMessage();
            var part = new TextPart("plain");
            part.SetText(Encoding.GetEncoding(charset), $"{word} body\r\n");
            part.ContentType.Charset = charset;
            part.ContentTransferEncoding = encoding switch { "8bit" => ContentEncoding.EightBit, "base64" => ContentEncoding.Base64, "7bit" => ContentEncoding.SevenBit, _ => ContentEncoding.QuotedPrintable };
            message.Body = part;
            var text = Load(Rewrite.Run(Bytes(message), Rewrite.Banner(banner, place))).TextBody;
            Assert.Contains($"{word} body", text, StringComparison.Ordinal);
            Assert.Contains(banner, text, StringComparison.Ordinal);
        }
    }

    /// <summary>What is 0x80-0x9F, the sets of ISO have no letters for; who writes them means those of Windows, and is read so.</summary>
    [Theory]
    [InlineData("iso-8859-1", 1252, "L’été coûte 5 € – “net”")]
    [InlineData("latin1", 1252, "L’été")]
    [InlineData("ISO-8859-9", 1254, "İstanbul’da 5 €")]
    [InlineData("us-ascii", 1252, "L’été")]
    public void Letters_of_Windows_in_a_text_labelled_as_ISO_survive_a_banner_of_other_letters(string label, int written, string body)
    {
        var header = Encoding.ASCII.GetBytes($"Content-Type: text/plain; charset={label}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n");
        byte[] message = [.. header, .. Encoding.GetEncoding(written).GetBytes(body + "\r\n")];
        Assert.Equal($"{body}\n\nдоговор\n", Load(Rewrite.Run(message, Rewrite.Banner("договор"))).TextBody!.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void A_text_in_a_set_that_nobody_knows_keeps_its_bytes() =>
        Assert.Equal(
            "Content-Type: text/plain; charset=x-what\n\n\u00e9\u00ff\n\nPropriete\n",
            Rewrite.Text("Content-Type: text/plain; charset=x-what\n\n\u00e9\u00ff\n", Rewrite.Banner("Propriété")));

    [Fact]
    public void Flowed_text_does_not_flow_into_the_banner() =>
        Assert.Equal(
            "Content-Type: text/plain; format=flowed\n\none \ntwo\n\n > no quote\n From here\nend\n",
            Rewrite.Text("Content-Type: text/plain; format=flowed\n\none \ntwo\n", Rewrite.Banner("> no quote\nFrom here\nend  ")));

    [Theory]
    [InlineData("<html><body>hi</body></html>", "<html><body>hi|</body></html>")]
    [InlineData("<p>hi", "<p>hi|")]
    [InlineData("<html>hi</html>", "<html>hi|</html>")]
    [InlineData("<body>hi<!-- </body> -->x</body>", "<body>hi<!-- </body> -->x|</body>")]
    [InlineData("<body>hi</body><script>'</body>'</script>", "<body>hi|</body><script>'</body>'</script>")]
    [InlineData("<body>hi<!-- never ends", "<body>hi|<!-- never ends")]
    [InlineData("<BODY>hi</BODY >", "<BODY>hi|</BODY >")]
    public void HTML_gets_it_before_the_end_of_the_body_that_is_shown(string html, string expected) =>
        Assert.Equal(Html(expected), Rewrite.Text(Html(html), Rewrite.Banner("x", html: "|")).Replace("\n|\n", "|", StringComparison.Ordinal));

    [Theory]
    [InlineData("<html><head><title><body></title></head><body class=\">\">hi</body>", "<html><head><title><body></title></head><body class=\">\">|hi</body>")]
    [InlineData("<!-- <body> --><body>hi", "<!-- <body> --><body>|hi")]
    [InlineData("<html><p>hi", "<html>|<p>hi")]
    [InlineData("hi", "|hi")]
    [InlineData("<html><div style=\"display:none\"><body></div>text", "<html>|<div style=\"display:none\"><body></div>text")]
    [InlineData("<iframe><body></iframe>text", "|<iframe><body></iframe>text")]
    [InlineData("<noscript><body></noscript>text", "|<noscript><body></noscript>text")]
    [InlineData("<!-- --!><p hidden><!-- --><body></p>text", "<!-- --!>|<p hidden><!-- --><body></p>text")]
    [InlineData("<meta a=b=\"><p hidden><body x=\"><body>text", "<meta a=b=\">|<p hidden><body x=\"><body>text")]
    [InlineData("<!a=\"><p hidden><body x=\"><body>text", "<!a=\">|<p hidden><body x=\"><body>text")]
    [InlineData("x<body>hi", "|x<body>hi")]
    [InlineData("<!DOCTYPE html><html><head><meta charset=utf-8><style>p{}</style></head>\n<body bgcolor=red>hi", "<!DOCTYPE html><html><head><meta charset=utf-8><style>p{}</style></head>\n<body bgcolor=red>|hi")]
    public void HTML_gets_it_behind_the_start_of_the_body_that_is_shown(string html, string expected) =>
        Assert.Equal(Html(expected), Rewrite.Text(Html(html), Rewrite.Banner("x", BannerPlace.Top, "|")).Replace("\n|\n", "|", StringComparison.Ordinal));

    [Fact]
    public void A_plain_text_is_escaped_for_HTML()
    {
        var text = Rewrite.Text(Html("<body>hi</body>"), Rewrite.Banner("<b>é & \"x\"\n2"));
        Assert.Contains("&lt;b&gt;&#233; &amp; &quot;x&quot;<br>2", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Both_sides_of_an_alternative_get_it_and_the_calendar_does_not()
    {
        const string message = "Content-Type: multipart/alternative; boundary=b\n\n--b\n\nplain\n--b\nContent-Type: text/html\n\n<p>html\n--b\nContent-Type: text/calendar\n\nBEGIN:VCALENDAR\n--b--\n";
        var text = Rewrite.Text(message, Rewrite.Banner("note", html: "<i>note</i>"));
        Assert.Equal(message.Replace("plain\n", "plain\n\nnote\n\n", StringComparison.Ordinal).Replace("<p>html", "<p>html\n<i>note</i>\n", StringComparison.Ordinal), text);
    }

    [Fact]
    public void Only_the_body_gets_it_and_not_an_attached_text_or_message()
    {
        const string message = "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/related; boundary=c\n\n--c\nContent-Type: text/html\n\n<p>html\n--c\nContent-Type: image/png\n\nx\n--c--\n--b\nContent-Disposition: attachment; filename=a.txt\n\nfile\n--b\nContent-Type: message/rfc822\n\nSubject: inner\n\ninner\n--b--\n";
        Assert.Equal(message.Replace("<p>html", "<p>html\n<i>note</i>\n", StringComparison.Ordinal), Rewrite.Text(message, Rewrite.Banner("note", html: "<i>note</i>")));
    }

    [Fact]
    public void Attachments_alone_get_a_text_of_their_own()
    {
        const string message = "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: application/pdf; name=a.pdf\n\nx\n--b--\n";
        var changed = Load(Rewrite.Run(Encoding.ASCII.GetBytes(message.ReplaceLineEndings("\r\n")), Rewrite.Banner("note é")));
        Assert.Equal(2, ((Multipart)changed.Body!).Count);
        Assert.Equal("note é", changed.TextBody!.Trim());
        Assert.Equal("a.pdf", changed.Attachments.Concat(changed.BodyParts).OfType<MimePart>().First(p => p.FileName is not null).FileName);
    }

    [Theory]
    [InlineData("Content-Type: application/pdf; name=a.pdf\nContent-Transfer-Encoding: base64\n\neHl6\n", "application/pdf")]
    [InlineData("Content-Type: multipart/related; boundary=b\n\n--b\nContent-Type: image/png\n\nx\n--b--\n", "multipart/related")]
    public void A_message_without_text_is_wrapped_with_one(string message, string type)
    {
        var changed = Load(Rewrite.Run(Encoding.ASCII.GetBytes(("Subject: x\n" + message).ReplaceLineEndings("\r\n")), Rewrite.Banner("note")));
        var parts = Assert.IsType<Multipart>(changed.Body);
        Assert.Equal(["text/plain", type], parts.Select(p => p.ContentType.MimeType));
        Assert.Equal(("x", "note"), (changed.Subject, changed.TextBody!.Trim()));
    }

    [Theory]
    [InlineData("Content-Type: multipart/signed; boundary=b; protocol=\"application/pgp-signature\"\n\n--b\n\ntext\n--b\nContent-Type: application/pgp-signature\n\nx\n--b--\n")]
    [InlineData("Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/signed; boundary=b\n\n--b\n\ntext\n--b--\n--a--\n")]
    [InlineData("Content-Type: multipart/encrypted; boundary=b\n\n--b\n\ntext\n--b--\n")]
    [InlineData("Content-Type: application/pkcs7-mime; smime-type=enveloped-data\n\nx\n")]
    [InlineData("Content-Type: text/plain\n\n-----BEGIN PGP MESSAGE-----\n\nx\n")]
    public void Signed_and_encrypted_mail_is_left_alone_and_the_timeline_says_so(string message)
    {
        var bytes = Encoding.ASCII.GetBytes(message.ReplaceLineEndings("\r\n"));
        var rewritten = Rewrite.Run(bytes, Rewrite.Banner("note"));
        Assert.Equal(bytes, Rewrite.Bytes(rewritten));
        Assert.Contains("signature", Assert.Single(rewritten.Notes), StringComparison.Ordinal);
        Assert.Equal("", rewritten.TraceHeaders);
    }

    /// <summary>What would keep a warning out of the body, and the types of the parts behind it.</summary>
    [Theory]
    [InlineData("Content-Type: multipart/signed; boundary=b\n\n--b\n\ntext\n--b\nContent-Type: application/pgp-signature\n\nx\n--b--\n", "multipart/signed")]
    [InlineData("Content-Type: multipart/encrypted; boundary=b\n\n--b\nContent-Type: text/html\n\ntext\n--b--\n", "multipart/encrypted")]
    [InlineData("Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: application/pkcs7-mime\n\nx\n--b\n\ntext\n--b--\n", "application/pkcs7-mime text/plain")]
    [InlineData("Content-Type: text/plain\n\n-----BEGIN PGP MESSAGE-----\n\nx\n", "text/plain")]
    public void A_warning_stands_in_front_of_what_it_cannot_be_put_into(string message, string types)
    {
        var bytes = Encoding.ASCII.GetBytes(message.ReplaceLineEndings("\r\n"));
        var rewritten = Rewrite.Run(bytes, Rewrite.Banner("note", BannerPlace.Top));
        var parts = Assert.IsType<Multipart>(Load(rewritten).Body);
        Assert.Equal($"text/plain {types}", string.Join(' ', parts.Select(p => p.ContentType.MimeType)));
        Assert.Equal("note", ((TextPart)parts[0]).Text.Trim());
        var body = message.ReplaceLineEndings("\r\n");
        body = body[(body.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..].TrimEnd();
        body = body.StartsWith("--b\r\nContent-Type: application/pkcs7-mime", StringComparison.Ordinal) ? body[5..] : body;
        Assert.Contains(body, Encoding.ASCII.GetString(Rewrite.Bytes(rewritten)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Content-Type: application/pkcs7-mime; smime-type=enveloped-data\n\nx\n")]
    [InlineData("Content-Type: multipart/encrypted; boundary=b\n\n--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n--b\nContent-Type: application/octet-stream\n\nx\n--b--\n")]
    public void What_is_really_encrypted_stays_whole(string message)
    {
        var bytes = Encoding.ASCII.GetBytes(message.ReplaceLineEndings("\r\n"));
        Assert.Equal(bytes, Rewrite.Bytes(Rewrite.Run(bytes, Rewrite.Banner("note", BannerPlace.Top))));
    }

    [Theory]
    [InlineData("text/html", "<p>hi<!-- \n-----BEGIN PGP MESSAGE-----\n -->")]
    [InlineData("text/plain", "he wrote -----BEGIN PGP MESSAGE----- in the middle\n")]
    [InlineData("text/plain", "-----BEGIN PGP of a tale\n")]
    public void The_words_of_an_armor_alone_do_not_keep_a_banner_away(string type, string body) =>
        Assert.Contains("note", Rewrite.Text($"Content-Type: {type}\n\n{body}", Rewrite.Banner("note")), StringComparison.Ordinal);

    [Fact]
    public void Every_attempt_makes_the_same_bytes()
    {
        var message = "Content-Type: application/pdf\r\n\r\nx\r\n"u8.ToArray();
        Assert.Equal(Rewrite.Bytes(Rewrite.Run(message, Rewrite.Banner("a"))), Rewrite.Bytes(Rewrite.Run(message, Rewrite.Banner("a"))));
    }

    [Fact]
    public void What_is_no_message_is_trouble_and_not_delivered_as_it_is() =>
        Assert.Contains("cannot be changed", Rewrite.Run("no header at all\r\n\r\nx"u8.ToArray(), Rewrite.Banner("a")).Trouble!, StringComparison.Ordinal);

    private static string Html(string html) => $"Content-Type: text/html\n\n{html}";

    private static MimeMessage Load(SecuEdge.Appliance.MailFlow.Effects.Rewriting.RewrittenMessage rewritten)
    {
        Assert.Null(rewritten.Trouble);
        return MimeMessage.Load(new MemoryStream(Rewrite.Bytes(rewritten)), TestContext.Current.CancellationToken);
    }

    private static byte[] Bytes(MimeMessage message)
    {
        using var bytes = new MemoryStream();
        var format = FormatOptions.Default.Clone();
        format.NewLineFormat = NewLineFormat.Dos;
        message.WriteTo(format, bytes);
        return bytes.ToArray();
    }
}
