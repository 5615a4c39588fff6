using System.Net.Security;
using System.Net.Sockets;

namespace SecuEdge.Appliance.Directories.Ldap;

/// <summary>
/// A connection to one server of a directory: one question at a time, each answer waited for only so long. Nothing in it blocks a thread.
/// </summary>
/// <remarks>
/// The framework's System.DirectoryServices.Protocols was tried on Debian's libldap first: it connects by itself, so that the address cannot
/// be checked where the connection is made; it says "The LDAP server is unavailable" (81) to a closed port, a wrong certificate, a wrong name
/// and an unusable CA folder alike; there is no callback for certificates; and its Timeout does not bound a bind to a peer that stays silent.
/// </remarks>
internal sealed class LdapConnection : IAsyncDisposable
{
    /// <summary>A group of 100,000 members with long names.</summary>
    private const int MaxMessageBytes = 32 * 1024 * 1024;

    private readonly Stream _stream;
    private readonly DirectoryOptions _options;
    private readonly TimeProvider _timeProvider;
    private int _lastId;

    internal LdapConnection(Stream stream, DirectoryOptions options, TimeProvider timeProvider)
    {
        _stream = stream;
        _options = options;
        _timeProvider = timeProvider;
    }

    /// <summary>Null when the server knows the account now. Without a name nothing is sent: an anonymous connection is one already.</summary>
    public async Task<LdapTrouble?> BindAsync(string name, string password, CancellationToken cancellationToken)
    {
        if (name.Length == 0)
        {
            return null;
        }

        // RFC 4513 §5.1.2: a name without a password would be taken for an anonymous login, and seem to succeed.
        return password.Length == 0
            ? new LdapTrouble("password: is missing; a name without a password is no login")
            : await AskAsync(id => LdapMessages.Bind(id, name, password), "the login", cancellationToken);
    }

    /// <summary>Gives every entry, page by page; null when there were no more.</summary>
    public async Task<LdapTrouble?> SearchAsync(LdapSearch search, Action<LdapEntry> onEntry, CancellationToken cancellationToken)
    {
        byte[] cookie = [];
        do
        {
            var id = ++_lastId;
            var (result, trouble) = await AnswerAsync(id, LdapMessages.Search(id, search, _options.PageSize, cookie, _options.ReadTimeLimit), onEntry, cancellationToken);
            if (result is null)
            {
                return trouble;
            }

            if (result.Code != 0)
            {
                return LdapTrouble.Of(result, "the search");
            }

            cookie = result.Cookie;
        }
        while (cookie.Length > 0);
        return null;
    }

    /// <summary>Null when the server is ready for TLS.</summary>
    internal Task<LdapTrouble?> StartTlsAsync(CancellationToken cancellationToken) => AskAsync(LdapMessages.StartTls, "StartTLS", cancellationToken);

    public async ValueTask DisposeAsync()
    {
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1), _timeProvider);
            await _stream.WriteAsync(LdapMessages.Unbind(++_lastId), limit.Token);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            // It was only polite.
        }

        await _stream.DisposeAsync();
    }

    private async Task<LdapTrouble?> AskAsync(Func<int, byte[]> question, string doing, CancellationToken cancellationToken)
    {
        var id = ++_lastId;
        var (result, trouble) = await AnswerAsync(id, question(id), _ => { }, cancellationToken);
        return result is null ? trouble : result.Code == 0 ? null : LdapTrouble.Of(result, doing);
    }

    private async Task<(LdapResult? Result, LdapTrouble? Trouble)> AnswerAsync(int id, byte[] question, Action<LdapEntry> onEntry, CancellationToken cancellationToken)
    {
        try
        {
            await LimitedAsync(async token => { await _stream.WriteAsync(question, token); return true; }, cancellationToken);
            while (true)
            {
                if (await LimitedAsync(ReceiveAsync, cancellationToken) is not { } message)
                {
                    return (null, new LdapTrouble("the server ended the connection, or answered what is not LDAP", IsOfServer: true));
                }

                if (message.Id != id)
                {
                    // RFC 4511 §4.4.1: number 0 is a notice that the server goes away.
                    return (null, new LdapTrouble(message.Id == 0 ? "the server ended the connection" : "the server answered something that was not asked", IsOfServer: true));
                }

                if (message.Entry is { } entry)
                {
                    onEntry(entry);
                }

                if (message.Result is { } result)
                {
                    return (result, null);
                }
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (null, new LdapTrouble($"the server did not answer within {_options.AnswerTimeLimit.TotalSeconds:0} seconds", IsOfServer: true));
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            return (null, new LdapTrouble("the connection broke", IsOfServer: true));
        }
    }

    private async Task<T> LimitedAsync<T>(Func<CancellationToken, Task<T>> act, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(_options.AnswerTimeLimit, _timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        return await act(either.Token);
    }

    /// <summary>Null when the peer closed, or sent no message of LDAP.</summary>
    private async Task<LdapMessage?> ReceiveAsync(CancellationToken cancellationToken)
    {
        var head = new byte[6];
        // Exactly what belongs to the message is read: bytes sent along with the answer to StartTLS must not be taken for encrypted ones.
        if (await _stream.ReadAtLeastAsync(head.AsMemory(0, 2), 2, throwOnEndOfStream: false, cancellationToken) < 2 || head[0] != 0x30)
        {
            return null;
        }

        int length = head[1];
        var used = 2;
        if (length > 0x7F)
        {
            var digits = length & 0x7F;
            if (digits is 0 or > 4 || await _stream.ReadAtLeastAsync(head.AsMemory(2, digits), digits, throwOnEndOfStream: false, cancellationToken) < digits)
            {
                return null;
            }

            length = 0;
            for (var i = 0; i < digits; i++)
            {
                length = (length << 8) | head[2 + i];
            }

            used += digits;
        }

        if (length is < 0 or > MaxMessageBytes)
        {
            return null;
        }

        var message = new byte[used + length];
        head.AsSpan(0, used).CopyTo(message);
        return await _stream.ReadAtLeastAsync(message.AsMemory(used), length, throwOnEndOfStream: false, cancellationToken) < length ? null : LdapMessages.Read(message);
    }
}
