namespace SecuEdge.Appliance.Import;

/// <summary>Collects what a person must look at after a conversion.</summary>
internal sealed class ConversionNotes
{
    private readonly List<ConversionNote> _notes = [];

    public IReadOnlyList<ConversionNote> All => _notes;

    public void Changed(string where, string text) => _notes.Add(new ConversionNote(ConversionOutcome.Changed, where, text));

    public void NotTaken(string where, string text) => _notes.Add(new ConversionNote(ConversionOutcome.NotTaken, where, text));

    public void Unknown(string where, string text) => _notes.Add(new ConversionNote(ConversionOutcome.Unknown, where, text));
}
