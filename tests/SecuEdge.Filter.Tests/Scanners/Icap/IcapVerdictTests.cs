using System.Text;
using SecuEdge.Filter.Scanners;
using SecuEdge.Filter.Scanners.Icap;

namespace SecuEdge.Filter.Tests.Scanners.Icap;

public sealed class IcapVerdictTests
{
    /// <summary>Product; reply head; status of the encapsulated page; what came back; result.</summary>
    public static TheoryData<string, string, int?, string, string> Answers => new()
    {
        { "nothing found", "ICAP/1.0 204 No Modifications Needed\r\nISTag: \"a\"", null, "None", "clean" },
        { "nothing found, other words", "ICAP/1.0 204 Unmodified\r\nEncapsulated: null-body=0", null, "None", "clean" },
        { "sent back unchanged, without Allow: 204", "ICAP/1.0 200 OK\r\nEncapsulated: res-hdr=0, res-body=50", 200, "Same", "clean" },
        { "upload sent back unchanged", "ICAP/1.0 200 OK\r\nEncapsulated: req-hdr=0, req-body=50", null, "Same", "clean" },
        {
            "c-icap virus_scan",
            "ICAP/1.0 200 OK\r\nServer: C-ICAP/0.5.10\r\nX-Infection-Found: Type=0; Resolution=2; Threat=Eicar-Signature;\r\n"
            + "X-Violations-Found: 1\r\n\t-\r\n\tEicar-Signature\r\n\t0\r\n\t0\r\nEncapsulated: res-hdr=0, res-body=90",
            403, "Other", "infected Eicar-Signature"
        },
        {
            "squidclamav", "ICAP/1.0 200 OK\r\nX-Infection-Found: Type=0; Resolution=2; Threat=Eicar-Signature;\r\nX-Virus-ID: Eicar-Signature", 307, "None",
            "infected Eicar-Signature"
        },
        { "squidclamav of old, a redirect only", "ICAP/1.0 200 OK\r\nEncapsulated: res-hdr=0, null-body=120", 307, "None", "infected blocked without a name (status 307)" },
        {
            "Kaspersky", "ICAP/1.0 200 OK\r\nX-Infection-Found: Type=0; Resolution=0; Threat=EICAR-Test-File;\r\nX-Response-Desc: Trojan malicious object detected", 403,
            "Other", "infected EICAR-Test-File"
        },
        { "ESET", "ICAP/1.0 200 OK\r\nX-Infection-Found: Type=0; Resolution=2; Threat=Eicar", 403, "Other", "infected Eicar" },
        { "Sophos", "ICAP/1.0 200 OK\r\nX-Virus-ID: Troj/DocDl-OYC", 200, "Other", "infected Troj/DocDl-OYC" },
        { "Symantec says 201", "ICAP/1.0 201 Created\r\nX-Infection-Found: Type=0; Resolution=2; Threat=W97M.Downloader;", 403, "Other", "infected W97M.Downloader" },
        { "Symantec, too large", "ICAP/1.0 200 OK\r\nX-Infection-Found: Type=2; Resolution=2; Threat=Container size violation", 403, "Other", "limits Container size violation" },
        {
            "Symantec, encrypted", "ICAP/1.0 200 OK\r\nX-Infection-Found: Type=2; Resolution=2; Threat=Encrypted container violation;", 403, "Other",
            "encrypted Encrypted container violation"
        },
        {
            "Symantec, list of violations only", "ICAP/1.0 201 Created\r\nX-Violations-Found: 2\r\n\ta.zip/b.com\r\n\tEICAR Test String\r\n\t11101\r\n\t2\r\n\tc\r\n\tOther\r\n\t1\r\n\t2",
            200, "Other", "infected EICAR Test String"
        },
        {
            "encrypted first, then malware", "ICAP/1.0 200 OK\r\nX-Infection-Found: Type=2; Resolution=2; Threat=Encrypted Archive;\r\n"
            + "X-Violations-Found: 2\r\n\ta.zip\r\n\tEncrypted Archive\r\n\t1\r\n\t2\r\n\tb.exe\r\n\tEICAR Test String\r\n\t2\r\n\t2",
            403, "Other", "infected EICAR Test String"
        },
        {
            "encrypted in one field, malware in another", "ICAP/1.0 200 OK\r\nX-Infection-Found: Type=2; Resolution=2; Threat=Encrypted Archive;\r\nX-Virus-ID: Troj/A",
            403, "Other", "infected Troj/A"
        },
        {
            "the same field twice", "ICAP/1.0 200 OK\r\nX-Infection-Found: Type=2; Threat=Encrypted Archive;\r\nX-Infection-Found: Type=0; Threat=Troj/A;",
            403, "Other", "infected Troj/A"
        },
        {
            "a rule in two fields", "ICAP/1.0 200 OK\r\nX-Infection-Found: Type=1; Threat=Forbidden words;\r\nX-Violations-Found: 1\r\n\t-\r\n\tForbidden words\r\n\t0\r\n\t0",
            403, "Other", "heuristic Forbidden words"
        },
        { "a violation of a rule", "ICAP/1.0 200 OK\r\nX-Infection-Found: Type=1; Resolution=2; Threat=Forbidden words;", 403, "Other", "heuristic Forbidden words" },
        { "Clearswift", "ICAP/1.0 200 OK\r\nX-Virus-ID: EICAR Test String\r\nX-Infection-Found: Type=0; Resolution=0; Threat=EICAR Test String;", 403, "Other", "infected EICAR Test String" },
        {
            "OPSWAT", "ICAP/1.0 200 OK\r\nX-Blocked-Reason: Infected\r\nX-Response-Info: Blocked\r\nX-Response-Desc: Infected\r\nX-Virus-ID: EICAR Test String", 403, "Other",
            "infected EICAR Test String"
        },
        {
            "OPSWAT, encrypted", "ICAP/1.0 200 OK\r\nX-Response-Info: Blocked\r\nX-Virus-ID: Encrypted Archive\r\nX-Infection-Found: Type=2; Resolution=0; Threat=Encrypted Archive;",
            403, "Other", "encrypted Encrypted Archive"
        },
        { "OPSWAT, blocked by a rule", "ICAP/1.0 200 OK\r\nX-Response-Info: Blocked\r\nX-Blocked-Reason: Sensitive data", 403, "Other", "infected Sensitive data" },
        { "OPSWAT, allowed", "ICAP/1.0 204 No Content\r\nX-Response-Info: Allowed", null, "None", "clean" },
        { "Trend Micro", "ICAP/1.0 200 OK\r\nX-Virus-ID: TSPY_ONLINEG.MCS\r\nX-Infection-Found: Type=0; Resolution=2; Threat=TSPY_ONLINEG.MCS;", 403, "Other", "infected TSPY_ONLINEG.MCS" },
        { "Trend Micro, clean with a description", "ICAP/1.0 204 No Content\r\nX-Response-Desc: URL: No risk rating from WRS; FILE: No risk", null, "None", "clean" },
        { "McAfee", "ICAP/1.0 200 OK\r\nX-Virus-Name: EICAR test file\r\nX-Block-Reason: Malware found", 403, "Other", "infected EICAR test file" },
        { "McAfee without a name", "ICAP/1.0 200 OK\r\nX-Block-Reason: Malware found", 403, "Other", "infected Malware found" },
        { "F-Secure", "ICAP/1.0 200 OK\r\nX-FSecure-Scan-Result: infected\r\nX-FSecure-Infection-Name: \"EICAR_Test_File\"", 403, "Other", "infected EICAR_Test_File" },
        { "F-Secure, clean", "ICAP/1.0 204 OK\r\nX-FSecure-Scan-Result: clean", null, "None", "clean" },
        { "Bitdefender", "ICAP/1.0 200 OK\r\nX-Virus-ID: EICAR-Test-File (not a virus)", 403, "None", "infected EICAR-Test-File (not a virus)" },
        { "a page without a word", "ICAP/1.0 200 OK", 403, "Other", "infected blocked without a name (status 403)" },
        { "another file in its place", "ICAP/1.0 200 OK", 200, "Other", "infected blocked without a name (content replaced)" },
        { "an empty file in its place", "ICAP/1.0 200 OK\r\nEncapsulated: res-hdr=0, null-body=30", 200, "None", "infected blocked without a name (content replaced)" },
        { "found, though unchanged", "ICAP/1.0 204 OK\r\nX-Infection-Found: Type=0; Resolution=0; Threat=Adware;", null, "None", "infected Adware" },
        { "fields that say nothing was found", "ICAP/1.0 204 OK\r\nX-Virus-ID: none\r\nX-Infection-Found: \r\nX-Violations-Found: 0\r\nX-Blocked: 0", null, "None", "clean" },
        { "c-icap's dash", "ICAP/1.0 204 OK\r\nX-Violations-Found: -", null, "None", "clean" },
        { "a field in no known form", "ICAP/1.0 200 OK\r\nX-Infection-Found: EICAR", 403, "Other", "infected EICAR" },
        { "a threat without a type", "ICAP/1.0 200 OK\r\nX-Infection-Found: Threat=EICAR", 403, "Other", "infected EICAR" },
        { "a blocked flag", "ICAP/1.0 200 OK\r\nX-Blocked: true", 200, "Same", "infected blocked without a name" },
        { "error of the service", "ICAP/1.0 500 Server error", null, "None", "failed the service answers 500 Server error" },
        { "no licence", "ICAP/1.0 539 Aborted - No AV scanning license", null, "None", "failed the service answers 539 Aborted - No AV scanning license" },
        { "no such service", "ICAP/1.0 404 ICAP Service not found", null, "None", "failed the service answers 404 ICAP Service not found" },
        { "overloaded", "ICAP/1.0 503 Service overloaded", null, "None", "failed the service answers 503 Service overloaded" },
        { "a page about its own error", "ICAP/1.0 200 OK", 502, "Other", "failed the service answers with a page of status 502" },
        { "partial content, never asked for", "ICAP/1.0 206 Partial Content\r\nEncapsulated: res-hdr=0, res-body=19", 200, "Other", "failed the service answers 206 Partial Content" },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public void Answers_of_products_are_understood(string product, string head, int? httpStatus, string body, string expected)
    {
        _ = product;
        Assert.True(IcapReply.TryParse(Encoding.Latin1.GetBytes(head + "\r\n\r\n"), out var reply, out var trouble), trouble);

        Assert.Equal(expected, Words(IcapVerdict.Of(new IcapAnswer(reply, httpStatus, Enum.Parse<IcapBody>(body), WasSentWhole: true, IsFromPreview: false))));
    }

    [Theory]
    [InlineData(false, "failed the service answered before it had the whole file")]
    [InlineData(true, "clean")]
    public void Unchanged_counts_when_the_service_had_the_file_or_was_offered_a_preview(bool isFromPreview, string expected)
    {
        Assert.True(IcapReply.TryParse("ICAP/1.0 204 OK\r\n\r\n"u8, out var reply, out _));

        Assert.Equal(expected, Words(IcapVerdict.Of(new IcapAnswer(reply, null, IcapBody.None, WasSentWhole: false, isFromPreview))));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\r\n")]
    [InlineData("204 OK")]
    [InlineData("ICAP/1.0")]
    [InlineData("ICAP/1.0 ")]
    [InlineData("ICAP/1.0 20 OK")]
    [InlineData("ICAP/1.0 2040 OK")]
    [InlineData("ICAP/1.0 099 OK")]
    [InlineData("ICAP/1.0 -04 OK")]
    [InlineData("ICAP/2.0 204 OK")]
    [InlineData("icap/1.0 204 OK")]
    [InlineData("HTTP/1.1 400 Bad Request")]
    [InlineData("220 mail.example ESMTP")]
    [InlineData("ICAP/1.0 204 OK\r\nno colon")]
    [InlineData("ICAP/1.0 204 OK\r\n: no name")]
    [InlineData("ICAP/1.0 204 OK\r\nbad name: x")]
    [InlineData("ICAP/1.0 204 OK\r\n folded without a field")]
    [InlineData("ICAP/1.0 200 OK\r\nEncapsulated: res-hdr")]
    [InlineData("ICAP/1.0 200 OK\r\nEncapsulated: res-hdr=5, res-body=9")]
    [InlineData("ICAP/1.0 200 OK\r\nEncapsulated: res-hdr=0, res-body=-1")]
    [InlineData("ICAP/1.0 200 OK\r\nEncapsulated: res-body=0, res-hdr=9")]
    [InlineData("ICAP/1.0 200 OK\r\nEncapsulated: res-hdr=0, req-hdr=9, res-body=5")]
    [InlineData("ICAP/1.0 200 OK\r\nEncapsulated: any=0")]
    [InlineData("ICAP/1.0 200 OK\r\nEncapsulated: res-body=99999999999")]
    public void What_a_service_should_never_send_is_no_reply(string head)
    {
        Assert.False(IcapReply.TryParse(Encoding.Latin1.GetBytes(head), out _, out var trouble));
        Assert.NotEmpty(trouble);
    }

    [Fact]
    public void Names_are_bounded_and_without_control_characters()
    {
        var head = Encoding.Latin1.GetBytes($"ICAP/1.0 200 OK\r\nX-Virus-ID: a\u0007b{new string('x', 1000)}\r\n\r\n");
        Assert.True(IcapReply.TryParse(head, out var reply, out _));

        var infected = Assert.IsType<ScanResult.Infected>(IcapVerdict.Of(new IcapAnswer(reply, 403, IcapBody.Other, true, false)));

        Assert.StartsWith("abx", infected.Name, StringComparison.Ordinal);
        Assert.Equal(200, infected.Name.Length);
    }

    [Fact]
    public void No_damaged_reply_is_clean_or_throws()
    {
        var random = new Random(20_251);
        var good = "ICAP/1.0 200 OK\r\nISTag: \"a\"\r\nX-Infection-Found: Type=0; Resolution=2; Threat=E;\r\nEncapsulated: res-hdr=0, res-body=9\r\n\r\n"u8.ToArray();
        for (var round = 0; round < 50_000; round++)
        {
            var bytes = good.ToArray();
            for (var i = random.Next(1, 4); i > 0; i--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            if (IcapReply.TryParse(bytes, out var reply, out _))
            {
                // With the page of a block behind it no damage to the head makes it pass, but one that makes another valid status of it.
                var result = IcapVerdict.Of(new IcapAnswer(reply, 403, IcapBody.Other, true, false));
                Assert.False(result is ScanResult.Clean, Encoding.Latin1.GetString(bytes));
            }
        }
    }

    [Theory]
    [InlineData("icap://av.example/avscan", "av.example", 1344, false, "icap://av.example:1344/avscan")]
    [InlineData("icap://127.0.0.1:11345/srv?allow204=on", "127.0.0.1", 11345, false, "icap://127.0.0.1:11345/srv?allow204=on")]
    [InlineData("icaps://av.example/respmod", "av.example", 11344, true, "icap://av.example:11344/respmod")]
    [InlineData("icap://[::1]:1344/x", "::1", 1344, false, "icap://[::1]:1344/x")]
    public void An_address_names_host_port_and_service(string text, string host, int port, bool isTls, string url)
    {
        Assert.True(IcapEndpoint.TryParse(text, out var endpoint));
        Assert.Equal(new IcapEndpoint(host, port, url, isTls), endpoint);
    }

    [Theory]
    [InlineData("")]
    [InlineData("av.example:1344")]
    [InlineData("http://av.example/avscan")]
    [InlineData("icap:///avscan")]
    [InlineData("icap://user:secret@av.example/avscan")]
    [InlineData("icap://av.example:99999/avscan")]
    public void Anything_else_is_no_address(string text) => Assert.False(IcapEndpoint.TryParse(text, out _));

    private static string Words(ScanResult result) => result switch
    {
        ScanResult.Clean => "clean",
        ScanResult.Infected infected => $"infected {infected.Name}",
        ScanResult.Heuristic { Kind: HeuristicKind.LimitsExceeded } limits => $"limits {limits.Name}",
        ScanResult.Heuristic { Kind: HeuristicKind.Encrypted } encrypted => $"encrypted {encrypted.Name}",
        ScanResult.Heuristic heuristic => $"heuristic {heuristic.Name}",
        ScanResult.Failed failed => $"failed {failed.Why}",
        _ => throw new InvalidOperationException(),
    };
}
