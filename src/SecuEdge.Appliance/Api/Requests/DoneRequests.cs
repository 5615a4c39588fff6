namespace SecuEdge.Appliance.Api.Requests;

/// <summary>
/// What was done under idempotency keys, in bounds: so many requests and so many bytes of answers in all. Who has most gives way first, his
/// oldest: a caller who sends much pushes out his own and nobody else's.
/// </summary>
/// <remarks>One caller at a time.</remarks>
internal sealed class DoneRequests(int maxRequests, long maxAnswerBytes, TimeSpan remembered)
{
    private readonly Dictionary<string, DoneRequest> _byKey = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Share> _shares = new(StringComparer.Ordinal);

    public int Count => _byKey.Count;

    public long AnswerBytes { get; private set; }

    public IEnumerable<DoneRequest> All => _byKey.Values;

    /// <summary>Null when it was never done, too long ago, or is forgotten.</summary>
    public DoneRequest? Find(string key, DateTimeOffset now) => _byKey.TryGetValue(key, out var done) && now - done.At < remembered ? done : null;

    public void Add(DoneRequest done, DateTimeOffset now)
    {
        if (_byKey.TryGetValue(done.Key, out var before))
        {
            Forget(before);
        }

        _byKey[done.Key] = done;
        if (!_shares.TryGetValue(done.Caller, out var share))
        {
            _shares[done.Caller] = share = new Share();
        }

        share.Keys.AddLast(done.Key);
        Weigh(share, done, 1);
        if (_byKey.Count > maxRequests)
        {
            // What is out of date makes room before anything else does.
            _byKey.Values.Where(d => now - d.At >= remembered).ToList().ForEach(Forget);
        }

        while (_byKey.Count > maxRequests)
        {
            Forget(_byKey[_shares.Values.MaxBy(s => s.Keys.Count)!.Keys.First!.Value]);
        }

        while (AnswerBytes > maxAnswerBytes)
        {
            var largest = _shares.Values.MaxBy(s => s.AnswerBytes)!;
            ForgetAnswer(largest, _byKey[largest.Keys.First(k => _byKey[k].Body is { Length: > 0 })]);
        }
    }

    /// <summary>That it was done is still known.</summary>
    private void ForgetAnswer(Share share, DoneRequest done)
    {
        Weigh(share, done, -1);
        _byKey[done.Key] = done with { Body = null };
    }

    private void Forget(DoneRequest done)
    {
        var share = _shares[done.Caller];
        Weigh(share, done, -1);
        share.Keys.Remove(done.Key);
        _byKey.Remove(done.Key);
        if (share.Keys.Count == 0)
        {
            _shares.Remove(done.Caller);
        }
    }

    private void Weigh(Share share, DoneRequest done, int sign)
    {
        var bytes = sign * (done.Body?.Length ?? 0);
        share.AnswerBytes += bytes;
        AnswerBytes += bytes;
    }

    /// <summary>Of one caller.</summary>
    private sealed class Share
    {
        /// <summary>Oldest first.</summary>
        public LinkedList<string> Keys { get; } = [];

        public long AnswerBytes { get; set; }
    }
}
