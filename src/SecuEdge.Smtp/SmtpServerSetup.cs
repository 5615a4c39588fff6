using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace SecuEdge.Smtp;

/// <summary>
/// How a host gets an SMTP server: <c>services.AddSmtpServer()</c> beside its own <see cref="ISmtpTransactions"/> and
/// <see cref="SmtpServerOptions"/>, then <c>kestrel.Listen(ip, port, l => l.UseSmtp(ListenerRole.Inbound))</c>.
/// </summary>
public static class SmtpServerSetup
{
    public static IServiceCollection AddSmtpServer(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<TlsCertificateSource>();
        services.TryAddSingleton<SmtpConnectionLimits>();
        return services;
    }

    /// <summary>Speaks SMTP on this listener.</summary>
    public static IConnectionBuilder UseSmtp(this IConnectionBuilder listener, ListenerRole role)
    {
        var handler = ActivatorUtilities.CreateInstance<SmtpConnectionHandler>(listener.ApplicationServices, role);
        return listener.Run(handler.OnConnectedAsync);
    }
}
