using System.Diagnostics;

namespace SecuEdge.Load;

/// <summary>
/// The books of one measurement: which message was due when, and which came out when. Written by sessions and sink at once, without locks:
/// each slot has one writer.
/// </summary>
internal sealed class Traffic
{
    private const int RunBits = 32;
    private static int _runs;
    private readonly long _run = Interlocked.Increment(ref _runs);
    private readonly long[] _due;
    private readonly long[] _arrived;
    private int _received;
    private int _duplicates;
    private int _accepted;
    private int _refused;
    private long _firstDue = long.MaxValue;
    private long _lastArrival;

    public Traffic(int capacity)
    {
        _due = new long[capacity];
        _arrived = new long[capacity];
    }

    /// <summary>Messages with a 250 to their data.</summary>
    public int Accepted => Volatile.Read(ref _accepted);

    /// <summary>Messages with any other answer, or none.</summary>
    public int Refused => Volatile.Read(ref _refused);

    /// <summary>Distinct messages that came out.</summary>
    public int Received => Volatile.Read(ref _received);

    /// <summary>Messages that came out more than once.</summary>
    public int Duplicates => Volatile.Read(ref _duplicates);

    /// <summary>Room for how many messages.</summary>
    public int Capacity => _due.Length;

    /// <summary>From the first message due to the last one out.</summary>
    public TimeSpan Duration => Stopwatch.GetElapsedTime(_firstDue, Volatile.Read(ref _lastArrival));

    /// <summary>The first answers that were not a 250, for the person who reads the result.</summary>
    public HashSet<string> Complaints { get; } = [];

    /// <summary>The identity on the wire of message <paramref name="number"/>.</summary>
    public long Identity(int number) => (_run << RunBits) | (uint)number;

    public void NoteDue(int number, long timestamp)
    {
        _due[number] = timestamp;
        InterlockedMinimum(ref _firstDue, timestamp);
    }

    public void NoteAccepted() => Interlocked.Increment(ref _accepted);

    public void NoteRefused(string answer)
    {
        Interlocked.Increment(ref _refused);
        lock (Complaints)
        {
            if (Complaints.Count < 5)
            {
                Complaints.Add(answer);
            }
        }
    }

    /// <summary>False when the message belongs to another measurement.</summary>
    public bool NoteArrival(long identity, long timestamp)
    {
        if (identity >> RunBits != _run)
        {
            return false;
        }

        var number = (int)(identity & uint.MaxValue);
        if (Interlocked.CompareExchange(ref _arrived[number], timestamp, 0) != 0)
        {
            Interlocked.Increment(ref _duplicates);
            return true;
        }

        Interlocked.Exchange(ref _lastArrival, timestamp);
        Interlocked.Increment(ref _received);
        return true;
    }

    /// <summary>The delays from due to out, in ascending order, of the messages that were due after the first <paramref name="skip"/>.</summary>
    public TimeSpan[] Delays(TimeSpan skip)
    {
        var delays = new List<TimeSpan>();
        for (var number = 0; number < _due.Length; number++)
        {
            if (_arrived[number] != 0 && Stopwatch.GetElapsedTime(_firstDue, _due[number]) >= skip)
            {
                delays.Add(Stopwatch.GetElapsedTime(_due[number], _arrived[number]));
            }
        }

        delays.Sort();
        return [.. delays];
    }

    private static void InterlockedMinimum(ref long target, long value)
    {
        for (var seen = Volatile.Read(ref target); value < seen;)
        {
            var before = Interlocked.CompareExchange(ref target, value, seen);
            if (before == seen)
            {
                return;
            }

            seen = before;
        }
    }
}
