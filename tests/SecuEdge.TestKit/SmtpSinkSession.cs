using System.Globalization;
using System.Net.Security;
using System.Text;

namespace SecuEdge.TestKit;

/// <summary>One connection of a <see cref="SmtpSink"/>. Replies are flushed when the input runs dry, as RFC 2920 asks of servers.</summary>
internal sealed class SmtpSinkSession(SmtpSink sink, Stream stream, int number, Action ending) : IAsyncDisposable
{
    private readonly MemoryStream _output = new();
    private Stream _stream = stream;
    private byte[] _input = new byte[64 * 1024];
    private int _start;
    private int _end;
    private int _messages;
    private string? _reversePath;
    private string _parameters = "";
    private List<string> _recipients = [];
    private bool _isDropped;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await AnswerAsync("CONNECT", "", "220 sink.example ESMTP", cancellationToken);
        while (!_isDropped && await ReadLineAsync(cancellationToken) is { } line)
        {
            sink.Commands.Enqueue(line);
            var space = line.IndexOf(' ', StringComparison.Ordinal);
            var verb = (space < 0 ? line : line[..space]).ToUpperInvariant();
            var argument = space < 0 ? "" : line[(space + 1)..];
            await ExecuteAsync(verb, argument, cancellationToken);
        }

        if (!_isDropped)
        {
            await FlushAsync(cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        await _output.DisposeAsync();
    }

    private async Task ExecuteAsync(string verb, string argument, CancellationToken cancellationToken)
    {
        switch (verb)
        {
            case "EHLO":
                Reset();
                await AnswerAsync(verb, argument, EhloReply(), cancellationToken);
                break;
            case "MAIL":
                if (_reversePath is not null)
                {
                    // A client that begins a transaction inside another is a defect that tests must see.
                    await AnswerAsync("NESTED", argument, "503 5.5.1 nested MAIL", cancellationToken);
                }
                else if (IsOk(await AnswerAsync(verb, argument, "250 2.1.0 OK", cancellationToken)))
                {
                    (_reversePath, _parameters) = SplitPath(argument);
                }

                break;
            case "RCPT":
                var usual = _reversePath is null ? "503 5.5.1 MAIL first" : "250 2.1.5 OK";
                if (IsOk(await AnswerAsync(verb, argument, usual, cancellationToken)))
                {
                    _recipients.Add(SplitPath(argument).Path);
                }

                break;
            case "DATA":
                var allowed = _recipients.Count > 0;
                if (await AnswerAsync(verb, argument, allowed ? "354 go" : "554 5.5.1 no valid recipients", cancellationToken) is { } data
                    && data.StartsWith("354", StringComparison.Ordinal))
                {
                    await ReceiveBodyAsync(cancellationToken);
                }

                break;
            case "STARTTLS" when sink.Certificate is not null:
                await StartTlsAsync(cancellationToken);
                break;
            case "QUIT":
                // Before the reply: a client that has it may open the next connection at once.
                ending();
                await AnswerAsync(verb, argument, "221 2.0.0 bye", cancellationToken);
                await FlushAsync(cancellationToken);
                _isDropped = true;
                break;
            case "HELO" or "RSET" or "NOOP":
                Reset();
                await AnswerAsync(verb, argument, "250 2.0.0 OK", cancellationToken);
                break;
            default:
                await AnswerAsync(verb, argument, "500 5.5.1 what?", cancellationToken);
                break;
        }
    }

    private async Task StartTlsAsync(CancellationToken cancellationToken)
    {
        var reply = await AnswerAsync("STARTTLS", "", "220 2.0.0 go", cancellationToken);
        await FlushAsync(cancellationToken);
        if (reply?.StartsWith("220", StringComparison.Ordinal) != true)
        {
            return;
        }

        var tls = new SslStream(_stream);
        _stream = tls;
        try
        {
            await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = sink.Certificate }, cancellationToken);
        }
        catch (System.Security.Authentication.AuthenticationException e)
        {
            throw new IOException(e.Message, e);
        }

