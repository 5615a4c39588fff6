using System.Text.Json;
using SecuEdge.Store.State;

namespace SecuEdge.Store.MessageLog;

/// <summary>
/// Up to when the stories of each tenant were deleted. The spool may have them for days longer: without this a start would take their absence for
/// the loss of a crash, bring them back and count them a second time.
/// </summary>
internal sealed class ExpiredStories(StoreOptions options, TimeProvider timeProvider)
{
    private const string StateName = "stories-expired";

    private readonly Lock _gate = new();
    private Dictionary<string, DateTimeOffset>? _before;

    public bool Contains(MessageRecord record)
    {
        lock (_gate)
        {
            return Load().TryGetValue(record.Tenant, out var before) && record.ReceivedAt < before;
        }
    }

    /// <summary>Durable when it returns: to be called before the first of them is deleted.</summary>
    /// <exception cref="IOException">The disk cannot take it.</exception>
    public void Note(string tenant, DateTimeOffset before)
    {
        lock (_gate)
        {
            // Whoever deletes all does not mean those that are still to come: another tenant may get the name.
            var now = timeProvider.GetUtcNow();
            before = before < now ? before : now;
            var known = Load();
            if (known.TryGetValue(tenant, out var earlier) && earlier >= before)
            {
                return;
            }

            // What is older than all months is not restored anyway.
            var oldest = now.AddMonths(-options.MessageLogMonths);
            var next = new Dictionary<string, DateTimeOffset>(known.Where(p => p.Value >= oldest), StringComparer.OrdinalIgnoreCase) { [tenant] = before };
            new StateFiles(options).Write(StateName, JsonSerializer.SerializeToUtf8Bytes(next));
            _before = next;
        }
    }

    private Dictionary<string, DateTimeOffset> Load()
    {
        if (_before is null)
        {
            try
            {
                var bytes = new StateFiles(options).Read(StateName);
                _before = new(bytes is null ? [] : JsonSerializer.Deserialize<Dictionary<string, DateTimeOffset>>(bytes) ?? [], StringComparer.OrdinalIgnoreCase);
            }
            catch (JsonException)
            {
                // Damaged: a story may come back, and goes with the next round of retention.
                _before = new(StringComparer.OrdinalIgnoreCase);
            }
        }

        return _before;
    }
}
