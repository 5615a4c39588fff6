using Prometheus;
using SecuEdge.Appliance.Access;

namespace SecuEdge.Appliance.Telemetry;

/// <summary>What Prometheus sees of logins.</summary>
internal sealed class AccessMetrics
{
    private readonly Counter _failures;

    public AccessMetrics(GatewayMetrics gateway, SessionBook sessions)
    {
        var factory = Metrics.WithCustomRegistry(gateway.Registry);
        _failures = factory.CreateCounter("secuedge_login_failures_total", "Logins and tokens that were refused.", "reason");
        var active = factory.CreateGauge("secuedge_sessions_active", "Signed-in browsers.");
        gateway.Registry.AddBeforeCollectCallback(() => active.Set(sessions.Active));
        foreach (var reason in Enum.GetValues<LoginFailure>())
        {
            _failures.WithLabels(GatewayMetrics.Word(reason));
        }
    }

    public void Failed(LoginFailure reason) => _failures.WithLabels(GatewayMetrics.Word(reason)).Inc();
}
