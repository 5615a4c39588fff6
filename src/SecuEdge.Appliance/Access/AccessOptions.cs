using System.ComponentModel.DataAnnotations;
using SecuEdge.Appliance.Access.Passkeys;

namespace SecuEdge.Appliance.Access;

/// <summary>How people sign in.</summary>
internal sealed class AccessOptions : IValidatableObject
{
    /// <summary>The setting's name as administrators write it.</summary>
    public const string PublicAddressSetting = "SECUEDGE__Access__PublicAddress";

    /// <summary>
    /// How browsers reach the appliance, <c>https://mail.example.com:8443</c>. Passkeys are for this address and no other; the identity provider
    /// sends browsers back to it. Empty = no passkeys.
    /// </summary>
    [Display(Name = "Address under which browsers reach the appliance")]
    public string PublicAddress { get; set; } = "";

    // One hour: a lunch break.
    [Range(typeof(TimeSpan), "00:01:00", "1.00:00:00")]
    [Display(Name = "Idle time after which a session ends")]
    public TimeSpan SessionIdle { get; set; } = TimeSpan.FromHours(1);

    // 12 hours: one sign-in a working day (NIST SP 800-63B §4.2.3 for AAL2 says the same).
    [Range(typeof(TimeSpan), "00:05:00", "7.00:00:00")]
    [Display(Name = "Time after which a session ends however busy it is")]
    public TimeSpan SessionLifetime { get; set; } = TimeSpan.FromHours(12);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (PublicAddress.Length > 0 && RelyingParty.Parse(PublicAddress) is null)
        {
            yield return new ValidationResult(
                $"{PublicAddressSetting} = '{PublicAddress}': must be https://host or https://host:port with a name as host (http only for localhost)");
        }
    }
}
