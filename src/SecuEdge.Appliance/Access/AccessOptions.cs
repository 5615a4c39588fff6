using System.ComponentModel.DataAnnotations;

namespace SecuEdge.Appliance.Access;

/// <summary>How people sign in.</summary>
internal sealed class AccessOptions
{
    // One hour: a lunch break.
    [Range(typeof(TimeSpan), "00:01:00", "1.00:00:00")]
    [Display(Name = "Idle time after which a session ends")]
    public TimeSpan SessionIdle { get; set; } = TimeSpan.FromHours(1);

    // 12 hours: one sign-in a working day (NIST SP 800-63B §4.2.3 for AAL2 says the same).
    [Range(typeof(TimeSpan), "00:05:00", "7.00:00:00")]
    [Display(Name = "Time after which a session ends however busy it is")]
    public TimeSpan SessionLifetime { get; set; } = TimeSpan.FromHours(12);
}
