using System.Globalization;
using System.Text;
using SecuEdge.Smtp.Tests.Fakes;
using SecuEdge.TestKit;

namespace SecuEdge.Smtp.Tests;

/// <summary>
/// Runs Dialogs/*.smtp. Each line begins with who speaks:
/// <code>
/// C: a line of the client, CRLF added; \r \n \\ \xNN are bytes     c: the same without CRLF
/// S: a line of the server; "..." at its end stands for anything     S: &lt;closed&gt; is the end of the connection
/// M: the body of the next message accepted                         = Option Value (before the first line)
/// </code>
/// Client lines in a row are one batch. Each dialog runs three times: batches whole, by line, and by single byte.
/// </summary>
public sealed class DialogTests
{
    public enum Pace
    {
        Whole,
        ByLine,
        ByByte,
    }

    public static TheoryData<string, Pace> Dialogs
    {
        get
        {
            var data = new TheoryData<string, Pace>();
            foreach (var file in Directory.EnumerateFiles(Folder, "*.smtp").Order(StringComparer.Ordinal))
            {
                foreach (var pace in Enum.GetValues<Pace>())
                {
                    data.Add(Path.GetFileNameWithoutExtension(file), pace);
                }
            }

            return data;
        }
    }

    private static string Folder => Path.Combine(TestData.RepositoryRoot, "tests", "SecuEdge.Smtp.Tests", "Dialogs");

    [Theory]
    [MemberData(nameof(Dialogs))]
    public async Task A_dialog_goes_as_written(string name, Pace pace)
    {
        var lines = await File.ReadAllLinesAsync(Path.Combine(Folder, name + ".smtp"), TestContext.Current.CancellationToken);
        var options = TestSession.Options();
        foreach (var option in lines.Where(line => line.StartsWith('=')))
        {
            Set(options, option[1..].Trim().Split(' '));
        }

        await using var session = new TestSession(options: options);
        var batch = new List<string>();
        foreach (var (line, number) in lines.Select((line, index) => (line, index + 1)))
        {
            if (line.Length == 0 || line[0] is '#' or '=')
            {
                continue;
            }

            switch (line.Split(": ", 2))
            {
                case ["C", var text]:
                    batch.Add(Unescape(text) + "\r\n");
                    break;
                case ["C:"]:
                    batch.Add("\r\n");
                    break;
                case ["c", var text]:
                    batch.Add(Unescape(text));
                    break;
                case ["S", var expected]:
                    await SendAsync(session.Client, batch, pace);
                    AssertMatches(expected, await session.Client.ReadLineAsync(), number);
                    break;
                case ["M", var body]:
                    Assert.True(session.Gateway.Messages.TryDequeue(out var message), $"line {number}: no message");
                    Assert.Equal(Unescape(body), Encoding.Latin1.GetString(message.Body));
                    break;
                default:
                    Assert.Fail($"line {number}: {line}");
                    break;
            }
        }

        Assert.Empty(batch);
        Assert.Empty(session.Gateway.Messages);
        await session.DisposeAsync();
        Assert.Equal(0, session.Gateway.OpenBodies);
        Assert.Equal(1, session.Gateway.Disconnects);
    }

    private static async Task SendAsync(TestClient client, List<string> batch, Pace pace)
    {
        var pieces = pace switch
        {
            Pace.Whole => batch.Count == 0 ? [] : [string.Concat(batch)],
            Pace.ByLine => batch,
            _ => string.Concat(batch).Select(c => c.ToString()),
        };
        foreach (var piece in pieces)
        {
            await client.SendAsync(piece);
        }

        batch.Clear();
    }

    private static void AssertMatches(string expected, string? actual, int number)
    {
        actual ??= "<closed>";
        var isMatch = expected.EndsWith("...", StringComparison.Ordinal)
            ? actual.StartsWith(expected[..^3], StringComparison.Ordinal)
            : actual == expected;
        Assert.True(isMatch, $"line {number}: expected '{expected}', got '{actual}'");
    }

    private static void Set(SmtpServerOptions options, string[] words)
    {
        var property = typeof(SmtpServerOptions).GetProperty(words[0]) ?? throw new ArgumentException($"No option {words[0]}");
        property.SetValue(options, property.PropertyType.IsEnum
            ? Enum.Parse(property.PropertyType, words[1])
            : Convert.ChangeType(words[1], property.PropertyType, CultureInfo.InvariantCulture));
    }

    // To Latin-1 text, one char per byte, so that every byte can be written down.
    private static string Unescape(string text)
    {
        var bytes = Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));
        var result = new StringBuilder();
        for (var i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] != '\\')
            {
                result.Append(bytes[i]);
                continue;
            }

            i++;
            result.Append(bytes[i] switch
            {
                'r' => '\r',
                'n' => '\n',
                'x' => (char)byte.Parse(bytes.AsSpan(i + 1, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture),
                var other => other,
            });
            i += bytes[i] == 'x' ? 2 : 0;
        }

        return result.ToString();
    }
}
