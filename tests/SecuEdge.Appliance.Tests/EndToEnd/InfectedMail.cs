using System.Text;

namespace SecuEdge.Appliance.Tests.EndToEnd;

/// <summary>Mail with EICAR's test file, put together at run time so that no scanner on a developer's machine takes this source away.</summary>
internal static class InfectedMail
{
    public static readonly byte[] TestFile = Encoding.ASCII.GetBytes(@"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-" + "ANTIVIRUS-TEST-FILE!$H+H*");

    public static byte[] Create() => Wrap("eicar.com", TestFile);

    /// <summary>A message with one attachment.</summary>
    public static byte[] Wrap(string fileName, byte[] attachment) => Encoding.ASCII.GetBytes(
        "From: a@sender.example\r\nTo: b@acme.example\r\nSubject: with attachment\r\nDate: Mon, 07 Sep 2026 09:12:31 +0200\r\nMIME-Version: 1.0\r\n"
        + "Message-ID: <attachment@sender.example>\r\nContent-Type: multipart/mixed; boundary=\"b\"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nsee attachment\r\n--b\r\n"
        + $"Content-Type: application/octet-stream; name=\"{fileName}\"\r\nContent-Disposition: attachment; filename=\"{fileName}\"\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + Convert.ToBase64String(attachment, Base64FormattingOptions.InsertLineBreaks) + "\r\n--b--\r\n");
}
