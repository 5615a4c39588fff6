using System.Net;
using System.Net.Sockets;

namespace SecuEdge.Smtp;

/// <summary>
/// Opens connections to next hops: TCP, greeting, EHLO (or HELO), STARTTLS and EHLO again. With opportunistic TLS a failed handshake
/// leads to a second, plain connection, and the result says so.
/// </summary>
/// <param name="lookup">By default the system's.</param>
public sealed class SmtpClientConnector(SmtpClientOptions options, TimeProvider timeProvider, HostLookup? lookup = null)
{
    /// <param name="serverName">The name a certificate must carry, and the name TLS asks for; differs from the endpoint when that is an address of an MX host.</param>
    public async Task<SmtpConnectResult> ConnectAsync(SmtpEndpoint endpoint, string serverName, CancellationToken cancellationToken)
    {
        var attempt = await TryAsync(endpoint, serverName, options.Tls != SmtpClientTls.Never, cancellationToken);
        if (!attempt.IsTlsFailure || options.Tls == SmtpClientTls.Required)
        {
            return attempt.Result;
        }

        // RFC 7435 §3: no encryption is better than no mail, when any listener could have forced us to that anyway.
        var plain = await TryAsync(endpoint, serverName, useTls: false, cancellationToken);
        return plain.Result with { TlsTrouble = attempt.Result.Reply.Text };
    }

    private async Task<Attempt> TryAsync(SmtpEndpoint endpoint, string serverName, bool useTls, CancellationToken cancellationToken)
    {
        var (socket, trouble) = await OpenSocketAsync(endpoint, cancellationToken);
        if (socket is null)
        {
            return Attempt.Failed(new SmtpReply(421, "4.4.1", $"No connection to {endpoint}: {trouble}"), SmtpStage.Connect);
        }

        var transport = new SmtpClientTransport(socket, timeProvider);
        var dialogue = new Dialogue(transport, options, serverName, useTls);
        var isHandedOver = false;
        try
        {
            using var binding = transport.Bind(cancellationToken);
            var failure = await dialogue.RunAsync(cancellationToken);
            if (failure is not null)
            {
                return new Attempt(new SmtpConnectResult(null, failure, dialogue.Stage), dialogue.Stage == SmtpStage.Tls);
            }

            isHandedOver = true;
            var client = new SmtpClient(transport, options, dialogue.Extensions);
            return new Attempt(new SmtpConnectResult(client, dialogue.Hello, SmtpStage.Helo) { TlsTrouble = dialogue.TlsRefusal }, IsTlsFailure: false);
        }
        catch (Exception e) when (SmtpClient.IsBroken(e) && !cancellationToken.IsCancellationRequested)
        {
            var reply = new SmtpReply(421, "4.4.2", $"Connection to {endpoint} lost at {StageName(dialogue.Stage)}: {e.Message}");
            return new Attempt(new SmtpConnectResult(null, reply, dialogue.Stage), dialogue.Stage == SmtpStage.Tls);
        }
        finally
        {
            if (!isHandedOver)
            {
                await transport.DisposeAsync();
            }
        }
    }

