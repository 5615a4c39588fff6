using System.Buffers;
using SecuEdge.Content.Containers.Passwords;
using SecuEdge.Content.Files;

namespace SecuEdge.Content.Containers;

/// <summary>What a container knows of a file inside before reading it.</summary>
internal sealed record EntryDraft
{
    public string? Name { get; init; }

    /// <summary>The name as bytes say it, when the shown one was derived from elsewhere.</summary>
    public AnatomyFlags Flags { get; init; }

    /// <summary>What the container claims; measured against, never trusted. Null when it claims nothing.</summary>
    public long? DeclaredSize { get; init; }

    public PartKind Kind { get; init; } = PartKind.Entry;

    /// <summary>A piece of the container's own content (a script, a module), not a file that somebody could open by its name.</summary>
    public bool IsExcerpt { get; init; }
}

/// <summary>
/// The opening of one container: turns its files into parts, counting entries, bytes, ratio and time while reading. Once it says stop,
/// the format must not go on.
/// </summary>
internal sealed class ContainerVisit(Examination examination, MessagePart container, IByteSource bytes, int depth, int archiveDepth)
{
    /// <summary>Below this an odd ratio is a log or a table that repeats itself, not a bomb: four megabytes harm nobody.</summary>
    private const long MinBombBytes = 4 * 1024 * 1024;

    /// <summary>An IOException of the operating system carries its errno, one of a decoder a negative HRESULT.</summary>
    private const int FirstNoErrno = 4096;

    private long _decoded;

    public BudgetMeter Meter => examination.Meter;

    public bool MustStop { get; private set; }

    /// <summary>Decoded size of the entry read last.</summary>
    public long LastSize { get; private set; }

    /// <summary>A detached signature by its label, or another reading of something: not what a recipient would open.</summary>
    public bool IsIncidental => container.Kind == PartKind.Reading || container.DeclaredType.EndsWith("pkcs7-signature", StringComparison.Ordinal);

    public void Flag(AnatomyFlags flags) => container.Flags |= flags;

    /// <summary>What was feared before it was opened.</summary>
    public void Unflag(AnatomyFlags flags) => container.Flags &= ~flags;

    public PasswordSearch Passwords => examination.Passwords;

    /// <summary>A password opened it, or one entry of it. Which one is nobody's business: the evidence goes into logs.</summary>
    public void Unlocked(PasswordSource source)
    {
        container.Flags |= AnatomyFlags.Unlocked;
        var evidence = source switch
        {
            PasswordSource.Tenant => "Opened with a password of the list.",
            PasswordSource.Message => "Opened with a password from the message.",
            _ => "Opened with a commonly used password.",
        };
        if (!container.Evidence.Contains(evidence))
        {
            container.Evidence.Add(evidence);
        }
    }

