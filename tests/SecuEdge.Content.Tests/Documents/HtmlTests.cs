using System.Text;
using SecuEdge.Content.Documents.Html;

namespace SecuEdge.Content.Tests.Documents;

public sealed class HtmlTests
{
    [Theory]
    [InlineData("a<p style='display:none'>secret</p>b", "ab", "secret")]
    [InlineData("a<span style=\"DISPLAY : NONE !important\">secret</span>b", "ab", "secret")]
    [InlineData("<div style='visibility:hidden'>x<b style='visibility:visible'>y</b></div>", "y", "x")]
    [InlineData("<td style='font-size:0px'>x<span style='font-size:14px'>y</span></td>", "y", "x")]
    [InlineData("<span style='font-size:1px;line-height:1px'>x</span>y", "y", "x")]
    [InlineData("<span style='opacity:0'>x</span>y", "y", "x")]
    [InlineData("<span style='color:#ffffff'>x</span>y", "y", "x")]
    [InlineData("<span style='color:#fefefe'>x</span>y", "y", "x")]
    [InlineData("<font color=white>x</font>y", "y", "x")]
    [InlineData("<table bgcolor=#000000><tr><td><font color=white>x</font></td></tr></table>", "x", "")]
    [InlineData("<div style='background:#123456;color:rgb(18,52,86)'>x</div>y", "y", "x")]
    [InlineData("<div style='background:url(a.png);color:#fff'>x</div>", "x", "")]
    [InlineData("<div style='background-image:url(a.png);background-color:#224;color:#fff'>x</div>", "x", "")]
    [InlineData("<div style='text-indent:-9999px'>x</div>y", "y", "x")]
    [InlineData("<div style='position:absolute;left:-5000px'>x</div>y", "y", "x")]
    [InlineData("<div style='max-height:0;overflow:hidden'>x</div>y", "y", "x")]
    [InlineData("<div style='height:0'>x</div>", "x", "")]
    [InlineData("<div hidden>x</div>y", "y", "x")]
    [InlineData("<style>.h{display:none} #i{visibility:hidden}</style><p class='a h'>x</p><p id=i>y</p><p>z</p>", "z", "x\ny")]
    [InlineData("<style>@media print{.h{display:none}}</style><p class=h>x</p>", "x", "")]
    [InlineData("<style><!-- p.h , b { display : none } --></style><p class=h>x</p><b>y</b>z", "z", "x\ny")]
    [InlineData("<p style='display:none'>x<p>y", "y", "x")]
    [InlineData("V\u200bi\u00adag\u200cra", "Viagra", "")]
    [InlineData("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "")]
    [InlineData("<template>x</template><noscript>y</noscript>", "y", "x")]
    [InlineData("<iframe srcdoc='&lt;b&gt;in&lt;/b&gt;'></iframe>", "in", "")]
    [InlineData("a<!--> b --> c", "a b --> c", "")]
    [InlineData("a<!-- x --!> b", "a", "b")]
    [InlineData("<div style='display:none;display:block'>wire</div>", "wire", "")]
    [InlineData("<div style='display:block;display:none'>x</div>y", "y", "x")]
    [InlineData("<div style='display:none;display:bogus'>x</div>", "x", "x")]
    [InlineData("<div style='display:none !important;display:block'>x</div>", "x", "x")]
    [InlineData("<div style='display:block !important;display:none'>x</div>", "x", "")]
    [InlineData("<div style='visibility:hidden;visibility:visible'>x</div>", "x", "")]
    [InlineData("<div style='opacity:0;opacity:1'>x</div>", "x", "")]
    [InlineData("<div style='left:-9999px;left:0'>x</div>", "x", "")]
    [InlineData("<div style='height:0;overflow:hidden;height:20px'>x</div>", "x", "")]
    [InlineData("<style>.h{display:none}</style><p class=h style='display:block'>x</p>", "x", "x")]
    [InlineData("<div style='display:none'><p style='display:block'>x</p></div>y", "y", "x")]
    [InlineData("a<!--[if mso]><p>wire <b>it</b></p><![endif]-->b", "ab", "wire it")]
    [InlineData("<img src=x alt='wire it'>b", "b", "wire it")]
    [InlineData("<noframes><p>wire</p></noframes>b", "b", "wire")]
    [InlineData("&#86;&#x69&#97gra &copy;&nbsp;&amp;lt;", "Viagra \u00a9\u00a0&lt;", "")]
    public void What_is_seen_and_what_is_hidden_are_told_apart(string html, string seen, string hidden)
    {
        var page = HtmlReader.Read(html, isXml: false, 10_000);
        Assert.Equal((seen, hidden), (page.Text.Trim(), page.HiddenText.Trim()));
    }

    [Theory]
    [InlineData("<a href=http://a.example/>Your <b>bank</b></a>", "http://a.example/|Your bank")]
    [InlineData("<a href=http://a.example/><img src=http://b.example/i alt=Go></a>", "http://a.example/|Go http://b.example/i|")]
    [InlineData("<a href='http://a.example/'>one<a href=http://b.example/>two", "http://a.example/|one http://b.example/|two")]
    [InlineData("<base href=http://a.example/x/><a href=y>z</a>", "http://a.example/x/|  http://a.example/x/y|z")]
    [InlineData("<a href=' ht\ntp:\\\\a.example/x'>z</a>", "http://a.example/x|z")]
    [InlineData("<a href='https:a.example/x'>z</a>", "https://a.example/x|z")]
    [InlineData("<a href='//a.example/x'>z</a>", "https://a.example/x|z")]
    [InlineData("<a href='&#104ttp://a.example/?a=1&amp;b=2'>z</a>", "http://a.example/?a=1&b=2|z")]
    [InlineData("<meta http-equiv=Refresh content=\"0; URL='http://a.example/'\">", "http://a.example/|")]
    [InlineData("<form action=http://a.example/ ><button formaction=http://b.example/>x</button></form>", "http://a.example/| http://b.example/|")]
    [InlineData("<map><area href=http://a.example/></map>", "http://a.example/|")]
    [InlineData("<!--[if mso]><v:rect href=\"http://a.example/\"><![endif]-->", "http://a.example/|")]
    [InlineData("<a href='http://a.example/'><span style='display:none'>https://bank.example</span>Pay</a>", "http://a.example/|Pay")]
    public void Links_are_found_with_what_a_reader_sees(string html, string expected)
    {
        var page = HtmlReader.Read(html, isXml: false, 10_000);
        Assert.Equal(expected.Replace("  ", " ", StringComparison.Ordinal), string.Join(' ', page.Links.Select(link => $"{link.Url}|{link.Label}")));
    }

    [Theory]
    [InlineData("<p>Hello</p>", ActiveContent.None)]
    [InlineData("<script>var x=1</script>", ActiveContent.Script)]
    [InlineData("<script src=//a.example/x.js></script>", ActiveContent.Script)]
    [InlineData("<script type='application/ld+json'>{\"@type\":\"Order\"}</script>", ActiveContent.None)]
    [InlineData("<body onload='go()'>", ActiveContent.Script)]
    [InlineData("<a href='java\tscript:go()'>x</a>", ActiveContent.Script)]
    [InlineData("<meta http-equiv=refresh content='0;url=http://a.example/'>", ActiveContent.Redirect)]
    [InlineData("<meta http-equiv=refresh content=300>", ActiveContent.None)]
    [InlineData("<script>window.location.href = 'http://a.example/'</script>", ActiveContent.Script | ActiveContent.Redirect)]
    [InlineData("<script>location.replace('http://a.example/')</script>", ActiveContent.Script | ActiveContent.Redirect)]
    [InlineData("<script>window['loc'+'ation']='http://a.example/'</script>", ActiveContent.Script | ActiveContent.Redirect)]
    [InlineData("<script>if (location.href == 'x') y()</script>", ActiveContent.Script)]
    [InlineData("<form action=http://a.example/><input type=PassWord></form>", ActiveContent.PasswordForm)]
    [InlineData("<form action=http://a.example/><input type=text></form>", ActiveContent.SubmitForm)]
    [InlineData("<script>document.write('<in'+'put type=\"password\">')</script>", ActiveContent.Script | ActiveContent.PasswordForm)]
    [InlineData("<a download=x.zip href='data:application/zip;base64,UEsDBAAAAAAAAAAAAAAA'>x</a>", ActiveContent.Smuggling)]
    [InlineData("<script>var b=new Blob([d]);var u=URL.createObjectURL(b);</script>", ActiveContent.Script | ActiveContent.Smuggling)]
    [InlineData("<script>var b=new window['Bl'+'\\x6fb']([window['at'+'ob'](d)])</script>", ActiveContent.Script | ActiveContent.Smuggling)]
    [InlineData("<script>var b=new Blob([t.innerText]);a.href=URL.createObjectURL(b);a.download='report.csv'</script>", ActiveContent.Script)]
    [InlineData("<script>a.href='data:application/vnd.ms-excel;base64,'+btoa(unescape(encodeURIComponent(t.outerHTML)));a.download='report.xls'</script>", ActiveContent.Script)]
    [InlineData("<script>var b=new Blob([atob(d)]);a.href=URL.createObjectURL(b);a.download='report.csv'</script>", ActiveContent.Script | ActiveContent.Smuggling)]
    [InlineData("<script>var b=new Blob([t.innerText]);a.href=URL.createObjectURL(b);a.download='report.hta'</script>", ActiveContent.Script | ActiveContent.Smuggling)]
    [InlineData("<svg xmlns='http://www.w3.org/2000/svg'><script><![CDATA[ var a='<x>' ]]></script></svg>", ActiveContent.Script)]
    [InlineData("<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>", ActiveContent.Script)]
    [InlineData("<svg xmlns='http://www.w3.org/2000/svg'><circle r='1'/></svg>", ActiveContent.None)]
    [InlineData("<html><hta:application id=x></html>", ActiveContent.Script)]
    public void A_page_says_what_it_would_do(string html, ActiveContent expected)
    {
        using var anatomy = PartSamples.Examine(html, "a.html");
        Assert.Equal(expected, anatomy.Attachment().Active);
    }

    public static TheoryData<string, string> Disguises()
    {
        var eicar = Samples.Eicar;
        var zip = ContainerTests.Zip(("e.com", eicar));
        var base64 = Convert.ToBase64String(zip);
        var reversed = new string([.. base64.Reverse()]);
        return new()
        {
            { "base64", $"var b=new Blob([atob('{base64}')])" },
            { "pieces", $"var b=new Blob([atob('{base64[..50]}' +\n '{base64[50..90]}' + \"{base64[90..]}\")])" },
            { "list", $"var b=new Blob([atob(['{base64[..50]}','{base64[50..90]}',\"{base64[90..]}\"].join(''))])" },
            { "variables", $"var p='{base64[..52]}';var q='{base64[52..]}';var b=new Blob([atob(p+q)])" },
            { "backwards", $"var b=new Blob([atob('{reversed}'.split('').reverse().join(''))])" },
            { "twice", $"var b=new Blob([atob(atob('{Convert.ToBase64String(Encoding.ASCII.GetBytes(base64))}'))])" },
            { "numbers", $"var b=new Blob([new Uint8Array([{string.Join(", ", zip)}])])" },
            { "hex numbers", $"var b=new Blob([new Uint8Array([{string.Join(",", zip.Select(value => $"0x{value:x2}"))}])])" },
            { "hex", $"var h='{Convert.ToHexString(zip)}';var b=new Blob([h.match(/../g).map(x=>parseInt(x,16))])" },
            { "escapes", $"var b=new Blob(['{string.Concat(zip.Select(value => $"\\x{value:x2}"))}'])" },
            { "unicode escapes", $"var b=new Blob(['{string.Concat(zip.Select(value => $"\\u00{value:x2}"))}'])" },
            { "page in percent", $"document.write(unescape('{string.Concat(Encoding.ASCII.GetBytes($"<script>var b=new Blob([atob('{base64}')])</script>").Select(value => $"%{value:x2}"))}'))" },
            { "page in codes", $"document.write(String.fromCharCode({string.Join(",", Encoding.ASCII.GetBytes($"<script>var b=new Blob([atob('{base64}')])</script>"))}))" },
            { "comments", $"/* ' */ var r=/[\"']/g; // \"\nvar b=new Blob([atob('{base64}')])" },
        };
    }

    [Theory]
    [MemberData(nameof(Disguises))]
    public void A_smuggled_file_becomes_a_part(string disguise, string script)
    {
        using var anatomy = PartSamples.Examine($"<html><body><script>{script};a.download=\"invoice.zip\"</script></body></html>", "page.htm");
        Assert.True(anatomy.AllParts().Any(Samples.HasEicarByItself), $"{disguise}\n{Samples.Describe(anatomy)}");
        Assert.Contains(anatomy.AllParts(), part => part.Active.HasFlag(ActiveContent.Smuggling));
    }

    [Fact]
    public void A_page_in_a_data_link_is_read_too()
    {
        using var anatomy = PartSamples.Examine("<iframe src=\"data:text/html,%3Cform%3E%3Cinput type=password%3E%3C/form%3E\"></iframe>", "a.html");
        Assert.Contains(anatomy.AllParts(), part => part.Active.HasFlag(ActiveContent.PasswordForm));
    }

    [Fact]
    public void An_address_in_disguise_is_a_link()
    {
        using var anatomy = PartSamples.Examine($"<script>location=atob('{Convert.ToBase64String("https://evil.example/login"u8)}')</script>", "a.html");
        Assert.Contains("https://evil.example/login", anatomy.Urls);
    }

    [Fact]
    public void A_body_that_is_plain_text_is_not_read_as_a_page()
    {
        using var anatomy = Samples.Examine(Samples.WithBody("Content-Type: text/plain", "<html><script>var x=1</script></html>"));
        Assert.Equal(AnatomyFlags.None, anatomy.Flags);
        Assert.Contains("<script>", anatomy.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<script>banner()</script>", ActiveContent.None)]
    [InlineData("<a href='http://a.example/' onmouseover='hint()'>x</a>", ActiveContent.None)]
    [InlineData("<script>var b=new Blob([atob(d)])</script>", ActiveContent.Script | ActiveContent.Smuggling)]
    public void A_script_in_a_body_counts_when_it_hides_something(string html, ActiveContent expected)
    {
        using var anatomy = Samples.Examine(Samples.WithBody("Content-Type: text/html", html));
        Assert.Equal(expected, anatomy.AllParts().Single(part => part.Kind == PartKind.Body).Active);
    }

    [Theory]
    [InlineData("<p>wire <!--[if mso]>it<![endif]--> now</p>", "wire it now")]
    [InlineData("<p>wire <span style='opacity:0'>it</span> now</p>", "wire it now")]
    [InlineData("<p>wire it now</p>", "")]
    public void All_text_is_there_in_its_order(string html, string whole)
    {
        using var anatomy = Samples.Examine(Samples.WithBody("Content-Type: text/html", html));
        Assert.Equal(whole, anatomy.WholeText.Trim());
    }

    [Fact]
    public void Hidden_text_of_a_body_stays_apart()
    {
        using var anatomy = Samples.Examine(Samples.WithBody("Content-Type: text/html", "<p>seen</p><p style='display:none'>unseen words</p>"));
        Assert.Equal(("seen", "unseen words"), (anatomy.Text.Trim(), anatomy.HiddenText));
    }

    [Theory]
    [InlineData("<a href=x ")]
    [InlineData("<p style='")]
    [InlineData("<a b=\"")]
    [InlineData("<script>'")]
    [InlineData("<style>@media{")]
    [InlineData("</p")]
    [InlineData("<div>")]
    [InlineData("<iframe srcdoc='")]
    [InlineData("<!--[if mso]>")]
    [InlineData("<script>a='b'+")]
    [InlineData("<title></titl")]
    [InlineData("&#")]
    public void Repetition_takes_linear_time(string piece)
    {
        var body = new StringBuilder().Insert(0, piece, 2_000_000 / piece.Length).ToString();
        var watch = System.Diagnostics.Stopwatch.StartNew();
        using var anatomy = Samples.Examine(Samples.WithBody("Content-Type: text/html", body));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), $"{watch.Elapsed}");
    }

    [Theory]
    [InlineData("'a'+")]
    [InlineData("['a',")]
    [InlineData("1,")]
    [InlineData("/")]
    [InlineData("=/a")]
    [InlineData("\"")]
    public void A_long_script_takes_linear_time(string piece)
    {
        var body = "<script>" + new StringBuilder().Insert(0, piece, 2_000_000 / piece.Length);
        var watch = System.Diagnostics.Stopwatch.StartNew();
        using var anatomy = PartSamples.Examine(body, "a.html");
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(8), $"{watch.Elapsed}");
    }

    [Fact]
    public void Damaged_pages_never_throw_and_never_hang()
    {
        var seeds = Disguises().Select(row => Encoding.Latin1.GetBytes($"<html><style>.a{{color:#fff}}</style><p class=a style='display:none'>x<a href=http://a.example>y</a><script>{row.Data.Item2}</script>")).ToArray();
        PartSamples.Survive(PartSamples.Mutations(seeds, 1_500), "a.html");
        PartSamples.Survive(PartSamples.Truncations(seeds[0]), "a.html");
    }
}
