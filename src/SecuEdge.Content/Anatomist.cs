namespace SecuEdge.Content;

/// <summary>Takes messages apart. One instance serves all; it keeps nothing between messages.</summary>
/// <param name="scratchFolder">Where large parts become files; emptied by whoever starts the process.</param>
public sealed class Anatomist(AnatomyBudget budget, string scratchFolder, TimeProvider timeProvider)
{
    /// <summary>Never throws for hostile input: what cannot be read is a flag and a sentence in <see cref="MessageAnatomy.Troubles"/>.</summary>
    public MessageAnatomy Examine(IByteSource message, CancellationToken cancellationToken) =>
        throw new NotImplementedException($"{budget} {scratchFolder} {timeProvider} {message} {cancellationToken}");
}
