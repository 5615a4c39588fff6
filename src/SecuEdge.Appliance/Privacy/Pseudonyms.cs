using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using SecuEdge.Appliance.Settings;

namespace SecuEdge.Appliance.Privacy;

/// <summary>
/// One secret key a tenant, in <c>keys/pseudonyms</c>. The same address of a tenant always gets the same pseudonym, so that statistics still
/// group, and nobody without the key can tell whose it is. Deleting the key makes it final.
/// </summary>
internal sealed class Pseudonyms(DataFolder folder)
{
    private const int KeyBytes = 32;

    private readonly ConcurrentDictionary<string, byte[]> _keys = new(StringComparer.OrdinalIgnoreCase);
    private readonly Lock _making = new();

    /// <exception cref="IOException">There is no key yet, and the disk does not take one.</exception>
    public TenantPseudonyms Of(string tenant)
    {
        if (!_keys.TryGetValue(tenant, out var key))
        {
            lock (_making)
            {
                key = _keys.GetOrAdd(tenant, ReadOrMake);
            }
        }

        return new TenantPseudonyms(key);
    }

    /// <summary>Nobody can connect the tenant's pseudonyms with anybody any more.</summary>
    public void Forget(string tenant)
    {
        lock (_making)
        {
            _keys.TryRemove(tenant, out _);
            File.Delete(PathOf(tenant));
        }
    }

    private byte[] ReadOrMake(string tenant)
    {
        var path = PathOf(tenant);
        if (File.Exists(path) && File.ReadAllBytes(path) is { Length: KeyBytes } known)
        {
            return known;
        }

        const UnixFileMode owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!, owner | UnixFileMode.UserExecute);
        var key = RandomNumberGenerator.GetBytes(KeyBytes);
        var unfinished = path + ".new";
        using (var file = new FileStream(unfinished, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = owner }))
        {
            file.Write(key);
            file.Flush(flushToDisk: true);
        }

        File.Move(unfinished, path, overwrite: true);
        return key;
    }

    /// <summary>A tenant's name is no file name.</summary>
    private string PathOf(string tenant) => Path.Combine(
        folder.Root, "keys", "pseudonyms", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(tenant.ToLowerInvariant())).AsSpan(0, 16)) + ".key");
}