    /// <summary>Bytes that are needed more than once, counted and kept like a part.</summary>
    public IByteSource Keep(Stream stream, long expectedBytes) => Keep(
        sink =>
        {
            var buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
            try
            {
                int count;
                while ((count = stream.Read(buffer, 0, buffer.Length)) > 0 && sink.TryWrite(buffer.AsSpan(0, count)))
                {
                }
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        },
        expectedBytes);

    /// <summary>The same for decoders that write instead of being read.</summary>
    public IByteSource Keep(Action<PartSink> decode, long expectedBytes)
    {
        using var sink = new PartSink(Meter, examination.Scratch, expectedBytes);
        decode(sink);
        return sink.Finish().Source;
    }

    public void Broken(string sentence)
    {
        container.Flags |= AnatomyFlags.Broken;
        Meter.Note(AnatomyFlags.None, sentence);
    }

    /// <summary>An entry that cannot be read, so that its name and flags are known at least.</summary>
    public void AddUnreadable(EntryDraft draft) => Add(draft, () => null);

    /// <summary>Reads one entry to its end, or as far as the limits go. False when the visit is over.</summary>
    public bool Add(EntryDraft draft, Func<Stream?> open)
    {
        if (MustStop || !Meter.TryTakeEntry())
        {
            Stop(AnatomyFlags.OverBudget);
            return false;
        }

        using var sink = new PartSink(Meter, examination.Scratch, draft.DeclaredSize ?? 4096);
        var flags = draft.Flags;
        var isRead = false;
        try
        {
            using var stream = open();
            isRead = stream is not null;
            flags |= stream is null ? AnatomyFlags.None : Copy(stream, sink, draft.DeclaredSize);
        }
        catch (Exception exception) when (IsFormatError(exception))
        {
            flags |= AnatomyFlags.Broken;
            container.Flags |= FlagsOf(exception);
            Meter.Note(AnatomyFlags.None, $"An entry of {container.DetectedType} is damaged: {exception.GetType().Name}.");
        }

        container.Flags |= flags & (AnatomyFlags.Bomb | AnatomyFlags.EncryptedArchive | AnatomyFlags.OverBudget | AnatomyFlags.Broken);
        var finished = sink.Finish();
        LastSize = finished.Size;
        var index = container.Children.Count + 1;
        var name = FileNames.Parse(draft.Name);
        container.Children.Add(examination.Parts.Examine(new PartDraft
        {
            Path = $"{container.Path}/{name?.Shown ?? index.ToString(System.Globalization.CultureInfo.InvariantCulture)}",
            Kind = draft.Kind,
            Name = name,
            Bytes = finished,
            Flags = flags,
            IsExcerpt = draft.IsExcerpt,
            HasContent = isRead && finished.Size > 0,
            Depth = depth + 1,
            ArchiveDepth = archiveDepth,
        }));
        return !MustStop;
    }

    /// <summary>
    /// Everything that decoders throw on input they do not like. Our own bugs among them would otherwise let a stranger's file stop the
    /// whole examination, which is worse than a flag too many. The trouble of this machine (no memory, no file handle, a bad disk) says
    /// nothing about the message: it reaches the caller, who answers 451.
    /// </summary>
    public static bool IsFormatError(Exception exception) => exception is not
        (OperationCanceledException or CageNeededException or ScratchException or OutOfMemoryException or FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException
        or IOException { HResult: > 0 and < FirstNoErrno });

    /// <summary>A method that the library does not know is not damage: nobody here has looked inside.</summary>
    public static AnatomyFlags FlagsOf(Exception exception) =>
        exception is NotSupportedException or NotImplementedException ? AnatomyFlags.Broken | AnatomyFlags.UnknownContainer : AnatomyFlags.Broken;

    private AnatomyFlags Copy(Stream stream, PartSink sink, long? declaredSize)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
        try
        {
            int count;
            while ((count = stream.Read(buffer, 0, buffer.Length)) > 0)
            {
                _decoded += count;
                if (_decoded > MinBombBytes && _decoded / Meter.Budget.MaxRatio > bytes.Length)
                {
                    sink.TryWrite(buffer.AsSpan(0, count));
                    Meter.Note(AnatomyFlags.Bomb, $"{container.DetectedType} expands more than {Meter.Budget.MaxRatio} times.");
                    Stop(AnatomyFlags.Bomb);
                    return AnatomyFlags.Bomb;
                }

                if (!sink.TryWrite(buffer.AsSpan(0, count)))
                {
                    // Not one honest attachment in a million is larger unpacked: the size itself is the attack.
                    Stop(AnatomyFlags.Bomb | AnatomyFlags.OverBudget);
                    return AnatomyFlags.Bomb | AnatomyFlags.OverBudget;
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        if (declaredSize is { } declared && sink.Size > declared && sink.Size / Meter.Budget.MaxRatio > bytes.Length)
        {
            Meter.Note(AnatomyFlags.Bomb, "An entry is far larger than it claims to be.");
            return AnatomyFlags.Bomb;
        }

        return AnatomyFlags.None;
    }

    private void Stop(AnatomyFlags flags)
    {
        MustStop = true;
        container.Flags |= flags;
    }
}
