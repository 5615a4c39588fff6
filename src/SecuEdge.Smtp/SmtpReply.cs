using System.Globalization;
using System.Text;

namespace SecuEdge.Smtp;

/// <summary>
/// One reply of a server: three-digit code, enhanced status code (RFC 3463), one or more lines of text, and whether the connection
/// closes after it. Used for what we say and for what a next hop said to us.
/// </summary>
/// <param name="Code">200-599, RFC 5321 §4.2.</param>
/// <param name="EnhancedCode">For example <c>5.7.1</c>; null where RFC 2034 §4 has none (greeting, EHLO, 354).</param>
/// <param name="Text">Plain text; <c>\n</c> separates the lines of a multi-line reply.</param>
/// <param name="Close">The connection ends after this reply.</param>
public sealed record SmtpReply(int Code, string? EnhancedCode, string Text, bool Close = false)
{
    public bool IsPositive => Code is >= 200 and < 400;

    public bool IsTransient => Code is >= 400 and < 500;

    public bool IsPermanent => Code >= 500;

    public static SmtpReply Ok { get; } = new(250, "2.0.0", "OK");

    /// <summary>RFC 5321 §3.8: the answer of a server that stops, in any state.</summary>
    public static SmtpReply ShuttingDown { get; } = new(421, "4.3.2", "Service is stopping, please try again", Close: true);

    /// <summary>Our own trouble is always temporary.</summary>
    public static SmtpReply LocalError(string reference) => new(451, "4.3.0", $"Temporary trouble here, please try again [{reference}]");

    /// <summary>The lines as they go over the wire, CRLF included. Control characters are replaced: text may quote a peer.</summary>
    public string ToWire()
    {
        var wire = new StringBuilder(Text.Length + 24);
        var lines = Text.Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            wire.Append(Code.ToString(CultureInfo.InvariantCulture)).Append(i == lines.Length - 1 ? ' ' : '-');
            if (EnhancedCode is not null)
            {
                wire.Append(EnhancedCode).Append(' ');
            }

            foreach (var c in lines[i])
            {
                wire.Append(char.IsControl(c) ? ' ' : c);
            }

            wire.Append("\r\n");
        }

        return wire.ToString();
    }

    /// <summary>One line for logs, timelines and delivery reports: <c>550 5.1.1 No such mailbox</c>.</summary>
    public override string ToString() =>
        EnhancedCode is null ? $"{Code} {Text.ReplaceLineEndings(" / ")}" : $"{Code} {EnhancedCode} {Text.ReplaceLineEndings(" / ")}";
}
