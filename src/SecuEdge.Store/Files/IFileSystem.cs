namespace SecuEdge.Store.Files;

/// <summary>
/// Every file operation of this room, so that tests can make each of them fail in turn. Failures are <see cref="IOException"/>, as the
/// operating system gives them.
/// </summary>
internal interface IFileSystem
{
    /// <summary>A new, empty file for reading and writing; fails when there is one.</summary>
    IFile Create(string path);

    /// <summary>An existing file for reading and writing.</summary>
    IFile Open(string path);

    /// <summary>Atomic, replaces the target. Durable after <see cref="SyncFolder"/>.</summary>
    void Rename(string from, string to);

    /// <summary>Nothing happens when there is no such file.</summary>
    void Delete(string path);

    void CreateFolder(string path);

    /// <summary>Makes creations, renames and deletions in the folder durable.</summary>
    void SyncFolder(string path);

    bool Exists(string path);

    /// <summary>Full paths of the files directly in the folder; empty when the folder is absent.</summary>
    IReadOnlyList<string> List(string folder);

    byte[] ReadAll(string path);

    long FreeBytes(string folder);
}

/// <summary>An open file, written at explicit positions; safe for one writer and any number of readers at once.</summary>
internal interface IFile : IDisposable
{
    long Length { get; }

    /// <summary>Fills the buffer; returns fewer bytes only at the end of the file.</summary>
    int Read(Span<byte> buffer, long offset);

    void Write(ReadOnlySpan<byte> bytes, long offset);

    /// <summary>One gather write.</summary>
    void Write(IReadOnlyList<ReadOnlyMemory<byte>> buffers, long offset);

    /// <summary>Reserves the blocks, so that later writes need neither space nor a change of metadata.</summary>
    void Allocate(long length);

    void Truncate(long length);

    /// <summary>Data only: enough inside an allocated file, and cheaper than <see cref="Sync"/>.</summary>
    void SyncData();

    void Sync();
}
