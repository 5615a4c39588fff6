using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using SecuEdge.Appliance.Settings;
using SecuEdge.Store.State;

namespace SecuEdge.Appliance.Directories;

/// <summary>
/// The snapshots in force, in memory and on disk: a start finds them there, so that mail goes on while a directory is down, for as long as it
/// takes. Asked for every recipient, without waiting.
/// </summary>
internal sealed partial class DirectoryShelf(IStateFiles files, ILogger<DirectoryShelf> logger)
{
    private readonly ConcurrentDictionary<DirectoryKey, Shelved> _shelved = new();

    /// <summary>Those that were read.</summary>
    public IEnumerable<DirectoryKey> Keys => _shelved.Keys;

    /// <summary>Null when it was never read.</summary>
    public DirectorySnapshot? Find(DirectoryKey key) => _shelved.GetValueOrDefault(key)?.Snapshot;

    /// <summary>Groups of an address, as <see cref="GroupKey"/>; null when the directory was never read.</summary>
    public IEnumerable<string>? GroupsOf(DirectoryKey key, string address) =>
        _shelved.GetValueOrDefault(key) is { } shelved ? shelved.Snapshot.GroupsOf(address).Select(g => shelved.GroupKeys[g]) : null;

    /// <summary>One group among those of all nodes: <c>acme/office/accounting</c>.</summary>
    public static string GroupKey(DirectoryKey directory, string group) => $"{directory}/{group.ToLowerInvariant()}";

    /// <summary>What is on disk of the site's directories; called once, before the first mail.</summary>
    public void Load(SiteDirectory site)
    {
        foreach (var key in KeysOf(site))
        {
            try
            {
                if (files.Read(FileOf(key)) is { } bytes && DirectorySnapshot.Parse(bytes) is { } snapshot)
                {
                    _shelved[key] = new Shelved(snapshot, key);
                }
            }
            catch (Exception e) when (e is IOException or JsonException)
            {
                LogNotLoaded(e, key.Tenant, key.Name);
            }
        }
    }

    /// <summary>In force and on disk when it returns.</summary>
    /// <exception cref="IOException">The disk cannot take it; nothing has changed then.</exception>
    public void Put(DirectoryKey key, DirectorySnapshot snapshot)
    {
        files.Write(FileOf(key), snapshot.Write());
        _shelved[key] = new Shelved(snapshot, key);
    }

    /// <exception cref="IOException">The disk cannot take it.</exception>
    public void Remove(DirectoryKey key)
    {
        _shelved.TryRemove(key, out _);
        files.Delete(FileOf(key));
    }

    private static IEnumerable<DirectoryKey> KeysOf(SiteDirectory site) =>
        site.Tenants.SelectMany(t => t.Tenant.Directories.Select(d => new DirectoryKey(t.Tenant.Name, d.Name)));

    /// <summary>Names have dots and two parts; a file's name has neither.</summary>
    private static string FileOf(DirectoryKey key) => "directory-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key.ToString()))[..16]);

    private sealed class Shelved(DirectorySnapshot snapshot, DirectoryKey key)
    {
        public DirectorySnapshot Snapshot => snapshot;

        public string[] GroupKeys { get; } = [.. snapshot.Groups.Select(g => GroupKey(key, g.Name))];
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "What was read of directory {Tenant}/{Name} cannot be loaded; mail for its domains is answered 451 until it is read again")]
    private partial void LogNotLoaded(Exception exception, string tenant, string name);
}
