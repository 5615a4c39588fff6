using System.Globalization;
using System.Text;

namespace SecuEdge.Appliance.Tests.EndToEnd;

/// <summary>
/// Messages made from a number, the same each time: plain, nested, with attachments, dots at line starts, 8-bit text, no final line end,
/// and sizes from nothing to a few hundred kilobytes. All of them are what a gateway passes on byte for byte.
/// </summary>
internal static class SampleMail
{
    public static byte[] Create(int number)
    {
        var random = new Random(number);
        var text = new StringBuilder(string.Create(CultureInfo.InvariantCulture, $"""
            From: =?utf-8?q?Andr=C3=A9?= <andre{number}@sender.example>
            To: someone@acme.example
            Subject: Sample {number}
            Message-ID: <sample-{number}@sender.example>
            Date: Mon, 07 Sep 2026 09:12:31 +0200

            """).ReplaceLineEndings("\r\n"));
        switch (number % 6)
        {
            case 0:
                text.Append("\r\nshort\r\n");
                break;
            case 1:
                text.Append("MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n");
                AppendLines(text, random, 40, "é ü € 日本 ");
                break;
            case 2:
                // RFC 5321 §4.5.2: every leading dot is doubled on the wire and must come out single.
                text.Append("\r\n.\r\n..\r\n.leading dot\r\n\r\n");
                AppendLines(text, random, 20, ".");
                text.Append(".\r\n");
                break;
            case 3:
                AppendAttachment(text, random, 1_000 + random.Next(20_000));
                break;
            case 4:
                AppendAttachment(text, random, number % 150 == 4 ? 1_300_000 : number % 30 == 4 ? 200_000 : 500);
                break;
            default:
                text.Append("X-Folded: one\r\n\ttwo\r\n three\r\n\r\n").Append('x', 990).Append("\r\nno line end at the end");
                break;
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static void AppendLines(StringBuilder text, Random random, int count, string start)
    {
        for (var line = 0; line < count; line++)
        {
            text.Append(start).Append(random.Next()).Append(" some words of no weight ").Append(random.Next()).Append("\r\n");
        }
    }

    private static void AppendAttachment(StringBuilder text, Random random, int sizeBytes)
    {
        text.Append("MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"b\"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nsee attachment\r\n")
            .Append("--b\r\nContent-Type: application/octet-stream; name=\"noise.bin\"\r\nContent-Transfer-Encoding: base64\r\n\r\n");
        var content = new byte[sizeBytes];
        random.NextBytes(content);
        text.Append(Convert.ToBase64String(content, Base64FormattingOptions.InsertLineBreaks)).Append("\r\n--b--\r\n");
    }
}
