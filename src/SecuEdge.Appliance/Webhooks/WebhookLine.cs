using System.Text.Json;
using System.Text.Json.Serialization;
using SecuEdge.Appliance.Settings;

namespace SecuEdge.Appliance.Webhooks;

/// <summary>One line of the journal of webhooks: what has changed, of one webhook. What is null has not.</summary>
/// <param name="Key">Of the webhook.</param>
internal sealed record WebhookLine(string Key)
{
    // One line each, and without the many nulls.
    private static readonly JsonSerializerOptions s_options = new(SiteJson.Options) { WriteIndented = false, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>Added, or as it is now.</summary>
    public Webhook? Hook { get; init; }

    /// <summary>Deleted, with all that waited.</summary>
    public bool IsGone { get; init; }

    /// <summary>Waits from now on; in place of what had the same id.</summary>
    public WaitingCall? Wait { get; init; }

    /// <summary>Id of what waits no more.</summary>
    public string? Done { get; init; }

    /// <summary>Id of what waits no more because too much did.</summary>
    public string? Dropped { get; init; }

    /// <summary>A try.</summary>
    public WebhookDelivery? Delivery { get; init; }

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, s_options);

    /// <returns>Null when it is none.</returns>
    public static WebhookLine? Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize<WebhookLine>(json, s_options);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
