namespace SecuEdge.Store.Contacts;

/// <summary>With whom each tenant exchanged mail. Hashes of addresses only; asked for every message, so it answers from memory.</summary>
public interface IContacts
{
    bool Knows(string tenant, string address);

    /// <summary>Returns at once; a crash may lose the last second.</summary>
    void Note(string tenant, string address);
}
