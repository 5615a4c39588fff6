using System.Text;

namespace SecuEdge.Content.Tests;

/// <summary>
/// Messages that programs read differently, made here so that the repository has its own. Each hides the EICAR string behind one trick;
/// the name says which.
/// </summary>
internal static class DubiousMime
{
    private static readonly string B64 = Samples.EicarBase64;
    private static readonly string Qp = string.Concat(Samples.Eicar.Select(b => $"={b:X2}"));

    public static IReadOnlyDictionary<string, byte[]> All { get; } = Make();

    private static Dictionary<string, byte[]> Make()
    {
        var all = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var (name, message) in Bodies().Concat(Encodings()).Concat(Base64Bodies()).Concat(Boundaries()).Concat(Headers()).Concat(Documents()))
        {
            all.Add(name, message);
        }

        return all;
    }

    private static IEnumerable<(string Name, byte[] Message)> Bodies()
    {
        yield return ("uuencode in a text body", Text("Hello,\r\n\r\n" + Uu("begin 644 eicar.com", isXx: false) + "end\r\nBye\r\n"));
        yield return ("uuencode that never ends", Text(Uu("begin 755 eicar.com", isXx: false)));
        yield return ("uuencode with four digits of mode", Text(Uu("begin 0644 a b.com", isXx: false) + "end\r\n"));
        yield return ("uuencode beginning in capitals", Text(Uu("BEGIN 644 eicar.com", isXx: false) + "END\r\n"));
        yield return ("uuencode in an HTML body", Samples.WithBody("Content-Type: text/html", "<p>x</p>\r\n" + Uu("begin 644 e.com", isXx: false) + "end\r\n"));
        yield return ("xxencode in a text body", Text(Uu("begin 644 eicar.com", isXx: true) + "end\r\n"));
        yield return ("base64 of POSIX uuencode", Text("begin-base64 644 eicar.com\r\n" + B64 + "\r\n====\r\n"));
        yield return ("undeclared base64 in a text body", Text("Save the lines below:\r\n\r\n" + Wrapped(76) + "\r\n\r\nRegards\r\n"));
        yield return ("yEnc in a text body", Samples.WithBody("Content-Type: text/plain", YEnc()));
        yield return ("BinHex in a text body", Text("(This file must be converted with BinHex 4.0)\r\n\r\n" + BinHex() + "\r\n"));
        yield return ("an attachment of uuencoded text", Part("Content-Type: text/plain; name=\"a.uue\"\r\nContent-Disposition: attachment; filename=\"a.uue\"", Uu("begin 644 e.com", isXx: false) + "end\r\n"));
        yield return ("a MIME part quoted in plain text of a mail without MIME", Latin1("From: a@example.org\r\nSubject: s\r\n\r\n" + Multi("BOUND", Attachment(B64))));
    }

    private static IEnumerable<(string Name, byte[] Message)> Encodings()
    {
        foreach (var value in new[]
        {
            "base-64", "b64", "base64;", "base64,", "\"base64\"", "'base64'", "base64\t(x)", "(x) base64", "=?us-ascii?q?base64?=", "x-base64", "7bit, base64",
            "base64\0", "base 64", "8bit", "7bit", "binary", "", "unknown", "quoted-printable",
        })
        {
            yield return ($"base64 declared as <{value.Replace("\0", "NUL", StringComparison.Ordinal)}>", Part($"Content-Type: application/octet-stream; name=\"e.com\"\r\nContent-Transfer-Encoding: {value}", B64));
        }

        yield return ("base64 without any encoding field", Part("Content-Type: application/octet-stream; name=\"e.com\"", Wrapped(60)));
        yield return ("two encodings, base64 first", Part("Content-Transfer-Encoding: base64\r\nContent-Transfer-Encoding: 7bit", B64));
        yield return ("two encodings, base64 last", Part("Content-Transfer-Encoding: 7bit\r\nContent-Transfer-Encoding: base64", B64));
        yield return ("two encodings, quoted-printable last", Part("Content-Transfer-Encoding: base64\r\nContent-Transfer-Encoding: quoted-printable", Qp));
        yield return ("quoted-printable declared as 7bit twice over", Part("Content-Transfer-Encoding: 7bit\r\nContent-Transfer-Encoding: x", Qp));
        yield return ("folded encoding", Part("Content-Transfer-Encoding:\r\n\tquoted-printable", Qp));
        yield return ("no blank after the colon", Part("Content-Transfer-Encoding:base64", B64));
        yield return ("blank before the colon", Part("Content-Transfer-Encoding : base64", B64));
        yield return ("uuencode as encoding", Part("Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: x-uuencode", Uu("begin 644 e.com", isXx: false) + "end\r\n"));
        yield return ("uuencode as encoding, other name", Part("Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: uuencode", Uu("begin 644 e.com", isXx: false) + "end\r\n"));
        yield return ("quoted-printable with blanks behind its soft breaks", Part("Content-Transfer-Encoding: quoted-printable", Qp[..60] + "= \t\r\n" + Qp[60..]));
        yield return ("quoted-printable with soft breaks of a bare LF and a bare CR", Part("Content-Transfer-Encoding: quoted-printable", Qp[..60] + "=\n" + Qp[60..90] + "=\r" + Qp[90..]));
        yield return ("base64 of base64", Part("Content-Transfer-Encoding: base64", Convert.ToBase64String(Encoding.ASCII.GetBytes(B64))));
        yield return ("quoted-printable of base64", Part("Content-Transfer-Encoding: quoted-printable", B64.Replace("=", "=3D", StringComparison.Ordinal)));
        yield return ("base64 of uuencode", Part("Content-Transfer-Encoding: base64", Convert.ToBase64String(Samples.Latin1(Uu("begin 644 e.com", isXx: false) + "end\r\n"))));
        yield return ("encoded multipart", Samples.WithBody("Content-Type: multipart/mixed; boundary=BOUND\r\nContent-Transfer-Encoding: base64", Convert.ToBase64String(Latin1(Multi("BOUND", Attachment(B64))), Base64FormattingOptions.InsertLineBreaks)));
        yield return ("quoted-printable multipart", Samples.WithBody("Content-Type: multipart/mixed; boundary=\"=_B\"\r\nContent-Transfer-Encoding: quoted-printable", Multi("=_B", Attachment(B64)).Replace("=", "=3D", StringComparison.Ordinal)));
        yield return ("encoded message", Part("Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64", Convert.ToBase64String(Samples.WithAttachment(Samples.Eicar), Base64FormattingOptions.InsertLineBreaks)));
        yield return ("a message attached as octets", Part("Content-Type: application/octet-stream; name=\"mail.eml\"\r\nContent-Transfer-Encoding: base64", Convert.ToBase64String(Samples.WithAttachment(Samples.Eicar), Base64FormattingOptions.InsertLineBreaks)));
    }

    private static IEnumerable<(string Name, byte[] Message)> Base64Bodies()
    {
        foreach (var (name, body) in new (string, string)[]
        {
            ("junk between", B64.Insert(40, "!@$^&*()").Insert(12, "\u00a7\u00a7")),
            ("blanks between all characters", string.Join(' ', B64.ToCharArray())),
            ("lines of three", Wrapped(3)),
            ("lines of one", Wrapped(1)),
            ("bare CR line ends", Wrapped(20).Replace("\r\n", "\r", StringComparison.Ordinal)),
            ("bare LF line ends", Wrapped(20).Replace("\r\n", "\n", StringComparison.Ordinal)),
            ("padding first", "====\r\n" + B64),
            ("padding first in the line", "=" + B64),
            ("junk after the padding", B64 + "\r\nThis is the end, my friend\r\n"),
            ("a list footer behind", B64 + "\r\n_______________________________________________\r\nlist mailing list\r\nlist@example.org\r\n"),
            ("a comment in front", "(comment)\r\n\r\n" + Wrapped(60)),
            ("one letter in front", "A\r\n" + Wrapped(64)),
            ("two letters in front", "AB\r\n\r\n" + Wrapped(64)),
            ("groups each with padding", string.Concat(Samples.Eicar.Select(b => Convert.ToBase64String([b])))),
            ("two streams, the second infected", Convert.ToBase64String("x"u8) + "\r\n" + B64),
            ("no padding", B64.TrimEnd('=')),
            ("wrong padding", B64.TrimEnd('=') + "==="),
            ("quoted-printable padding", B64.Replace("=", "=3D", StringComparison.Ordinal)),
            ("NUL between", B64.Insert(10, "\0")),
            ("dots at line starts", "." + B64.Insert(40, "\r\n..")),
        })
        {
            yield return ("base64 with " + name, Part("Content-Type: application/octet-stream; name=\"e.com\"\r\nContent-Transfer-Encoding: base64", body));
        }
    }

    private static IEnumerable<(string Name, byte[] Message)> Boundaries()
    {
        foreach (var (parameter, used) in new[]
        {
            ("boundary=\"AAA\"; boundary=\"BBB\"", "BBB"), ("boundary=\"AAA\"; boundary=\"BBB\"", "AAA"), ("boundary='BOUND'", "BOUND"), ("boundary='BOUND'", "'BOUND'"),
            ("boundary=\"BOUND \"", "BOUND"), ("boundary=\"BOUND \"", "BOUND "), ("boundary=BOUND(x)", "BOUND"), ("boundary*=us-ascii''BOUND", "BOUND"),
            ("boundary*0=BO; boundary*1=UND", "BOUND"), ("boundary = \"BOUND\"", "BOUND"), ("boundary=\"BO\\UND\"", "BOUND"), ("boundary=\"BO\\UND\"", "BO\\UND"),
            ("boundary=\"BOUND", "BOUND"), ("boundary=BOUND\"", "BOUND"), ("boundary=\"BO;UND\"", "BO;UND"), ("boundary=BO UND", "BO"), ("boundary=\"bound\"", "BOUND"),
            ("boundary=\"BOUND\"; x=\"", "BOUND"), ("boundary=\"=?us-ascii?q?BOUND?=\"", "BOUND"), ("boundary=\"\"", "BOUND"), ("boundary=", "BOUND"), ("bounda ry=BOUND", "BOUND"),
            ("boundary=\"BO\0UND\"", "BO"), ("charset=x; boundary=B\u00d6UND", "B\u00d6UND"), ("boundary=\"BOUND\r\n X\"", "BOUND X"), ("boundary=\"BOUND\r\n X\"", "BOUND"),
        })
        {
            yield return ($"<{parameter.Replace("\0", "NUL", StringComparison.Ordinal)}> and --{used}", Samples.WithBody($"Content-Type: multipart/mixed; {parameter}", Multi(used, Attachment(B64))));
        }

        var multi = Multi("BOUND", Attachment(B64));
        const string mixed = "Content-Type: multipart/mixed; boundary=BOUND";
        yield return ("boundary in other case", Samples.WithBody("Content-Type: multipart/mixed; boundary=bOuNd", multi));
        yield return ("no closing delimiter", Samples.WithBody(mixed, multi.Replace("--BOUND--", "", StringComparison.Ordinal)));
        yield return ("closed before the part", Samples.WithBody(mixed, "--BOUND--\r\n" + multi));
        yield return ("a part behind the end", Samples.WithBody(mixed, "--BOUND\r\n\r\nx\r\n--BOUND--\r\n" + multi));
        yield return ("a part in the preamble", Samples.WithBody(mixed, Multi("OTHER", Attachment(B64)) + "--BOUND\r\n\r\nx\r\n--BOUND--\r\n"));
        yield return ("bare base64 in the preamble", Samples.WithBody(mixed, B64 + "\r\n--BOUND\r\n\r\nx\r\n--BOUND--\r\n"));
        yield return ("bare base64 behind the end", Samples.WithBody(mixed, "--BOUND\r\n\r\nx\r\n--BOUND--\r\n\r\n" + B64 + "\r\n"));
        yield return ("junk behind a delimiter", Samples.WithBody(mixed, multi.Replace("--BOUND\r\nContent-Type: app", "--BOUNDjunk\r\nContent-Type: app", StringComparison.Ordinal)));
        yield return ("blanks behind delimiters", Samples.WithBody(mixed, multi.Replace("--BOUND\r\n", "--BOUND \t \r\n", StringComparison.Ordinal)));
        yield return ("bare LF around delimiters", Samples.WithBody(mixed, multi.Replace("\r\n", "\n", StringComparison.Ordinal)));
        yield return ("bare CR everywhere", Samples.WithBody(mixed, multi.Replace("\r\n", "\r", StringComparison.Ordinal)));
        yield return ("the same boundary inside", Samples.WithBody(mixed, "--BOUND\r\nContent-Type: multipart/mixed; boundary=BOUND\r\n\r\n" + multi + "--BOUND--\r\n"));
        yield return ("an inner boundary that begins like the outer", Samples.WithBody(mixed, "--BOUND\r\nContent-Type: multipart/mixed; boundary=BOUND2\r\n\r\n" + Multi("BOUND2", Attachment(B64)) + "--BOUND--\r\n"));
        yield return ("an outer boundary that begins like the inner", Samples.WithBody("Content-Type: multipart/mixed; boundary=BOUND2", "--BOUND2\r\nContent-Type: multipart/mixed; boundary=BOUND\r\n\r\n" + multi + "--BOUND2--\r\n"));
        yield return ("no empty line before the first delimiter", Latin1("From: a@example.org\r\nContent-Type: multipart/mixed; boundary=BOUND\r\n" + multi));
        yield return ("no empty line between part header and body", Samples.WithBody(mixed, multi.Replace("base64\r\n\r\n", "base64\r\n", StringComparison.Ordinal)));
        yield return ("an encoded part of type multipart", Samples.WithBody(mixed, "--BOUND\r\nContent-Type: multipart/mixed\r\nContent-Transfer-Encoding: base64\r\n\r\n" + B64 + "\r\n--BOUND--\r\n"));
    }

    private static IEnumerable<(string Name, byte[] Message)> Headers()
    {
        var multi = Multi("BOUND", Attachment(B64));
        foreach (var header in new[]
        {
            "Content-Type: text/plain\r\nContent-Type: multipart/mixed; boundary=BOUND", "Content-Type: multipart/mixed; boundary=BOUND\r\nContent-Type: text/plain",
            "Content-Type: text/plain", "X-Nothing: here", "Content-Type: multipart/mixed boundary=BOUND", "Content-Type: multipart/mixed, boundary=BOUND",
            "Content-Type: multipart; boundary=BOUND", "Content-Type: multipart / mixed; boundary=BOUND", "Content-Type: multipart/mixed;; boundary=BOUND", "Content-Type: multipart/; boundary=BOUND",
            "Content-Type: \"multipart/mixed\"; boundary=BOUND", "Content-Type: (x) multipart/mixed; boundary=BOUND", "Content-Type:\r\n\tmultipart/mixed;\r\n\tboundary=BOUND", "Content-Type:\r\n \r\n multipart/mixed; boundary=BOUND",
            "Content-Type : multipart/mixed; boundary=BOUND", "Content-Type\r\n : multipart/mixed; boundary=BOUND", " Content-Type: multipart/mixed; boundary=BOUND", "Content-Type: =?us-ascii?q?multipart/mixed?=; boundary=BOUND",
            "no colon here\r\nContent-Type: multipart/mixed; boundary=BOUND", ": x\r\nContent-Type: multipart/mixed; boundary=BOUND", "X\0: y\r\nContent-Type: multipart/mixed; boundary=BOUND", "X: y\rContent-Type: multipart/mixed; boundary=BOUND",
            "\u00ef\u00bb\u00bfContent-Type: multipart/mixed; boundary=BOUND", "Content-Type: application/octet-stream", "Content-Type: message/rfc822", "Content-Type: image/png", "MIME-Version: 2.0\r\nContent-Type: multipart/mixed; boundary=BOUND",
        })
        {
            yield return ($"header <{header.Replace("\0", "NUL", StringComparison.Ordinal).ReplaceLineEndings("|")}>", Samples.WithBody(header, multi));
        }
    }

    private static IEnumerable<(string Name, byte[] Message)> Documents()
    {
        const string html = "Content-Type: text/html";
        yield return ("data: URI", Samples.WithBody(html, $"<a download=\"e.com\" href=\"data:application/octet-stream;base64,{B64}\">x</a>"));
        yield return ("data: URI in capitals", Samples.WithBody(html, $"<a href='DATA:application/octet-stream;BASE64,{B64}'>x</a>"));
        yield return ("data: URI over lines", Samples.WithBody(html, $"<a href=\"data:a/b;base64,\r\n {B64.Insert(40, "\r\n ")}\">x</a>"));
        yield return ("data: URI with percents in base64", Samples.WithBody(html, $"<a href=\"data:a/b;base64,{B64.Replace("=", "%3D", StringComparison.Ordinal).Replace("+", "%2B", StringComparison.Ordinal)}\">x</a>"));
        yield return ("data: URI all in percents", Samples.WithBody(html, $"<a href=\"data:application/octet-stream,{string.Concat(Samples.Eicar.Select(b => $"%{b:x2}"))}\">x</a>"));
        yield return ("data: URI of a style", Samples.WithBody(html, $"<style>a{{background:url(data:a/b;base64,{B64})}}</style>"));
        yield return ("data: URI in quoted-printable HTML", Samples.WithBody(html + "\r\nContent-Transfer-Encoding: quoted-printable", $"<a href=3D\"data:a/b;base64,{B64.Replace("=", "=3D", StringComparison.Ordinal).Insert(30, "=\r\n")}\">x</a>"));
        yield return ("a string of a script", Samples.WithBody(html, $"<script>var a=atob(\"{B64}\");var b=new Blob([a]);</script>"));
        yield return ("iCalendar attachment", Samples.WithBody("Content-Type: text/calendar", $"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nATTACH;FMTTYPE=application/octet-stream;ENCODING=BASE64;VALUE=BINARY:{B64.Insert(60, "\r\n ").Insert(20, "\r\n\t")}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"));
        yield return ("vCard photo", Samples.WithBody("Content-Type: text/vcard", $"BEGIN:VCARD\r\nVERSION:3.0\r\nPHOTO;ENCODING=b;TYPE=JPEG:{B64.Insert(50, "\r\n ")}\r\nEND:VCARD\r\n"));
        yield return ("an attached HTML file", Samples.WithAttachment(Latin1($"<html><a href=\"data:a/b;base64,{B64}\">x</a></html>"), "a.html", "text/html"));
    }

    private static byte[] Text(string body) => Samples.WithBody("Content-Type: text/plain; charset=us-ascii", body);

    private static byte[] Part(string header, string body) => Latin1(
        $"From: a@example.org\r\nSubject: s\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"BOUND\"\r\n\r\n--BOUND\r\n\r\nText\r\n--BOUND\r\n{header}\r\n\r\n{body}\r\n--BOUND--\r\n");

    private static string Attachment(string body) =>
        $"Content-Type: application/octet-stream; name=\"e.com\"\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment\r\n\r\n{body}\r\n";

    private static string Multi(string boundary, string part) => $"--{boundary}\r\nContent-Type: text/plain\r\n\r\nText\r\n--{boundary}\r\n{part}--{boundary}--\r\n";

    private static byte[] Latin1(string text) => Encoding.Latin1.GetBytes(text);

    private static string Wrapped(int width) => string.Join("\r\n", B64.Chunk(width).Select(line => new string(line)));

    private static string Uu(string begin, bool isXx)
    {
        const string xx = "+-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        var text = new StringBuilder(begin).Append("\r\n");
        char Letter(int value) => isXx ? xx[value] : value == 0 ? '`' : (char)(value + 32);
        foreach (var line in Samples.Eicar.Chunk(45))
        {
            text.Append(Letter(line.Length));
            foreach (var group in line.Chunk(3))
            {
                var bits = (group[0] << 16) | ((group.Length > 1 ? group[1] : 0) << 8) | (group.Length > 2 ? group[2] : 0);
                text.Append(Letter((bits >> 18) & 63)).Append(Letter((bits >> 12) & 63)).Append(Letter((bits >> 6) & 63)).Append(Letter(bits & 63));
            }

            text.Append("\r\n");
        }

        return text.Append(Letter(0)).Append("\r\n").ToString();
    }

    private static string YEnc()
    {
        var text = new StringBuilder("=ybegin line=128 size=68 name=eicar.com\r\n");
        foreach (var value in Samples.Eicar)
        {
            var code = (byte)(value + 42);
            text.Append(code is 0 or 10 or 13 or (byte)'=' ? $"={(char)(byte)(code + 64)}" : ((char)code).ToString());
        }

        return text.Append("\r\n=yend size=68\r\n").ToString();
    }

    /// <summary>Name, version, type, creator, flags, two lengths and a checksum, then the data fork (RFC 1741 appendix A).</summary>
    private static string BinHex()
    {
        const string alphabet = "!\"#$%&'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr";
        byte[] raw = [1, (byte)'e', 0, .. "TEXTttxt"u8, 0, 0, 0, 0, 0, 68, 0, 0, 0, 0, 0, 0, .. Samples.Eicar, 0, 0];
        var text = new StringBuilder(":");
        for (int bits = 0, count = 0, i = 0; i < raw.Length || count > 0; i++)
        {
            bits = (bits << 8) | (i < raw.Length ? raw[i] : 0);
            count += 8;
            for (; count >= 6; bits &= (1 << count) - 1)
            {
                count -= 6;
                text.Append(alphabet[(bits >> count) & 63]);
            }

            if (i >= raw.Length)
            {
                break;
            }
        }

        return text.Append(':').ToString();
    }
}
