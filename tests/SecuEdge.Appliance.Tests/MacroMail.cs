using System.Text;

namespace SecuEdge.Appliance.Tests;

/// <summary>Mail with a document that has a macro project and does no harm.</summary>
internal static class MacroMail
{
    private static int s_files;

    /// <summary>Another one each time: nobody has seen it.</summary>
    public static byte[] NewFile() =>
    [
        0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1,
        .. Encoding.ASCII.GetBytes($"file {Interlocked.Increment(ref s_files)} of {Environment.ProcessId} "),
        .. Encoding.Unicode.GetBytes("_VBA_PROJECT"),
        .. new byte[600],
    ];

    public static string Create(byte[] file) => $"""
        From: me@sender.example
        Subject: your invoice
        MIME-Version: 1.0
        Content-Type: multipart/mixed; boundary=b

        --b
        Content-Type: text/plain

        See attached.
        --b
        Content-Type: application/octet-stream; name=invoice.docm
        Content-Disposition: attachment; filename=invoice.docm
        Content-Transfer-Encoding: base64

        {Convert.ToBase64String(file, Base64FormattingOptions.InsertLineBreaks)}
        --b--

        """.ReplaceLineEndings("\r\n");
}
