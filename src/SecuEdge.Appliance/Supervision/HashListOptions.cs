using System.ComponentModel.DataAnnotations;

namespace SecuEdge.Appliance.Supervision;

/// <summary>How lists of hashes are kept up to date.</summary>
internal sealed class HashListOptions
{
    /// <summary>How often lists with an address are fetched, give or take a tenth. Public feeds are made anew every hour or less often.</summary>
    [Range(typeof(TimeSpan), "00:05:00", "7.00:00:00")]
    public TimeSpan UpdateInterval { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Largest text of a list. Fifteen million SHA-256 in lines of their own.</summary>
    [Range(1024, 16L * 1024 * 1024 * 1024)]
    public long MaxBytes { get; set; } = 1024L * 1024 * 1024;
}
