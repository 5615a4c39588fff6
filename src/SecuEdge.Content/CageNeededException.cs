namespace SecuEdge.Content;

/// <summary>
/// Ends an examination in process: the message holds what is only opened in the cage. No error of anybody, so it must pass every place
/// that makes errors a flag (<see cref="Containers.ContainerVisit.IsFormatError"/>).
/// </summary>
internal sealed class CageNeededException : Exception
{
    public CageNeededException()
        : base("The message needs the cage.")
    {
    }
}
