using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using SecuEdge.Smtp;

namespace SecuEdge.Appliance.MailFlow;

/// <summary>
/// The way from one tenant to another. What a tenant sends, releases or forwards was judged by its own policy alone; over this listener on the
/// loopback it comes in again as mail from outside does, so that the receiver's policy, log and quarantine have it, too.
/// </summary>
internal sealed class InternalListener
{
    private ListenOptions? _listener;

    /// <summary>Null until Kestrel listens.</summary>
    public SmtpEndpoint? Endpoint => _listener?.IPEndPoint is { Port: > 0 } bound ? new SmtpEndpoint(bound.Address.ToString(), bound.Port) : null;

    /// <summary>On a port that the system chooses.</summary>
    public void Listen(KestrelServerOptions kestrel) => kestrel.Listen(IPAddress.Loopback, 0, listener =>
    {
        _listener = listener;
        listener.UseSmtp(ListenerRole.Internal);
    });
}
