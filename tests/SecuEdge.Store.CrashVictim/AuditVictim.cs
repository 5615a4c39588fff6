using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using SecuEdge.Store.Audit;

namespace SecuEdge.Store.Tests;

/// <summary>Writes into the audit log as fast as it can and says what was promised: number and hash.</summary>
internal static class AuditVictim
{
    public static async Task RunAsync(StoreOptions options, Stream output)
    {
        await using var log = await AuditLog.OpenAsync(options, TimeProvider.System, NullLogger.Instance, CancellationToken.None);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(async () =>
        {
            for (var i = 0; ; i++)
            {
                var entry = await log.AppendAsync(
                    new AuditEntry { At = TimeProvider.System.GetUtcNow(), Actor = "victim", Action = "test.write", Detail = new string('x', i * 37 % 500), Target = worker.ToString(CultureInfo.InvariantCulture) },
                    CancellationToken.None);

                // One write per line: what is in the pipe survives the kill.
                output.Write(Encoding.ASCII.GetBytes($"{new AuditHead(entry.Number, entry.Hash)}\n"));
            }
        })));
    }
}
