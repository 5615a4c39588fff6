namespace SecuEdge.Appliance.Access.Passkeys;

/// <summary>What a challenge is for. The answer to one is none to another.</summary>
public enum PasskeyPurpose
{
    /// <summary>Sign in without a password: the device must know its user, by PIN, finger or face.</summary>
    SignIn,

    /// <summary>In place of a one-time code, beside the password.</summary>
    SecondFactor,

    /// <summary>Say once more who one is, before a change of one's own account.</summary>
    Proof,
}
