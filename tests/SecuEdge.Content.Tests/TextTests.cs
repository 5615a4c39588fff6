using System.Text;

namespace SecuEdge.Content.Tests;

public sealed class TextTests
{
    [Theory]
    [InlineData("<p>Hello <b>big</b>&nbsp;world</p><p>next</p>", "Hello big\u00a0world\nnext")]
    [InlineData("a<script>var x = '<p>no</p>';</script>b", "ab")]
    [InlineData("a<style>p{}</style>b<!-- <p>no</p> -->c", "abc")]
    [InlineData("1 &lt; 2 &amp;&amp; 3 < 4", "1 < 2 && 3 < 4")]
    [InlineData("<a title='x > y' href=z>link</a>", "link")]
    [InlineData("<td>a</td><td>b</td>", "a b")]
    [InlineData("broken <b", "broken")]
    [InlineData("V<span></span>iag<!-- x -->ra", "Viagra")]
    public void HTML_becomes_the_text_that_is_seen(string html, string text)
    {
        using var anatomy = Samples.Examine(Samples.WithBody("Content-Type: text/html", html));
        Assert.Equal(text, anatomy.Text.TrimStart('\n'));
    }

    [Theory]
    [InlineData("utf-8", "8bit", new byte[] { 0xc3, 0xa9 }, "\u00e9")]
    [InlineData("iso-8859-15", "8bit", new byte[] { 0xa4 }, "\u20ac")]
    [InlineData("windows-1252", "8bit", new byte[] { 0x80 }, "\u20ac")]
    [InlineData("no-such-charset", "8bit", new byte[] { 0xe9 }, "\u00e9")]
    [InlineData("iso-2022-jp", "7bit", new byte[] { 0x1b, 0x24, 0x42, 0x46, 0x7c, 0x1b, 0x28, 0x42 }, "\u65e5")]
    public void Bodies_are_decoded_by_their_charset(string charset, string encoding, byte[] body, string text)
    {
        byte[] message = [.. Encoding.ASCII.GetBytes($"From: a@b.c\r\nContent-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"), .. body];
        using var anatomy = Samples.Examine(message);
        Assert.Equal(text, anatomy.Text);
    }

    [Theory]
    [InlineData("text/plain", "See http://example.org/a?b=c, or (https://example.net/x).", "http://example.org/a?b=c https://example.net/x")]
    [InlineData("text/plain", "www.example.org and mailto:a@b.c and ftp://f.example/", "ftp://f.example/ mailto:a@b.c http://www.example.org")]
    [InlineData("text/plain", "HTTPS://EXAMPLE.ORG/ twice HTTPS://EXAMPLE.ORG/", "HTTPS://EXAMPLE.ORG/")]
    [InlineData("text/plain", "javascript://x and nothing://y", "")]
    [InlineData("text/html", "<a href=\"https://a.example/?x=1&amp;y=2\">b</a> <img src='http://c.example/d.png'> <form action=http://e.example/f>", "https://a.example/?x=1&y=2 http://c.example/d.png http://e.example/f")]
    public void URLs_are_found_in_text_and_attributes(string type, string body, string urls)
    {
        using var anatomy = Samples.Examine(Samples.WithBody($"Content-Type: {type}", body));
        Assert.Equal(urls, string.Join(' ', anatomy.Urls));
    }

    [Fact]
    public void Text_is_bounded()
    {
        using var anatomy = Samples.Examine(Samples.WithBody("Content-Type: text/plain", new string('a', 10_000)), new AnatomyBudget { MaxTextChars = 1_024 });
        Assert.Equal(1_024, anatomy.Text.Length);
    }

    [Theory]
    [InlineData("text/plain", "wire it now", "wire it now")]
    [InlineData("text/html", "<p>wire it now</p>", "wire it now")]
    public void A_long_body_in_front_does_not_keep_out_the_next(string type, string body, string text)
    {
        using var anatomy = Samples.Examine(Samples.WithBody(
            "Content-Type: multipart/alternative; boundary=b", $"--b\r\nContent-Type: text/plain\r\n\r\n{new string('a', 10_000)}\r\n--b\r\nContent-Type: {type}\r\n\r\n{body}\r\n--b--\r\n"),
            new AnatomyBudget { MaxTextChars = 1_024 });
        Assert.EndsWith(text, anatomy.Text.TrimEnd(), StringComparison.Ordinal);
        Assert.Equal(["1.1"], anatomy.AllParts().Where(part => part.Flags.HasFlag(AnatomyFlags.TextCut)).Select(part => part.Path));
    }

    [Fact]
    public void All_bodies_together_are_bounded_and_what_had_no_room_is_told()
    {
        var body = string.Concat(Enumerable.Range(0, 10).Select(_ => $"--b\r\nContent-Type: text/plain\r\n\r\n{new string('a', 1_000)}\r\n")) + "--b--\r\n";
        using var anatomy = Samples.Examine(Samples.WithBody("Content-Type: multipart/mixed; boundary=b", body), new AnatomyBudget { MaxTextChars = 1_024 });
        Assert.InRange(anatomy.Text.Length, 4_000, 4_200);
        Assert.True(anatomy.Flags.HasFlag(AnatomyFlags.TextCut));
    }

    [Fact]
    public void A_text_of_a_kind_that_nobody_knows_is_shown_by_some()
    {
        using var anatomy = Samples.Examine(Samples.WithBody("Content-Type: text/x-unheard", "wire it now"));
        Assert.Equal(("", "wire it now"), (anatomy.Text, anatomy.HiddenText));
    }

    [Theory]
    [InlineData("<a =\"")]
    [InlineData("<")]
    [InlineData("<!--x")]
    [InlineData("<script>")]
    [InlineData("<a href='")]
    [InlineData("&#38;")]
    [InlineData("://")]
    public void Hostile_HTML_takes_linear_time(string piece)
    {
        var body = new StringBuilder().Insert(0, piece, 1_000_000 / piece.Length).ToString();
        var watch = System.Diagnostics.Stopwatch.StartNew();
        using var anatomy = Samples.Examine(Samples.WithBody("Content-Type: text/html", body));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), $"{watch.Elapsed}");
    }

    [Fact]
    public void An_ordinary_text_body_costs_no_part_of_its_own()
    {
        using var anatomy = Samples.Examine(Samples.WithBody("Content-Type: text/plain", "Hello, see you on Monday.\r\n"));
        Assert.All(anatomy.AllParts(), part => Assert.Null(part.Content));
        Assert.Equal(["", "1"], anatomy.AllParts().Select(part => part.Path));
        Assert.Equal(AnatomyFlags.None, anatomy.Flags);
    }
}
