using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace SecuEdge.Load;

/// <summary>
/// A realistic message of a given size in which only sixteen-digit fields change from one message to the next. Every message is thus
/// distinct, in its text as in its attachment (clamd remembers what it found clean), and costs the generator next to nothing.
/// </summary>
internal sealed class MessageTemplate
{
    /// <summary>The header by which the sink knows which message it holds.</summary>
    public const string IdHeader = "X-Load-Id: ";

    private const int FieldLength = 16;
    private static readonly string Placeholder = new('0', FieldLength - 1);
    private readonly byte[] _wire;
    private readonly int[] _fields;
    private readonly IReadOnlyList<byte[]> _tails;

    private MessageTemplate(byte[] wire, IReadOnlyList<byte[]> tails)
    {
        _wire = wire;
        _fields = FindFields(wire);
        _tails = tails;
    }

    /// <summary>The size on the wire, with the final dot; that of the first tail where they differ.</summary>
    public int Length => _wire.Length + (_tails.Count > 0 ? _tails[0].Length : 0);

    /// <summary>A message of about <paramref name="sizeBytes"/>; the seed varies its words and its attachment.</summary>
    public static MessageTemplate Create(int sizeBytes, int seed)
    {
        var random = new Random(seed);
        var text = new StringBuilder(sizeBytes + 4096);
        var field = Placeholder + "g";
        AppendHead(text, field);
        var textBudget = Math.Min(sizeBytes - 1100, 3500);
        if (sizeBytes <= 8192)
        {
            AppendAlternative(text, random, textBudget, field);
        }
        else
        {
            text.Append("Content-Type: multipart/mixed; boundary=\"outer-7f21\"\r\n\r\n--outer-7f21\r\n");
            AppendAlternative(text, random, textBudget, field);
            AppendAttachment(text, random, sizeBytes - text.Length - 400, field);
            text.Append("--outer-7f21--\r\n");
        }

        text.Append(".\r\n");
        return new MessageTemplate(Encoding.ASCII.GetBytes(text.ToString()), []);
    }

    /// <summary>A message of text and HTML with an attachment; message n has the attachment n of <paramref name="attachments"/>, and so round.</summary>
    public static MessageTemplate Create(LoadContent content, int attachments)
    {
        var text = new StringBuilder(8192);
        var field = Placeholder + "g";
        AppendHead(text, field);
        text.Append("Content-Type: multipart/mixed; boundary=\"outer-7f21\"\r\n\r\n--outer-7f21\r\n");
        AppendAlternative(text, new Random(7), 3500, field);
        return new MessageTemplate(
            Encoding.ASCII.GetBytes(text.ToString()),
            [.. Enumerable.Range(0, attachments).AsParallel().AsOrdered().Select(seed => Attachments.MimePart(content, seed, "outer-7f21"))]);
    }

    /// <summary>A copy of its own for one session to write into.</summary>
    public MessageTemplate Copy() => new(_wire.AsSpan().ToArray(), _tails);

    /// <summary>What follows the bytes of <see cref="Fill"/> for message <paramref name="number"/>; empty without attachment.</summary>
    public ReadOnlySpan<byte> Tail(int number) => _tails.Count == 0 ? [] : _tails[number % _tails.Count];

    /// <summary>The bytes to send for message <paramref name="id"/>; valid until the next call.</summary>
    public ReadOnlySpan<byte> Fill(long id)
    {
        Span<byte> digits = stackalloc byte[FieldLength];
        Utf8Formatter.TryFormat(id, digits, out _, new StandardFormat('x', FieldLength));
        foreach (var field in _fields)
        {
            digits.CopyTo(_wire.AsSpan(field, FieldLength));
        }

        return _wire;
    }

    private static void AppendHead(StringBuilder text, string field) =>
        text.Append(IdHeader).Append(field).Append("\r\n")
            .Append("From: \"Alice Martin\" <alice@sender.example>\r\nTo: \"Bob Durand\" <bob@acme.example>\r\n")
            .Append("Subject: Quarterly figures ").Append(field).Append("\r\nDate: Mon, 07 Sep 2026 09:12:31 +0200\r\n")
            .Append("Message-ID: <").Append(field).Append("@mail.sender.example>\r\nMIME-Version: 1.0\r\n");

    private static void AppendAlternative(StringBuilder text, Random random, int budget, string field)
    {
        text.Append("Content-Type: multipart/alternative; boundary=\"inner-93c4\"\r\n\r\n--inner-93c4\r\n")
            .Append("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 7bit\r\n\r\nHello Bob, your number is ")
            .Append(field).Append(".\r\n");
        AppendWords(text, random, budget * 2 / 5);
        text.Append("--inner-93c4\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 7bit\r\n\r\n")
            .Append("<html><body><p>Hello Bob, your number is <b>").Append(field)
            .Append("</b>, see <a href=\"https://www.sender.example/report\">the report</a>.</p>\r\n<p>\r\n");
        AppendWords(text, random, budget * 3 / 5 - 100);
        text.Append("</p></body></html>\r\n--inner-93c4--\r\n");
    }

    private static void AppendWords(StringBuilder text, Random random, int length)
    {
        ReadOnlySpan<string> words =
            ["the", "figures", "of", "this", "quarter", "are", "better", "than", "expected", "and", "we", "meet", "on", "Tuesday", "at", "noon", "with", "customers"];
        var end = text.Length + length;
        var column = 0;
        while (text.Length < end)
        {
            var word = words[random.Next(words.Length)];
            text.Append(word);
            column += word.Length + 1;
            text.Append(column > 66 ? "\r\n" : " ");
            column = column > 66 ? 0 : column;
        }

        text.Append("\r\n");
    }

    /// <summary>A photograph, as far as anyone can tell from its name, type and first bytes: nothing in it to unpack.</summary>
    private static void AppendAttachment(StringBuilder text, Random random, int wireLength, string field)
    {
        text.Append("--outer-7f21\r\nContent-Type: image/jpeg; name=\"photo.jpg\"\r\nContent-Transfer-Encoding: base64\r\n")
            .Append("Content-Disposition: attachment; filename=\"photo.jpg\"\r\n\r\n");
        var content = new byte[wireLength * 57 / 78];
        random.NextBytes(content);
        ReadOnlySpan<byte> jpeg = [0xFF, 0xD8, 0xFF, 0xE0, 0x00, 0x10, (byte)'J', (byte)'F', (byte)'I', (byte)'F', 0x00, 0x01, 0x01];
        jpeg.CopyTo(content);
        var lines = 0;
        for (var offset = 0; offset < content.Length; offset += 57)
        {
            var line = Convert.ToBase64String(content, offset, Math.Min(57, content.Length - offset));
            // A changing field in the second line and then in every 4 KB: sixteen hexadecimal digits are base64, too.
            var changes = lines++ % 53 == 1 && line.Length == 76;
            text.Append(changes ? string.Concat(line.AsSpan(0, 20), field.Replace('g', '0'), line.AsSpan(36)) : line).Append("\r\n");
        }
    }

    private static int[] FindFields(byte[] wire)
    {
        var found = new List<int>();
        var pattern = Encoding.ASCII.GetBytes(Placeholder);
        for (var at = wire.AsSpan().IndexOf(pattern); at >= 0;)
        {
            found.Add(at);
            var next = wire.AsSpan(at + FieldLength).IndexOf(pattern);
            at = next < 0 ? -1 : at + FieldLength + next;
        }

        return [.. found];
    }
}
