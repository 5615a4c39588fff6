using SharpCompress.Readers.Rar;

namespace SecuEdge.Content.Containers;

/// <summary>RAR 1.5 to 5, also solid; of a split archive the first volume tells that there are more.</summary>
internal sealed class RarContainer : IContainer
{
    public IReadOnlyList<string> MediaTypes => ["application/vnd.rar"];

    public void Open(IByteSource bytes, ContainerVisit visit)
    {
        if (RarDictionary.IsTooLarge(bytes))
        {
            Dictionaries.Refuse(visit);
            return;
        }

        SharpReading.ReadAll(bytes, visit, RarReader.OpenReader);
    }
}
