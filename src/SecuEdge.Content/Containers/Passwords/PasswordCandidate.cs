namespace SecuEdge.Content.Containers.Passwords;

/// <summary>Where a password came from. This is told; the password itself never leaves the search.</summary>
internal enum PasswordSource
{
    /// <summary>The tenant's list.</summary>
    Tenant,

    /// <summary>Subject or text of the message that brought the archive, or of one around it.</summary>
    Message,

    /// <summary>Words that archives with malware samples are commonly locked with.</summary>
    Common,
}

/// <summary>A password worth trying.</summary>
internal readonly record struct PasswordCandidate(string Password, PasswordSource Source);
