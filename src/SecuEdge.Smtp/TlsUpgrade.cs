using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace SecuEdge.Smtp;

/// <summary>The TLS layer of one connection after STARTTLS (RFC 3207), as pipes again.</summary>
internal sealed class TlsUpgrade
{
    /// <summary>One TLS record (RFC 8446 §5.1).</summary>
    private const int BufferBytes = 16 * 1024;

    private readonly SslStream stream;

    private TlsUpgrade(SslStream stream)
    {
        this.stream = stream;

        // Zero-byte reads: an idle connection holds no buffer.
        Input = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: BufferBytes, leaveOpen: true, useZeroByteReads: true));
        Output = PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true));
    }

    public PipeReader Input { get; }

    public PipeWriter Output { get; }

    /// <summary>As the field writes it: <c>TLSv1.3</c>.</summary>
    public string Version => Name(stream.SslProtocol);

    public string Cipher => stream.NegotiatedCipherSuite.ToString();

    /// <summary>Handshake as the server.</summary>
    public static async Task<TlsUpgrade> AcceptAsync(IDuplexPipe transport, TlsCertificateSource certificates, CancellationToken cancellationToken)
    {
        var stream = new SslStream(new DuplexPipeStream(transport), leaveInnerStreamOpen: true);
        try
        {
            await stream.AuthenticateAsServerAsync(Options(certificates), cancellationToken);
            return new TlsUpgrade(stream);
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    /// <summary>A handshake that failed because of the client, its protocol versions or its patience.</summary>
    public static bool IsFailure(Exception exception) => exception is AuthenticationException;

    public static string Name(SslProtocols protocol) => protocol switch
    {
        SslProtocols.Tls12 => "TLSv1.2",
        SslProtocols.Tls13 => "TLSv1.3",
        _ => protocol.ToString(),
    };

    /// <summary>Says close_notify and gives everything back; a client that is gone already is no error.</summary>
    public async Task CloseAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Input.CompleteAsync();
            await Output.CompleteAsync();
            await stream.ShutdownAsync().WaitAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or InvalidOperationException)
        {
            // The connection ends either way.
        }

        await stream.DisposeAsync();
    }

    // RFC 8996: nothing below TLS 1.2. Certificates of clients are not asked for.
    private static SslServerAuthenticationOptions Options(TlsCertificateSource certificates) => new()
    {
        ServerCertificateContext = certificates.Current ?? throw new AuthenticationException("The certificate was taken away"),
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        AllowRenegotiation = false,
    };
}
