using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using SecuEdge.Appliance.Settings;
using SecuEdge.Store.State;

namespace SecuEdge.Appliance.Directories;

/// <summary>
/// Passwords of the accounts that read directories, apart from the settings, so that no export, revision, difference or answer has one. Each is
/// sent only to where it was given for: whoever changes the address, the protection or the account afterwards must know it, or he could have it
/// sent to himself.
/// </summary>
internal sealed class DirectorySecrets(IStateFiles files)
{
    private const string StateName = "directory-secrets";

    private readonly Lock _lock = new();
    private Dictionary<string, Secret>? _secrets;

    /// <exception cref="IOException">The disk cannot take it; nothing has changed then.</exception>
    public void Put(DirectoryKey key, TenantDirectory directory, string password)
    {
        lock (_lock)
        {
            Save(new Dictionary<string, Secret>(Secrets()) { [key.ToString()] = new(password, PurposeOf(directory)) });
        }
    }

    /// <returns>Null when none is known, or it was given for something else.</returns>
    public string? Find(DirectoryKey key, TenantDirectory directory)
    {
        lock (_lock)
        {
            return Secrets().TryGetValue(key.ToString(), out var secret) && secret.Purpose == PurposeOf(directory) ? secret.Password : null;
        }
    }

    /// <exception cref="IOException">The disk cannot take it.</exception>
    public void Remove(Func<DirectoryKey, bool> isGone)
    {
        lock (_lock)
        {
            var kept = Secrets().Where(s => s.Key.Split('/') is not [var tenant, var name] || !isGone(new DirectoryKey(tenant, name))).ToDictionary();
            if (kept.Count < Secrets().Count)
            {
                Save(kept);
            }
        }
    }

    private Dictionary<string, Secret> Secrets() =>
        _secrets ??= files.Read(StateName) is { } bytes ? JsonSerializer.Deserialize<Dictionary<string, Secret>>(bytes) ?? [] : [];

    private void Save(Dictionary<string, Secret> secrets)
    {
        files.Write(StateName, JsonSerializer.SerializeToUtf8Bytes(secrets));
        _secrets = secrets;
    }

    private static string PurposeOf(TenantDirectory directory) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
        JsonSerializer.Serialize<object?[]>([directory.Addresses, directory.Tls, directory.CaCertificate, directory.BindName]))));

    private sealed record Secret(string Password, string Purpose);
}
