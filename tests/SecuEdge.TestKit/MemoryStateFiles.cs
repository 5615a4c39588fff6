using System.Collections.Concurrent;
using SecuEdge.Store.State;

namespace SecuEdge.TestKit;

/// <summary>Documents that survive as long as this object.</summary>
public sealed class MemoryStateFiles : IStateFiles
{
    private readonly ConcurrentDictionary<string, byte[]> _documents = new(StringComparer.Ordinal);

    /// <summary>The disk takes nothing.</summary>
    public bool IsFull { get; set; }

    public byte[]? Read(string name) => _documents.GetValueOrDefault(name);

    public void Delete(string name) => _documents.TryRemove(name, out _);

    public void Write(string name, ReadOnlySpan<byte> bytes)
    {
        if (IsFull)
        {
            throw new IOException("No space left on device");
        }

        _documents[name] = bytes.ToArray();
    }
}
