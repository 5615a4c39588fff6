namespace SecuEdge.Appliance.Settings;

/// <summary>The site in force. Readers take it once per message; a change is active on the next one.</summary>
public sealed class SiteHolder
{
    private volatile SiteDirectory _current = new(Site.Empty);

    /// <summary>After each change, with what was in force before and what is now.</summary>
    public event Action<SiteDirectory, SiteDirectory>? Changed;

    public SiteDirectory Current
    {
        get => _current;
        set
        {
            var before = _current;
            _current = value;
            Changed?.Invoke(before, value);
        }
    }
}
