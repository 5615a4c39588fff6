using SecuEdge.Content;
using SecuEdge.Store.MessageLog;

namespace SecuEdge.Store.Spool;

/// <summary>
/// Where a message is from 250 until it is delivered, quarantined or bounced. Fresh messages live in append-only segments with group
/// commit; large or deferred ones in files of their own. Survives kill -9 at any point.
/// </summary>
public interface ISpool
{
    /// <summary>Room for a message being received: in memory first, a file as soon as it grows. Nothing of it survives a restart.</summary>
    /// <exception cref="IOException">The disk cannot take it.</exception>
    ISpoolDraft OpenDraft();

    /// <summary>Makes draft and record durable. When the task completes without error, the message survives a crash; when it fails, it does not exist.</summary>
    /// <exception cref="IOException">Disk full or failing. After a failed sync the spool stops accepting (<see cref="Status"/>).</exception>
    Task<ISpoolEntry> CommitAsync(ISpoolDraft draft, MessageRecord record, CancellationToken cancellationToken);

    /// <summary>Makes a changed record durable while the message stays (after an attempt): the message moves to a file of its own if it has none.</summary>
    Task SaveAsync(ISpoolEntry entry, MessageRecord record, CancellationToken cancellationToken);

    /// <summary>Every recipient is finished: the bytes go, the record is kept until the message log has it. Written before the task completes, not synced: a power cut may repeat a delivery, never lose one.</summary>
    Task FinishAsync(ISpoolEntry entry, MessageRecord record, CancellationToken cancellationToken);

    /// <summary>Messages on the gateway, without those being received.</summary>
    int Count { get; }

    SpoolStatus Status { get; }
}

/// <summary>A message being received.</summary>
public interface ISpoolDraft : IAsyncDisposable
{
    ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);

    /// <summary>Everything written so far, for judging it; valid until the draft is committed or disposed.</summary>
    IByteSource Bytes { get; }
}

/// <summary>A message in the spool. Identity only: the record is loaded when needed, so that a long queue costs little memory.</summary>
public interface ISpoolEntry
{
    string Reference { get; }

    /// <summary>The bytes as received.</summary>
    IByteSource Bytes { get; }

    /// <summary>The record of the last <see cref="ISpool.CommitAsync"/> or <see cref="ISpool.SaveAsync"/>.</summary>
    MessageRecord ReadRecord();
}

/// <param name="IsAccepting">False after a failed sync or below the free-space floor: every message gets 4xx.</param>
public sealed record SpoolStatus(bool IsAccepting, string Trouble, long FreeBytes);

/// <summary>What the spool found at start.</summary>
/// <param name="Live">Messages to go on with, oldest first.</param>
/// <param name="Finished">Last records of messages finished shortly before the stop: the message log may lack them.</param>
/// <param name="Notes">What was repaired or given up, in plain sentences.</param>
public sealed record SpoolRecovery(IReadOnlyList<ISpoolEntry> Live, IReadOnlyList<MessageRecord> Finished, IReadOnlyList<string> Notes);