        Reset();
    }

    private async Task ReceiveBodyAsync(CancellationToken cancellationToken)
    {
        await FlushAsync(cancellationToken);
        using var body = new MemoryStream();
        while (await ReadRawLineAsync(cancellationToken) is { } line)
        {
            if (line.Span is [(byte)'.', (byte)'\r', (byte)'\n'])
            {
                await TakeAsync(body.ToArray(), cancellationToken);
                return;
            }

            body.Write(line.Span[0] == '.' ? line.Span[1..] : line.Span);
            if (body.Length >= sink.DropAfterBodyBytes)
            {
                _isDropped = true;
                return;
            }
        }
    }

    private async Task TakeAsync(byte[] bytes, CancellationToken cancellationToken)
    {
        var (reversePath, parameters, recipients) = (_reversePath ?? "", _parameters, _recipients);
        Reset();
        var answer = sink.Script(new SinkCommand(number, "BODY", "", _messages));
        _messages++;
        var reply = await SayAsync(answer ?? SinkAnswer.Say("250 2.0.0 taken"), cancellationToken);
        var tls = (_stream as SslStream)?.SslProtocol.ToString();
        sink.Record(new SinkMessage(number, reversePath, parameters, recipients, bytes, tls, IsOk(reply)));
    }

    private async Task<string?> AnswerAsync(string verb, string argument, string usual, CancellationToken cancellationToken) =>
        await SayAsync(sink.Script(new SinkCommand(number, verb, argument, _messages)) ?? SinkAnswer.Say(usual), cancellationToken);

    /// <returns>What was said; null when the connection was dropped instead.</returns>
    private async Task<string?> SayAsync(SinkAnswer answer, CancellationToken cancellationToken)
    {
        if (answer.IsDrop || !answer.Wait.IsCompleted)
        {
            // What was said before must arrive, whatever happens now.
            await FlushAsync(cancellationToken);
        }

        await answer.Wait.WaitAsync(cancellationToken);
        if (answer.IsDrop || _isDropped)
        {
            _isDropped = true;
            return null;
        }

        _output.Write(Encoding.UTF8.GetBytes(answer.Text + "\r\n"));
        if (answer.IsLast)
        {
            await FlushAsync(cancellationToken);
            _isDropped = true;
        }

        return answer.Text;
    }

    private async Task<string?> ReadLineAsync(CancellationToken cancellationToken) =>
        await ReadRawLineAsync(cancellationToken) is { } line ? Encoding.UTF8.GetString(line.Span).TrimEnd('\r', '\n') : null;

    /// <summary>With its CRLF; valid until the next call. Null at the end of the connection.</summary>
    private async Task<ReadOnlyMemory<byte>?> ReadRawLineAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var end = _input.AsSpan(_start, _end - _start).IndexOf("\r\n"u8);
            if (end >= 0)
            {
                var line = _input.AsMemory(_start, end + 2);
                _start += end + 2;
                return line;
            }

            await FlushAsync(cancellationToken);
            _input.AsSpan(_start, _end - _start).CopyTo(_input);
            (_start, _end) = (0, _end - _start);
            if (_end == _input.Length)
            {
                Array.Resize(ref _input, _input.Length * 2);
            }

            var count = await _stream.ReadAsync(_input.AsMemory(_end), cancellationToken);
            if (count == 0)
            {
                return null;
            }

            _end += count;
        }
    }

    private async Task FlushAsync(CancellationToken cancellationToken)
    {
        if (_output.Length > 0)
        {
            await _stream.WriteAsync(_output.GetBuffer().AsMemory(0, (int)_output.Length), cancellationToken);
            _output.SetLength(0);
        }
    }

    private void Reset()
    {
        _reversePath = null;
        _recipients = [];
    }

    private string EhloReply()
    {
        string[] lines = ["sink.example", .. sink.Extensions, .. sink.Certificate is not null && _stream is not SslStream ? ["STARTTLS"] : Array.Empty<string>()];
        return string.Join("\r\n", lines.Select((l, i) => string.Create(CultureInfo.InvariantCulture, $"250{(i == lines.Length - 1 ? ' ' : '-')}{l}")));
    }

    private static bool IsOk(string? reply) => reply?.StartsWith('2') == true;

    private static (string Path, string Parameters) SplitPath(string argument)
    {
        var start = argument.IndexOf('<', StringComparison.Ordinal);
        var end = argument.LastIndexOf('>');
        return (argument[(start + 1)..end], argument[(end + 1)..].Trim());
    }
}
