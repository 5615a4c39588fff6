using System.Buffers.Binary;
using System.Security.Cryptography;
using SecuEdge.Appliance.Access;
using SecuEdge.Store.State;

namespace SecuEdge.Appliance.Events;

/// <summary>
/// Ids of events as they leave the appliance. Events are numbered over all tenants, and whoever saw the numbers could count from the gaps what
/// the others receive; so a number goes out encrypted, the same each time, and only this appliance reads it back.
/// </summary>
/// <remarks>One block of AES for one number that is never used twice: neither mode nor nonce is needed, since equal ids are equal events.</remarks>
internal sealed class EventIds(IStateFiles states, ILogger<EventIds> logger) : IDisposable
{
    private const int BlockBytes = 16;

    private readonly ApplianceKey _key = new("event-ids", states, logger);
    private readonly Lock _lock = new();
    private Aes? _aes;

    public string Of(long number)
    {
        Span<byte> plain = stackalloc byte[BlockBytes];
        plain.Clear();
        BinaryPrimitives.WriteInt64BigEndian(plain, number);
        Span<byte> block = stackalloc byte[BlockBytes];
        lock (_lock)
        {
            Cipher().EncryptEcb(plain, block, PaddingMode.None);
        }

        return Convert.ToHexStringLower(block);
    }

    /// <summary>Null when it is no id of ours.</summary>
    public long? NumberOf(string id)
    {
        if (id.Length != 2 * BlockBytes || !id.All(char.IsAsciiHexDigit))
        {
            return null;
        }

        Span<byte> plain = stackalloc byte[BlockBytes];
        lock (_lock)
        {
            Cipher().DecryptEcb(Convert.FromHexString(id), plain, PaddingMode.None);
        }

        // Eight bytes that must be zero: nobody meets them by guessing.
        return plain[sizeof(long)..].ContainsAnyExcept((byte)0) ? null : BinaryPrimitives.ReadInt64BigEndian(plain);
    }

    public void Dispose() => _aes?.Dispose();

    /// <summary>Kept over restarts, so that a listener who comes back is told that he comes from an earlier run. Under the lock.</summary>
    private Aes Cipher()
    {
        var key = _key.Bytes;
        if (_aes is null)
        {
            _aes = Aes.Create();
            _aes.Key = key;
        }

        return _aes;
    }
}
