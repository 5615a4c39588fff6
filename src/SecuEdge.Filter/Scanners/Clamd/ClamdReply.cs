using System.Globalization;
using System.Text;

namespace SecuEdge.Filter.Scanners.Clamd;

/// <summary>
/// Reads one reply of a scan in a session, without its terminating NUL. Three forms are known; nothing but an exact OK to our own command
/// is clean.
/// <code>
/// 7: stream: OK
/// 7: fd[12]: Win.Test.EICAR_HDB-1 FOUND
/// 7: INSTREAM size limit exceeded. ERROR
/// </code>
/// </summary>
internal static class ClamdReply
{
    private const int MaxNameLength = 200;

    // Algorithmic detections of real malware carry the prefix of the mere oddities.
    private static readonly string[] HeuristicMalware = ["W32.", "Win.", "Trojan.", "Worm.", "Exploit.", "Ransomware."];

    /// <param name="id">Number of our command within the session; a reply to another one means that we are out of step.</param>
    /// <returns>False for what clamd should never send; <paramref name="result"/> is a failure then too.</returns>
    public static bool TryParse(ReadOnlySpan<byte> reply, uint id, out ScanResult result)
    {
        result = new ScanResult.Failed($"clamd gave an answer that cannot be understood: {Printable(reply)}");
        var prefix = string.Create(CultureInfo.InvariantCulture, $"{id}: ");
        if (!Ascii.IsValid(reply) || reply.ContainsAnyInRange((byte)0, (byte)31))
        {
            return false;
        }

        var text = Encoding.ASCII.GetString(reply);
        if (!text.StartsWith(prefix, StringComparison.Ordinal))
        {
            return false;
        }

        text = text[prefix.Length..];
        if (text.EndsWith(" ERROR", StringComparison.Ordinal))
        {
            result = new ScanResult.Failed($"clamd reports: {text}");
            return true;
        }

        var subjectEnd = SubjectEnd(text);
        if (subjectEnd < 0)
        {
            return false;
        }

        var answer = text[subjectEnd..];
        if (answer == "OK")
        {
            result = new ScanResult.Clean();
            return true;
        }

        return TryParseFound(answer, ref result);
    }

    // "stream: " or "fd[12]: "; the number is clamd's own and says nothing to us.
    private static int SubjectEnd(string text)
    {
        const string Stream = "stream: ";
        if (text.StartsWith(Stream, StringComparison.Ordinal))
        {
            return Stream.Length;
        }

        var close = text.IndexOf("]: ", StringComparison.Ordinal);
        var isDescriptor = text.StartsWith("fd[", StringComparison.Ordinal) && close > 3
            && !text.AsSpan(3, close - 3).ContainsAnyExceptInRange('0', '9');
        return isDescriptor ? close + 3 : -1;
    }

    private static bool TryParseFound(string answer, ref ScanResult result)
    {
        const string Found = " FOUND";
        if (!answer.EndsWith(Found, StringComparison.Ordinal))
        {
            return false;
        }

        var name = answer[..^Found.Length];
        if (name.Length is 0 or > MaxNameLength || name.Contains(' ', StringComparison.Ordinal))
        {
            return false;
        }

        result = NameToResult(name);
        return true;
    }

    private static ScanResult NameToResult(string name)
    {
        const string Prefix = "Heuristics.";
        if (!name.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return new ScanResult.Infected(name);
        }

        var kind = name[Prefix.Length..];
        return kind.StartsWith("Limits.Exceeded", StringComparison.Ordinal) ? new ScanResult.Heuristic(name, HeuristicKind.LimitsExceeded)
            : kind.StartsWith("Encrypted.", StringComparison.Ordinal) ? new ScanResult.Heuristic(name, HeuristicKind.Encrypted)
            : HeuristicMalware.Any(malware => kind.StartsWith(malware, StringComparison.Ordinal)) ? new ScanResult.Infected(name)
            : new ScanResult.Heuristic(name);
    }

    private static string Printable(ReadOnlySpan<byte> bytes)
    {
        Span<char> shown = stackalloc char[Math.Min(bytes.Length, 60)];
        for (var i = 0; i < shown.Length; i++)
        {
            shown[i] = bytes[i] is >= 32 and < 127 ? (char)bytes[i] : '.';
        }

        return $"\"{shown}\"";
    }
}
