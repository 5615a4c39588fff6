using SecuEdge.Content.Documents.Ole;

namespace SecuEdge.Content.Documents.Rtf;

/// <summary>
/// The bytes of an embedded object, in hexadecimal or raw. They are read twice where two readers could differ: with and without what stands in
/// groups inside the data.
/// </summary>
internal sealed class RtfObjectData(DocumentVisit visit)
{
    private readonly HexData _strict = new();
    private readonly HexData _loose = new();
    private int _depth;

    public bool IsOpen => _depth > 0;

    /// <param name="depth">Of the group it stands in; an object inside another belongs to the outer one.</param>
    public void Open(int depth) => _depth = _depth == 0 ? depth : _depth;

    /// <param name="isDirect">Not in a group inside the data.</param>
    public void AddRaw(ReadOnlySpan<byte> bytes, bool isDirect)
    {
        _strict.AddRaw(isDirect ? bytes : []);
        _loose.AddRaw(bytes);
    }

    /// <inheritdoc cref="AddRaw"/>
    public void AddDigit(byte digit, bool isDirect)
    {
        _loose.AddDigit(digit);
        if (isDirect)
        {
            _strict.AddDigit(digit);
        }
    }

    public void DropHalf() => _strict.DropHalf();

    /// <summary>A group ends; with that of the object its bytes are looked at.</summary>
    public void Close(int depth)
    {
        if (_depth > 0 && depth == _depth)
        {
            _depth = 0;
            AddObjects();
        }
    }

    private void AddObjects()
    {
        if (_strict.IsCut || _loose.IsCut)
        {
            visit.Flag(AnatomyFlags.OverBudget);
        }

        var strict = _strict.Take();
        var loose = _loose.Take();
        AddObject(strict, PartKind.Entry);
        if (!loose.AsSpan().SequenceEqual(strict))
        {
            AddObject(loose, PartKind.Reading);
        }
    }

    private void AddObject(byte[] bytes, PartKind kind)
    {
        var before = visit.Part.Children.Count;
        if (bytes.Length > 0)
        {
            Ole1Object.Add(bytes, kind, visit);
        }

        ObjectFindings.Lift(visit, before);

        // The class of the object inside counts whatever the RTF says it is.
        if (visit.Part.Children.Skip(before).Any(child => child.Evidence.Any(evidence => evidence.EndsWith(EquationObject.Name, StringComparison.Ordinal))))
        {
            visit.Found(ActiveContent.Exploit, EquationObject.Name);
        }
    }
}
