using System.Security.Cryptography;

namespace SecuEdge.Content;

/// <summary>What a <see cref="PartSink"/> collected.</summary>
internal readonly record struct PartBytes(IByteSource Source, long Size, string Sha256)
{
    public static PartBytes Of(ReadOnlyMemory<byte> bytes) => new(new MemoryBytes(bytes), bytes.Length, HashOf(bytes.Span));

    public static string HashOf(ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, hash);
        return Convert.ToHexStringLower(hash);
    }
}

/// <summary>
/// Takes decoded bytes: counts them against the budget, keeps small ones in memory and turns large ones into a scratch file, hashing
/// on the way. Every decoder and container writes here, so no limit can be forgotten.
/// </summary>
internal sealed class PartSink : IDisposable
{
    private readonly BudgetMeter _meter;
    private readonly ScratchFolder _scratch;
    private byte[] _memory;
    private int _used;
    private long _size;
    private FileStream? _file;
    private IncrementalHash? _hash;

    public PartSink(BudgetMeter meter, ScratchFolder scratch, long expectedBytes)
    {
        _meter = meter;
        _scratch = scratch;
        _memory = expectedBytes <= 0 ? [] : new byte[(int)Math.Min(expectedBytes, Math.Min(meter.Budget.MaxPartBytesInMemory, 64 * 1024))];
    }

    public long Size => _size;

    /// <summary>False when the budget ended; what was written before stays and can be finished.</summary>
    public bool TryWrite(ReadOnlySpan<byte> bytes)
    {
        if (!_meter.TryTakeBytes(bytes.Length))
        {
            return false;
        }

        if (_size + bytes.Length > _meter.Budget.MaxEntryBytes)
        {
            _meter.Note(AnatomyFlags.OverBudget, $"A part of more than {_meter.Budget.MaxEntryBytes} decoded bytes.");
            return false;
        }

        _size += bytes.Length;
        if (_file is null && _size <= _meter.Budget.MaxPartBytesInMemory && _meter.TryKeepInMemory(bytes.Length))
        {
            Keep(bytes);
            return true;
        }

        Spill(bytes);
        return _meter.HasTime();
    }

    public PartBytes Finish()
    {
        if (_file is null)
        {
            return PartBytes.Of(_memory.AsMemory(0, _used));
        }

        var path = _file.Name;
        _file.Dispose();
        return new(new FileBytes(path), _size, Convert.ToHexStringLower(_hash!.GetHashAndReset()));
    }

    public void Dispose()
    {
        _file?.Dispose();
        _hash?.Dispose();
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        if (_memory.Length - _used < bytes.Length)
        {
            Array.Resize(ref _memory, Math.Max(_used + bytes.Length, Math.Min(_memory.Length * 2, _meter.Budget.MaxPartBytesInMemory)));
        }

        bytes.CopyTo(_memory.AsSpan(_used));
        _used += bytes.Length;
    }

    private void Spill(ReadOnlySpan<byte> bytes)
    {
        if (_file is null)
        {
            _file = _scratch.Create();
            _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            _file.Write(_memory, 0, _used);
            _hash.AppendData(_memory, 0, _used);
            _memory = [];
            _used = 0;
        }

        try
        {
            _file.Write(bytes);
        }
        catch (IOException exception)
        {
            throw new ScratchException("A scratch file cannot be written.", exception);
        }

        _hash!.AppendData(bytes);
    }
}
