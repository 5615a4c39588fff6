using System.Collections;

namespace SecuEdge.Filter.Policy.Rules;

/// <summary>A list whose items are made when somebody reads them: sentences about 500 rules cost more than asking them.</summary>
internal sealed class LazyList<T>(int count, Func<int, T> make) : IReadOnlyList<T>
    where T : class
{
    private T?[]? _items;

    public int Count => count;

    // Two threads may make the same item; they are equal.
    public T this[int index] => (_items ??= new T?[count])[index] ??= make(index);

    public IEnumerator<T> GetEnumerator()
    {
        for (var i = 0; i < count; i++)
        {
            yield return this[i];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
