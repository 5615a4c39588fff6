using System.Collections.Concurrent;
using SecuEdge.Store.State;

namespace SecuEdge.TestKit;

/// <summary>Documents that survive as long as this object.</summary>
public sealed class MemoryStateFiles : IStateFiles
{
    private readonly ConcurrentDictionary<string, byte[]> _documents = new(StringComparer.Ordinal);

    public byte[]? Read(string name) => _documents.GetValueOrDefault(name);

    public void Delete(string name) => _documents.TryRemove(name, out _);

    public void Write(string name, ReadOnlySpan<byte> bytes) => _documents[name] = bytes.ToArray();
}
