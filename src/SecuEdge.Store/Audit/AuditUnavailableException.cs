namespace SecuEdge.Store.Audit;

/// <summary>The audit log cannot be written. What was to be done is not done: see <see cref="IAuditLog.AppendAsync"/>.</summary>
public sealed class AuditUnavailableException(string message, Exception? inner) : IOException(message, inner);
