using System.Text;
using SecuEdge.Content;

namespace SecuEdge.Filter.Checks;

/// <summary>
/// The Generic Test for Unsolicited Bulk E-mail: lets anybody prove that filtering is on. Only the one exact line counts; the softer
/// variants of other filters are ignored on purpose, since they let a sender choose the treatment of his mail.
/// </summary>
internal sealed class GtubeCheck : ICheck
{
    // As much as the anatomy keeps of the text: the line of a test mail stands at its top.
    private const int SearchedBytes = 256 * 1024;

    private static readonly FindingDefinition Gtube = new()
    {
        Code = "GTUBE",
        Score = 1000,
        Class = MessageClass.Spam,
        Group = FindingGroup.Spam,
        Text = "The message carries the GTUBE test line, which every spam filter must refuse.",
    };

    // Joined at run time: neither this file nor the assembly may carry the line, or other filters would refuse them.
    private static readonly string Line = string.Join("*C4JDBQADN1.NSBN3*2IDNEN*", "XJS", "GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X");
    private static readonly byte[] LineBytes = Encoding.ASCII.GetBytes(Line);

    public string Name => "GTUBE";

    public IReadOnlyList<FindingDefinition> Findings { get; } = [Gtube];

    public VerdictAction? OnFailure => null;

    public async Task<CheckResult> RunAsync(MessageFacts facts, CancellationToken cancellationToken)
    {
        if (facts.Anatomy.Text.Contains(Line, StringComparison.Ordinal))
        {
            return new CheckResult([Gtube.On("in the text")]);
        }

        return await IsInBodyAsync(facts.Message, cancellationToken) ? new CheckResult([Gtube.On("in the raw body")]) : CheckResult.Nothing;
    }

    private static ValueTask<bool> IsInBodyAsync(IByteSource message, CancellationToken cancellationToken) =>
        message.Memory is { } memory
            ? new(IsInBody(memory.Span[..Math.Min(memory.Length, SearchedBytes)]))
            : IsInFileAsync(message, cancellationToken);

    private static async ValueTask<bool> IsInFileAsync(IByteSource message, CancellationToken cancellationToken)
    {
        var buffer = new byte[Math.Min(message.Length, SearchedBytes)];
        await using var stream = message.OpenRead();
        var read = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        return IsInBody(buffer.AsSpan(0, read));
    }

    private static bool IsInBody(ReadOnlySpan<byte> message)
    {
        var headerEnd = message.IndexOf("\r\n\r\n"u8);
        return headerEnd >= 0 && message[headerEnd..].IndexOf(LineBytes) >= 0;
    }
}
