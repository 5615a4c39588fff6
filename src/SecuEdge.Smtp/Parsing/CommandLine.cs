using System.Buffers;
using System.Text;

namespace SecuEdge.Smtp.Parsing;

/// <summary>What was found at the end of a command line.</summary>
internal enum LineStatus
{
    /// <summary>A line of text, CRLF taken off.</summary>
    Text,

    /// <summary>The line was longer than allowed; it has been skipped up to its end.</summary>
    TooLong,

    /// <summary>LF without CR: not an SMTP client, or bytes meant for a laxer one (RFC 5321 §2.3.8).</summary>
    BareLineFeed,

    /// <summary>Control characters, a bare CR or invalid UTF-8.</summary>
    NotText,

    /// <summary>No line: the server is stopping.</summary>
    Stopping,
}

/// <summary>One command line of the client.</summary>
/// <param name="Status">Only <see cref="LineStatus.Text"/> has a text.</param>
/// <param name="Text">Without CRLF and without trailing spaces (RFC 5321 §4.1.1 asks to tolerate them).</param>
internal readonly record struct CommandLine(LineStatus Status, string Text)
{
    public ReadOnlySpan<char> Verb => Text.AsSpan(0, VerbLength);

    public string Argument => Text[VerbLength..].TrimStart(' ');

    private int VerbLength => Text.IndexOf(' ') is var end && end < 0 ? Text.Length : end;
}

/// <summary>
/// Cuts command lines out of the bytes of the wire. Holds no bytes itself, only whether it is inside a line that was too long.
/// </summary>
internal sealed class CommandLineReader(int maxLineBytes)
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    private bool isSkipping;

    /// <summary>Reads a line from the start of the buffer. False when it is incomplete; then <paramref name="consumed"/> may still move on.</summary>
    public bool TryRead(ReadOnlySequence<byte> buffer, out SequencePosition consumed, out CommandLine line)
    {
        line = default;
        if (buffer.PositionOf((byte)'\n') is not { } lineFeed)
        {
            // A line that can only be too long need not be kept.
            isSkipping |= buffer.Length >= maxLineBytes;
            consumed = isSkipping ? buffer.End : buffer.Start;
            return false;
        }

        var bytes = buffer.Slice(0, lineFeed);
        consumed = buffer.GetPosition(1, lineFeed);
        line = Read(bytes);
        isSkipping = false;
        return true;
    }

    private CommandLine Read(ReadOnlySequence<byte> bytes)
    {
        if (isSkipping || bytes.Length >= maxLineBytes)
        {
            return new CommandLine(LineStatus.TooLong, "");
        }

        var span = bytes.IsSingleSegment ? bytes.FirstSpan : bytes.ToArray();
        if (span.IsEmpty || span[^1] != '\r')
        {
            return new CommandLine(LineStatus.BareLineFeed, "");
        }

        span = span[..^1].TrimEnd((byte)' ');
        if (span.ContainsAnyInRange<byte>(0, 0x1F) || span.Contains((byte)0x7F))
        {
            return new CommandLine(LineStatus.NotText, "");
        }

        try
        {
            return new CommandLine(LineStatus.Text, StrictUtf8.GetString(span));
        }
        catch (DecoderFallbackException)
        {
            return new CommandLine(LineStatus.NotText, "");
        }
    }
}
