namespace SecuEdge.Content.Documents.Pdf;

/// <summary>Goes through a value and all in it without following references.</summary>
internal static class PdfWalk
{
    public static IEnumerable<object> Values(object? root)
    {
        var pending = new Stack<object?>();
        pending.Push(root);
        while (pending.TryPop(out var value))
        {
            switch (value)
            {
                case null:
                    continue;
                case PdfStream stream:
                    pending.Push(stream.Dictionary);
                    break;
                case PdfDictionary dictionary:
                    PushAll(pending, dictionary.Entries.Select(entry => entry.Value));
                    break;
                case List<object?> list:
                    PushAll(pending, list);
                    break;
                default:
                    break;
            }

            yield return value;
        }
    }

    private static void PushAll(Stack<object?> pending, IEnumerable<object?> values)
    {
        foreach (var value in values.Reverse())
        {
            if (value is PdfStream or PdfDictionary or List<object?> or PdfText)
            {
                pending.Push(value);
            }
        }
    }
}
