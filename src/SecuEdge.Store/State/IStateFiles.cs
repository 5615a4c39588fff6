namespace SecuEdge.Store.State;

/// <summary>Small documents that a part of the appliance writes whole now and then: what the breaker knows, versions of engines.</summary>
public interface IStateFiles
{
    /// <summary>Null when there is none yet.</summary>
    byte[]? Read(string name);

    /// <summary>Durable when it returns; a crash leaves the old or the new one.</summary>
    /// <exception cref="IOException">The disk cannot take it.</exception>
    void Write(string name, ReadOnlySpan<byte> bytes);

    /// <summary>Nothing happens when there is none.</summary>
    void Delete(string name);
}
