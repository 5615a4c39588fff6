using System.Security.Cryptography;
using SecuEdge.Store.State;

namespace SecuEdge.Appliance.Access;

/// <summary>
/// A random key that only this appliance has, kept over restarts. A disk that does not take it is no reason to do without: it is written later,
/// and after a restart before that, what was made with it is not known any more.
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
                if (_key is null && states.Read(name) is { Length: KeyBytes } key)
                {
                    _key = key;
                }
                else if (_key is null)
                {
                    _key = RandomNumberGenerator.GetBytes(KeyBytes);
                    _isUnwritten = true;
                }

                if (_isUnwritten)
                {
                    Write(_key);
                }

                return _key;
            }
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

    [LoggerMessage(Level = LogLevel.Error, Message = "The key {Name} cannot be stored; after a restart what was made with it is not known any more")]
    private partial void LogNotWritten(string name, Exception exception);
}
