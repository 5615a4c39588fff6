using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using SecuEdge.Appliance.Settings;

namespace SecuEdge.Appliance.Import;

/// <summary>
/// The site with a signature (ECDSA P-256, SHA-256), so that another appliance can tell whose settings it is given and that nobody changed
/// them on the way. The key is the appliance's own; what it signs is the exact text of <c>site</c>, kept as one string.
/// </summary>
internal static class SignedExport
{
    public const string Format = "secuedge-export/1";

    /// <summary>Loads the key, or makes it on the first export.</summary>
    public static ECDsa Key(string path)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        if (File.Exists(path))
        {
            key.ImportFromPem(File.ReadAllText(path));
            return key;
        }

        using var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite });
        file.Write(Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem() + "\n"));
        return key;
    }

    public static string Fingerprint(ECDsa key) => Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo()))[..32];

    public static string Write(Site site, string appliance, DateTimeOffset at, ECDsa key)
    {
        var text = SiteJson.Write(site);
        var export = new JsonObject
        {
            ["format"] = Format,
            ["appliance"] = appliance,
            ["exportedAt"] = at.UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
            ["site"] = text,
            ["publicKey"] = Convert.ToBase64String(key.ExportSubjectPublicKeyInfo()),
        };
        export["signature"] = Convert.ToBase64String(key.SignData(Signed(export), HashAlgorithmName.SHA256));
        return export.ToJsonString(SiteJson.Options) + "\n";
    }

    /// <summary>Whether a file is a signed export rather than a plain site file.</summary>
    public static bool IsOne(string json) => json.AsSpan().TrimStart().StartsWith("{") && json.Contains(Format, StringComparison.Ordinal) && Parse(json)?["format"]?.ToString() == Format;

    /// <returns>The site file inside and the fingerprint of who signed it; or why it is not to be trusted.</returns>
    public static (string? Site, string Fingerprint, string Problem) Read(string json)
    {
        if (Parse(json) is not { } export)
        {
            return (null, "", "is no JSON object");
        }

        using var key = ECDsa.Create();
        try
        {
            key.ImportSubjectPublicKeyInfo(Convert.FromBase64String(Text(export, "publicKey")), out _);
            if (!key.VerifyData(Signed(export), Convert.FromBase64String(Text(export, "signature")), HashAlgorithmName.SHA256))
            {
                return (null, "", "its signature does not fit: it was changed after it was exported");
            }
        }
        catch (Exception e) when (e is FormatException or CryptographicException)
        {
            return (null, "", "its key or signature cannot be read: it was changed after it was exported");
        }

        return (Text(export, "site"), Fingerprint(key), "");
    }

    private static JsonObject? Parse(string json)
    {
        try
        {
            return JsonNode.Parse(json) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static byte[] Signed(JsonObject export) =>
        Encoding.UTF8.GetBytes(string.Join('\0', Format, Text(export, "appliance"), Text(export, "exportedAt"), Text(export, "site")));

    private static string Text(JsonObject export, string name) => export[name] is JsonValue value ? value.ToString() : "";
}
