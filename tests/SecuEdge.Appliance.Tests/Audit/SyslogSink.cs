using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace SecuEdge.Appliance.Tests.Audit;

/// <summary>A syslog collector (RFC 5425, octet counting) that remembers what it got and hangs up when told.</summary>
internal sealed class SyslogSink : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly X509Certificate2 _certificate;
    private readonly bool _isTls;
    private readonly Task _running;
    private TaskCompletionSource? _deafness;
    private int _hangUpAfter = int.MaxValue;

    /// <param name="isDeaf">The first connection takes the few bytes that fit into the kernel and is never read, as if its path had gone black.</param>
    public SyslogSink(bool isTls, bool isDeaf = false)
    {
        _isTls = isTls;
        if (isDeaf)
        {
            // The kernel makes the least it can of it: two kilobytes.
            _listener.Server.ReceiveBufferSize = 1;
            _deafness = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var now = TimeProvider.System.GetUtcNow();
        using var made = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        _certificate = X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
        _listener.Start();
        _running = AcceptAsync();
    }

    public string Endpoint => $"localhost:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    public string Pem => _certificate.ExportCertificatePem();

    public ConcurrentQueue<string> Messages { get; } = [];

    public int Connections { get; private set; }

    /// <summary>The next connection is closed after so many messages, without reading what else came.</summary>
    public void HangUpAfter(int messages) => _hangUpAfter = messages;

    /// <summary>The deaf connection is reset; those after it are read.</summary>
    public void EndDeafness() => _deafness!.SetResult();

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Dispose();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _certificate.Dispose();
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            using var client = await _listener.AcceptTcpClientAsync(_stopping.Token);
            Connections++;
            if (Connections == 1 && _deafness is { } deafness)
            {
                await deafness.Task.WaitAsync(_stopping.Token);
                client.Client.Close(0);
                continue;
            }

            try
            {
                await using var stream = await StreamAsync(client);
                await ReadAsync(stream);
            }
            catch (Exception e) when (e is IOException or System.Security.Authentication.AuthenticationException)
            {
                // The other side went away or did not trust us; the test sees it by what is missing.
            }
        }
    }

    private async Task<Stream> StreamAsync(TcpClient client)
    {
        if (!_isTls)
        {
            return client.GetStream();
        }

        var tls = new SslStream(client.GetStream());
        await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate }, _stopping.Token);
        return tls;
    }

    private async Task ReadAsync(Stream stream)
    {
        var one = new byte[1];
        while (true)
        {
            var digits = "";
            while (true)
            {
                if (await stream.ReadAsync(one, _stopping.Token) == 0)
                {
                    return;
                }

                if (one[0] == ' ')
                {
                    break;
                }

                digits += (char)one[0];
            }

            var message = new byte[int.Parse(digits, CultureInfo.InvariantCulture)];
            await stream.ReadExactlyAsync(message, _stopping.Token);
            Messages.Enqueue(Encoding.UTF8.GetString(message));
            if (--_hangUpAfter == 0)
            {
                _hangUpAfter = int.MaxValue;
                return;
            }
        }
    }
}