    private async Task<(Socket? Socket, string Trouble)> OpenSocketAsync(SmtpEndpoint endpoint, CancellationToken cancellationToken)
    {
        // NoDelay: our writes are whole flights already; Nagle would hold back the final dot for the delayed ACK of the other side.
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using var limit = new CancellationTokenSource(options.ConnectTimeout, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            var host = IPAddress.TryParse(endpoint.Host, out var address)
                ? new HostAddresses([address], "")
                : await (lookup ?? SystemHostLookup.FindAsync)(endpoint.Host, either.Token);
            if (host.Addresses.Count == 0)
            {
                socket.Dispose();
                return (null, host.Trouble);
            }

            await socket.ConnectAsync([.. host.Addresses], endpoint.Port, either.Token);
            return (socket, "");
        }
        catch (SocketException e)
        {
            socket.Dispose();
            return (null, e.SocketErrorCode switch
            {
                SocketError.ConnectionRefused => "connection refused",
                SocketError.NetworkUnreachable or SocketError.HostUnreachable => "no route to the host",
                SocketError.TimedOut => "no answer",
                var other => $"{other}",
            });
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            socket.Dispose();
            return (null, FormattableString.Invariant($"no answer for {options.ConnectTimeout.TotalSeconds:0.###} s"));
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static string StageName(SmtpStage stage) => stage switch
    {
        SmtpStage.Connect => "the greeting",
        SmtpStage.Tls => "STARTTLS",
        _ => "EHLO",
    };

    private sealed record Attempt(SmtpConnectResult Result, bool IsTlsFailure)
    {
        public static Attempt Failed(SmtpReply reply, SmtpStage stage) => new(new SmtpConnectResult(null, reply, stage), IsTlsFailure: false);
    }

    /// <summary>From the greeting to the point where MAIL may be sent.</summary>
    private sealed class Dialogue(SmtpClientTransport transport, SmtpClientOptions options, string serverName, bool useTls)
    {
        public SmtpStage Stage { get; private set; } = SmtpStage.Connect;

        public SmtpClientExtensions Extensions { get; private set; } = SmtpClientExtensions.None;

        public SmtpReply Hello { get; private set; } = SmtpReply.Ok;

        /// <summary>Why a connection that may be plain stayed plain although TLS was offered; empty otherwise.</summary>
        public string TlsRefusal { get; private set; } = "";

        /// <returns>The reply that ended it; null when the next hop is ready.</returns>
        public async Task<SmtpReply?> RunAsync(CancellationToken cancellationToken)
        {
            var greeting = await transport.ReadReplyAsync(options.GreetingTimeout, cancellationToken);
            if (greeting.Code is < 200 or >= 300)
            {
                return greeting;
            }

            if (await HelloAsync(cancellationToken) is { } refused)
            {
                return refused;
            }

            if (!useTls)
            {
                return null;
            }

            if (!Extensions.HasStartTls)
            {
                Stage = options.Tls == SmtpClientTls.Required ? SmtpStage.Tls : Stage;
                return options.Tls == SmtpClientTls.Required ? new SmtpReply(454, "4.7.4", "TLS is required, the next hop does not offer it") : null;
            }

            return await StartTlsAsync(cancellationToken);
        }

        private async Task<SmtpReply?> StartTlsAsync(CancellationToken cancellationToken)
        {
            Stage = SmtpStage.Tls;
            var reply = await AskAsync("STARTTLS", cancellationToken);
            if (reply.Code != 220)
            {
                if (options.Tls == SmtpClientTls.Required || reply.Close)
                {
                    return reply;
                }

                // RFC 3207 §4: after 454 the client may go on without TLS; the connection is as it was.
                TlsRefusal = reply.ToString();
                Stage = SmtpStage.Helo;
                return null;
            }

            await transport.StartTlsAsync(serverName, options.Tls == SmtpClientTls.Required, options.TlsHandshakeTimeout, cancellationToken);
            // RFC 3207 §4.2: what was learned in the clear is void.
            return await HelloAsync(cancellationToken);
        }

        private async Task<SmtpReply?> HelloAsync(CancellationToken cancellationToken)
        {
            // A server that dislikes the handshake may say so only now (TLS 1.3), so this still counts as TLS.
            Stage = transport.Tls is null ? SmtpStage.Helo : SmtpStage.Tls;
            var hello = await AskAsync($"EHLO {options.Hostname}", cancellationToken);
            if (hello.Code is >= 200 and < 300)
            {
                Extensions = SmtpClientExtensions.Parse(hello.Text);
                Hello = hello;
                return null;
            }

            if (!hello.IsPermanent)
            {
                return hello;
            }

            // RFC 5321 §3.2: servers without EHLO get HELO.
            Extensions = SmtpClientExtensions.None;
            Hello = await AskAsync($"HELO {options.Hostname}", cancellationToken);
            return Hello.Code is >= 200 and < 300 ? null : Hello;
        }

        private async Task<SmtpReply> AskAsync(string command, CancellationToken cancellationToken)
        {
            await transport.WriteLineAsync(command, options.CommandTimeout, cancellationToken);
            await transport.FlushAsync(options.CommandTimeout, cancellationToken);
            return await transport.ReadReplyAsync(options.CommandTimeout, cancellationToken);
        }
    }
}
