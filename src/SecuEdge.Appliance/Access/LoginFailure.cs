namespace SecuEdge.Appliance.Access;

/// <summary>Why somebody did not get in. For metrics and the audit log only: he himself always hears the same.</summary>
internal enum LoginFailure
{
    UnknownUser,
    Password,

    /// <summary>One-time or recovery code: missing, wrong or used before.</summary>
    SecondFactor,
    Disabled,

    /// <summary>Too many failures: not even looked at.</summary>
    Locked,

    /// <summary>The answer of a passkey was not accepted.</summary>
    Passkey,

    /// <summary>The identity provider's word was not accepted.</summary>
    Oidc,
    TokenUnknown,
    TokenExpired,

    /// <summary>From an address it is not for.</summary>
    TokenNetwork,

    /// <summary>Its node or its creator is gone.</summary>
    TokenOrphaned,

    /// <summary>A write of a browser without the token of its session.</summary>
    Csrf,
}
