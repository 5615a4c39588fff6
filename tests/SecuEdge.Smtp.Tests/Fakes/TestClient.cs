using System.Buffers;
using System.IO.Pipelines;
using System.Text;

namespace SecuEdge.Smtp.Tests.Fakes;

/// <summary>The client's end of a connection: sends exactly the bytes it is told, and reads lines.</summary>
internal sealed class TestClient(PipeReader input, PipeWriter output)
{
    /// <summary>A test that waits longer has failed.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public async Task SendAsync(string text) => await SendAsync(Encoding.Latin1.GetBytes(text));

    /// <summary>Sends text as UTF-8 with CRLF after each line.</summary>
    public async Task SendLinesAsync(params string[] lines) => await SendAsync(Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\r\n"))));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes) => await output.WriteAsync(bytes).AsTask().WaitAsync(Patience);

    public async Task CloseAsync() => await output.CompleteAsync();

    /// <summary>The next line without CRLF; null at the end of the connection.</summary>
    public async Task<string?> ReadLineAsync()
    {
        while (true)
        {
            var result = await input.ReadAsync().AsTask().WaitAsync(Patience);
            if (result.Buffer.PositionOf((byte)'\n') is { } end)
            {
                var line = Encoding.UTF8.GetString(result.Buffer.Slice(0, end));
                input.AdvanceTo(result.Buffer.GetPosition(1, end));
                Assert.EndsWith("\r", line, StringComparison.Ordinal);
                return line[..^1];
            }

            input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            if (result.IsCompleted)
            {
                Assert.True(result.Buffer.IsEmpty, "The connection ended inside a line");
                return null;
            }
        }
    }

    /// <summary>The next reply, lines separated by LF; null at the end of the connection.</summary>
    public async Task<string?> ReadReplyAsync()
    {
        var lines = new List<string>();
        while (await ReadLineAsync() is { } line)
        {
            lines.Add(line);
            if (line.Length < 4 || line[3] != '-')
            {
                return string.Join('\n', lines);
            }
        }

        Assert.Empty(lines);
        return null;
    }

    /// <summary>Sends lines one at a time, each after the reply to the one before, and returns the last reply.</summary>
    public async Task<string?> SayAsync(params string[] lines)
    {
        string? reply = null;
        foreach (var line in lines)
        {
            await SendLinesAsync(line);
            reply = await ReadReplyAsync();
        }

        return reply;
    }

    public async Task<IReadOnlyList<string>> ReadToEndAsync()
    {
        var lines = new List<string>();
        while (await ReadLineAsync() is { } line)
        {
            lines.Add(line);
        }

        return lines;
    }
}
