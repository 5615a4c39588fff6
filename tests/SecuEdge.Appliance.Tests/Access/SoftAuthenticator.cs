using System.Buffers.Binary;
using System.Buffers.Text;
using System.Formats.Cbor;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using SecuEdge.Appliance.Access.Passkeys;

namespace SecuEdge.Appliance.Tests.Access;

/// <summary>A browser with a device of one P-256 key. Honest as it is; every property is a lie it can be made to tell.</summary>
internal sealed class SoftAuthenticator : IDisposable
{
    private ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    /// <summary>The page that the browser shows.</summary>
    public string Origin { get; set; } = "https://mail.test.example";

    public bool IsCrossOrigin { get; set; }

    /// <summary>Null = as the challenge says.</summary>
    public string? Host { get; set; }

    public bool KnowsItsUser { get; set; } = true;

    public bool IsTouched { get; set; } = true;

    /// <summary>0 = it does not count.</summary>
    public uint Counter { get; set; } = 1;

    /// <summary>Whose key it says it is; null = whose it was made for.</summary>
    public string? UserHandle { get; set; }

    /// <summary><c>none</c> or <c>packed</c>.</summary>
    public string Attestation { get; set; } = "none";

    /// <summary>Changes what was signed, or the signature, after signing.</summary>
    public string Spoilt { get; set; } = "";

    public byte[] CredentialId { get; set; } = RandomNumberGenerator.GetBytes(32);

    public void Dispose() => _key.Dispose();

    /// <summary>Another key that goes by the same name.</summary>
    public void ForgeKey()
    {
        _key.Dispose();
        _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    }

    public PasskeyInput Create(PasskeyChallenge challenge) => new(challenge.Key, Base64Url.EncodeToString(CredentialId), Create(challenge.Options));

    public PasskeyInput Get(PasskeyChallenge challenge) => new(challenge.Key, Base64Url.EncodeToString(CredentialId), Get(challenge.Options));

    /// <summary><c>navigator.credentials.create</c>.</summary>
    public string Create(string options)
    {
        using var parsed = JsonDocument.Parse(options);
        var root = parsed.RootElement;
        UserHandle ??= root.GetProperty("user").GetProperty("id").GetString()!;
        var client = ClientData("webauthn.create", root);
        var data = AuthenticatorData(Host ?? root.GetProperty("rp").GetProperty("id").GetString()!, isNew: true);
        return Credential(new
        {
            clientDataJSON = Base64Url.EncodeToString(client),
            attestationObject = Base64Url.EncodeToString(AttestationObject(data, client)),
            transports = new[] { "internal" },
        });
    }

    /// <summary><c>navigator.credentials.get</c>.</summary>
    public string Get(string options)
    {
        using var parsed = JsonDocument.Parse(options);
        var root = parsed.RootElement;
        var client = ClientData("webauthn.get", root);
        var data = AuthenticatorData(Host ?? root.GetProperty("rpId").GetString()!, isNew: false);
        var signature = Sign(data, client);
        if (Spoilt == "signature")
        {
            signature[^1] ^= 1;
        }
        else if (Spoilt == "data")
        {
            // The counter, so that nothing but the signature can tell.
            data[36] ^= 0x40;
        }

        return Credential(new
        {
            clientDataJSON = Base64Url.EncodeToString(client),
            authenticatorData = Base64Url.EncodeToString(data),
            signature = Base64Url.EncodeToString(signature),
            userHandle = UserHandle,
        });
    }

    private byte[] ClientData(string type, JsonElement options) => JsonSerializer.SerializeToUtf8Bytes(
        new { type, challenge = options.GetProperty("challenge").GetString(), origin = Origin, crossOrigin = IsCrossOrigin });

    /// <summary>WebAuthn §6.1.</summary>
    private byte[] AuthenticatorData(string host, bool isNew)
    {
        var flags = (IsTouched ? 1 : 0) | (KnowsItsUser ? 4 : 0) | (isNew ? 64 : 0);
        var counter = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(counter, Counter);
        if (Counter > 0)
        {
            Counter++;
        }

        return [.. SHA256.HashData(Encoding.UTF8.GetBytes(host)), (byte)flags, .. counter, .. isNew ? AttestedKey() : []];
    }

    /// <summary>WebAuthn §6.5.1, with a COSE key of RFC 9053 §7.1.1.</summary>
    private byte[] AttestedKey()
    {
        var point = _key.ExportParameters(includePrivateParameters: false).Q;
        var cose = new CborWriter(CborConformanceMode.Ctap2Canonical);
        cose.WriteStartMap(5);
        cose.WriteInt32(1);
        cose.WriteInt32(2);
        cose.WriteInt32(3);
        cose.WriteInt32(-7);
        cose.WriteInt32(-1);
        cose.WriteInt32(1);
        cose.WriteInt32(-2);
        cose.WriteByteString(point.X!);
        cose.WriteInt32(-3);
        cose.WriteByteString(point.Y!);
        cose.WriteEndMap();
        return [.. new byte[16], 0, (byte)CredentialId.Length, .. CredentialId, .. cose.Encode()];
    }

    /// <summary>WebAuthn §6.5.4 and §8.2.</summary>
    private byte[] AttestationObject(byte[] data, byte[] client)
    {
        var cbor = new CborWriter(CborConformanceMode.Ctap2Canonical);
        cbor.WriteStartMap(3);
        cbor.WriteTextString("fmt");
        cbor.WriteTextString(Attestation);
        cbor.WriteTextString("attStmt");
        cbor.WriteStartMap(Attestation == "packed" ? 2 : 0);
        if (Attestation == "packed")
        {
            cbor.WriteTextString("alg");
            cbor.WriteInt32(-7);
            cbor.WriteTextString("sig");
            cbor.WriteByteString(Sign(data, client));
        }

        cbor.WriteEndMap();
        cbor.WriteTextString("authData");
        cbor.WriteByteString(data);
        cbor.WriteEndMap();
        return cbor.Encode();
    }

    private byte[] Sign(byte[] data, byte[] client) =>
        _key.SignData([.. data, .. SHA256.HashData(client)], HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);

    private string Credential(object response)
    {
        var id = Base64Url.EncodeToString(CredentialId);
        return JsonSerializer.Serialize(new
        {
            id,
            rawId = id,
            type = "public-key",
            authenticatorAttachment = "platform",
            clientExtensionResults = new { },
            response,
        });
    }
}
