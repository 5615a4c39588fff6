namespace SecuEdge.Appliance.Settings;

/// <summary>The site in force. Readers take it once per message; a change is active on the next one.</summary>
public sealed class SiteHolder
{
    private volatile SiteDirectory _current = new(Site.Empty);

    public SiteDirectory Current
    {
        get => _current;
        set => _current = value;
    }
}
