using System.Security.Cryptography;
using SecuEdge.Store.State;

namespace SecuEdge.Appliance.Access;

/// <summary>
/// A random key that only this appliance has, kept over restarts. A disk that does not give it or take it is no reason to do without: a new one
/// is written later, one that cannot be read is not written over; after a restart what was made with another is not known any more.
/// </summary>
internal sealed partial class ApplianceKey(string name, IStateFiles states, ILogger logger)
{
    public const int KeyBytes = 32;

    private readonly Lock _lock = new();
    private byte[]? _key;
    private bool _isUnwritten;
    private bool _isTold;

    public byte[] Bytes
    {
        get
        {
            lock (_lock)
            {
                _key ??= Read() ?? RandomNumberGenerator.GetBytes(KeyBytes);
                if (_isUnwritten)
                {
                    Write(_key);
                }

                return _key;
            }
        }
    }

    private byte[]? Read()
    {
        try
        {
            var key = states.Read(name);
            _isUnwritten = key is not { Length: KeyBytes };
            return _isUnwritten ? null : key;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogNotRead(name, e);
            return null;
        }
    }

    private void Write(byte[] key)
    {
        try
        {
            states.Write(name, key);
            _isUnwritten = _isTold = false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Once, and not with each use.
            if (!_isTold)
            {
                LogNotWritten(name, e);
                _isTold = true;
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The key {Name} cannot be read; until a restart another one takes its place")]
    private partial void LogNotRead(string name, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "The key {Name} cannot be stored; after a restart what was made with it is not known any more")]
    private partial void LogNotWritten(string name, Exception exception);
}
