using SecuEdge.Appliance.Operations;

namespace SecuEdge.Appliance.Backtest;

/// <summary>
/// How many may read the recorded mail at the same time: some in all, one a node and one a caller. Without the latter two one caller takes
/// every place, and nobody else gets one.
/// </summary>
/// <param name="atOnce">In all.</param>
/// <param name="what">What they do, for the sentence: "back-test".</param>
internal sealed class ReadingSlots(int atOnce, string what)
{
    private readonly Lock _lock = new();
    private readonly HashSet<(string Node, string Caller)> _taken = [];

    /// <returns>To be disposed when it is over; or why not now.</returns>
    public Outcome<Slot> Take(Caller caller, string node)
    {
        var slot = (node.ToLowerInvariant(), caller.Name);
        lock (_lock)
        {
            var problem = _taken.Any(t => t.Node == slot.Item1) ? $"a {what} of {node} is running already; try again when it has ended"
                : _taken.Any(t => t.Caller == caller.Name) ? $"a {what} that you asked for is running already; try again when it has ended"
                : _taken.Count >= atOnce ? $"{atOnce} of {what} are running already; try again when one of them has ended"
                : null;
            if (problem is not null)
            {
                return new OperationProblem(OperationFailure.Unavailable, problem);
            }

            _taken.Add(slot);
            return new Slot(this, slot);
        }
    }

    public sealed class Slot(ReadingSlots slots, (string, string) slot) : IDisposable
    {
        public void Dispose()
        {
            lock (slots._lock)
            {
                slots._taken.Remove(slot);
            }
        }
    }
}
