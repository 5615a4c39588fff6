using SecuEdge.Store.Files;

namespace SecuEdge.Store.Spool;

/// <summary>Where the spool keeps what, below the data folder.</summary>
internal sealed class SpoolFolders(string dataFolder)
{
    public const string RemainsEnding = ".eml";

    public string Root { get; } = Path.Combine(dataFolder, "spool");

    public string Segments => Path.Combine(Root, "segments");

    /// <summary>Drafts too large for memory.</summary>
    public string Incoming => Path.Combine(Root, "incoming");

    /// <summary>Messages with files of their own.</summary>
    public string Messages => Path.Combine(Root, "messages");

    /// <summary>Bytes whose record was lost with a damaged segment: for a person to look at.</summary>
    public string Orphans => Path.Combine(Root, "orphans");

    /// <summary>What is left of messages that the disk damaged: for a person to look at.</summary>
    public string Damaged => Path.Combine(Root, "damaged");

    public string LockFile => Path.Combine(Root, "lock");

    public void Prepare(IFileSystem files)
    {
        DurableFile.CreateFolder(files, Root);
        DurableFile.CreateFolder(files, Segments);
        DurableFile.CreateFolder(files, Incoming);
    }
}
