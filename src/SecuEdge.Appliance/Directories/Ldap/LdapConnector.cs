using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using SecuEdge.Appliance.Settings;

namespace SecuEdge.Appliance.Directories.Ldap;

/// <summary>
/// Opens connections to servers of directories: the name is looked up once, every address is checked against the wall, and exactly those are
/// called, so that a name which changes between check and call wins nothing. Certificates are checked against the tenant's own authority or
/// the system's, without asking anybody else on the network.
/// </summary>
internal sealed class LdapConnector(DirectoryWall wall, DirectoryOptions options, TimeProvider timeProvider)
{
    /// <param name="tenant">Whose directory it is.</param>
    /// <param name="address"><c>host</c> or <c>host:port</c>, checked.</param>
    public async Task<(LdapConnection? Connection, LdapTrouble? Trouble)> OpenAsync(string tenant, TenantDirectory directory, string address, CancellationToken cancellationToken)
    {
        var (host, port) = DirectoryAddress.Of(address, directory.Tls);
        using var limit = new CancellationTokenSource(options.ConnectTimeLimit, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        Stream? stream = null;
        try
        {
            var addresses = await Dns.GetHostAddressesAsync(host, either.Token);
            if (addresses.Select(a => wall.Refuse(tenant, a, port)).FirstOrDefault(r => r is not null) is { } refusal)
            {
                // One address inside is enough: a name that mixes both is made to get in.
                return (null, new LdapTrouble($"{address}: {refusal}"));
            }

            stream = await ConnectAsync(addresses, port, either.Token);
            if (directory.Tls == DirectoryTls.StartTls
                && await new LdapConnection(stream, options, timeProvider).StartTlsAsync(either.Token) is { } refused)
            {
                await stream.DisposeAsync();
                return (null, refused);
            }

            if (directory.Tls != DirectoryTls.None)
            {
                var (secured, trouble) = await SecureAsync(stream, host, directory, either.Token);
                if (secured is null)
                {
                    await stream.DisposeAsync();
                    return (null, trouble);
                }

                stream = secured;
            }

            return (new LdapConnection(stream, options, timeProvider), null);
        }
        catch (Exception e) when (e is SocketException or IOException or OperationCanceledException)
        {
            await (stream?.DisposeAsync() ?? ValueTask.CompletedTask);
            cancellationToken.ThrowIfCancellationRequested();
            return (null, new LdapTrouble($"{address}: {Reason(e)}", IsOfServer: true));
        }
    }

    private static async Task<Stream> ConnectAsync(IPAddress[] addresses, int port, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task<(Stream? Stream, LdapTrouble? Trouble)> SecureAsync(Stream plain, string host, TenantDirectory directory, CancellationToken cancellationToken)
    {
        string? refused = null;
        var secured = new SslStream(plain, leaveInnerStreamOpen: false);
        try
        {
            await secured.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = host,
                    CertificateChainPolicy = PolicyOf(directory),
                    RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
                    {
                        refused = errors == SslPolicyErrors.None ? null : CertificateTrouble.Describe(host, certificate as X509Certificate2, chain, errors, directory.CaCertificate is not null);
                        return refused is null;
                    },
                },
                cancellationToken);
            return (secured, null);
        }
        catch (AuthenticationException)
        {
            await secured.DisposeAsync();
            return (null, new LdapTrouble(refused ?? $"{host}: no encrypted connection came about; does the server speak TLS on this port (ldaps), or should tls be startTls?", IsOfServer: refused is null));
        }
        catch
        {
            await secured.DisposeAsync();
            throw;
        }
    }

    private static X509ChainPolicy PolicyOf(TenantDirectory directory)
    {
        var policy = new X509ChainPolicy
        {
            // Looking for issuers and revocations would call addresses that the certificate names.
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        if (directory.CaCertificate is { } authority)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.ImportFromPem(authority);
        }

        return policy;
    }

    private static string Reason(Exception e) => e switch
    {
        SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain } => "the name has no address",
        SocketException { SocketErrorCode: SocketError.ConnectionRefused } => "nothing answers on this port",
        SocketException socket => $"no connection: {socket.SocketErrorCode}",
        OperationCanceledException => "no connection in time",
        _ => "the connection broke before it was encrypted; does the server speak TLS on this port?",
    };
}
