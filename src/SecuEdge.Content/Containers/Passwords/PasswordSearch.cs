namespace SecuEdge.Content.Containers.Passwords;

/// <summary>
/// The passwords that are tried on the locked archives of one message, and what trying has cost. The text is read when the first lock is
/// met, from the whole message and not only from what came before the archive: mail programs do not care for the order either.
/// </summary>
internal sealed class PasswordSearch(IReadOnlyList<string> tenantPasswords, BudgetMeter meter)
{
    private const int MaxFromTenant = 100;
    private const int MaxFromMessage = 60;
    private const int MaxTextChars = 64 * 1024;

    /// <summary>What researchers and droppers use.</summary>
    private static readonly string[] Common = ["infected", "1234", "12345", "123456", "password", "malware", "virus", "123", "0000", "test"];

    private readonly List<Lazy<List<string>>> _words = [];
    private readonly List<PasswordCandidate> _found = [];
    private List<PasswordCandidate>? _candidates;
    private TimeSpan _spent;
    private int _attempts;

    /// <summary>A message whose words count: for its own archives and for those deeper inside.</summary>
    public void AddMessage(Func<string> text)
    {
        _words.Add(new Lazy<List<string>>(() => WordsOf(text)));
        _candidates = null;
    }

    /// <summary>Those that opened something already come first: a sender rarely uses two.</summary>
    public IEnumerable<PasswordCandidate> Candidates()
    {
        _candidates ??= Collect();
        return [.. _found, .. _candidates];
    }

    public void Remember(PasswordCandidate candidate)
    {
        if (!_found.Contains(candidate))
        {
            _found.Insert(0, candidate);
        }
    }

    /// <summary>Tries one; false also when the budget for trying is spent. Whatever a decoder throws on a wrong key is a no.</summary>
    public bool Try(PasswordCandidate candidate, Func<string, bool> opens)
    {
        if (IsSpent())
        {
            return false;
        }

        _attempts++;
        var started = meter.Elapsed;
        try
        {
            var isOpen = opens(candidate.Password);
            if (isOpen)
            {
                Remember(candidate);
            }

            return isOpen;
        }
        catch (Exception exception) when (ContainerVisit.IsFormatError(exception))
        {
            return false;
        }
        finally
        {
            _spent += meter.Elapsed - started;
        }
    }

    private bool IsSpent()
    {
        if (_attempts < meter.Budget.MaxPasswordAttempts && _spent < meter.Budget.MaxPasswordTime && meter.HasTime())
        {
            return false;
        }

        meter.Note(AnatomyFlags.None, "Not all passwords were tried on locked archives.");
        return true;
    }

    private List<PasswordCandidate> Collect()
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var candidates = tenantPasswords.Where(password => password.Length > 0 && seen.Add(password)).Take(MaxFromTenant)
            .Select(password => new PasswordCandidate(password, PasswordSource.Tenant)).ToList();

        // The innermost message first: it is the one that brought the archive.
        var words = Enumerable.Reverse(_words).TakeWhile(words => words.IsValueCreated || !IsSpent()).SelectMany(words => words.Value).Where(seen.Add).Take(MaxFromMessage);
        candidates.AddRange(words.Select(word => new PasswordCandidate(word, PasswordSource.Message)));
        candidates.AddRange(Common.Where(seen.Add).Select(word => new PasswordCandidate(word, PasswordSource.Common)));
        return candidates;
    }

    /// <summary>Once per message, and as part of the time for trying: a chain of messages with a lock in each would read all texts again for each.</summary>
    private List<string> WordsOf(Func<string> text)
    {
        var started = meter.Elapsed;
        try
        {
            return [.. PasswordWords.In(Bounded(text())).Distinct(StringComparer.Ordinal).Take(MaxFromTenant + MaxFromMessage)];
        }
        finally
        {
            _spent += meter.Elapsed - started;
        }
    }

    private static string Bounded(string text) => text.Length <= MaxTextChars ? text : text[..MaxTextChars];
}
