using System.Buffers.Text;
using Microsoft.AspNetCore.Identity;
using SecuEdge.Store.Accounts;

namespace SecuEdge.Appliance.Access.Passkeys;

/// <summary>
/// Our users as the framework's passkey handler asks for them: by id and by credential, and nothing is written through it. What is found
/// out is stored by the operations, together with the session or the change that follows from it.
/// </summary>
internal sealed class PasskeyUsers(AccountStore store) : IUserPasskeyStore<Account>
{
    public Task<string> GetUserIdAsync(Account user, CancellationToken cancellationToken) => Task.FromResult(user.Id);

    public Task<string?> GetUserNameAsync(Account user, CancellationToken cancellationToken) => Task.FromResult<string?>(user.Name);

    public Task<Account?> FindByIdAsync(string userId, CancellationToken cancellationToken) => Task.FromResult(store.FindAccount(userId));

    public Task<Account?> FindByPasskeyIdAsync(byte[] credentialId, CancellationToken cancellationToken) =>
        Task.FromResult(OwnerOf(Base64Url.EncodeToString(credentialId)));

    public Task<IList<UserPasskeyInfo>> GetPasskeysAsync(Account user, CancellationToken cancellationToken) =>
        Task.FromResult<IList<UserPasskeyInfo>>([.. user.Passkeys.Select(Describe)]);

    public Task<UserPasskeyInfo?> FindPasskeyAsync(Account user, byte[] credentialId, CancellationToken cancellationToken)
    {
        var id = Base64Url.EncodeToString(credentialId);
        return Task.FromResult(user.Passkeys.Where(p => p.CredentialId == id).Select(Describe).FirstOrDefault());
    }

    /// <summary>Over all users: there are thousands at most, and signing in is rare.</summary>
    public Account? OwnerOf(string credentialId) => store.Accounts.FirstOrDefault(a => a.Passkeys.Any(p => p.CredentialId == credentialId));

    public void Dispose()
    {
        // The store is not ours to close.
    }

    public Task AddOrUpdatePasskeyAsync(Account user, UserPasskeyInfo passkey, CancellationToken cancellationToken) => throw ReadOnly();

    public Task RemovePasskeyAsync(Account user, byte[] credentialId, CancellationToken cancellationToken) => throw ReadOnly();

    public Task SetUserNameAsync(Account user, string? userName, CancellationToken cancellationToken) => throw ReadOnly();

    public Task<string?> GetNormalizedUserNameAsync(Account user, CancellationToken cancellationToken) => throw ReadOnly();

    public Task SetNormalizedUserNameAsync(Account user, string? normalizedName, CancellationToken cancellationToken) => throw ReadOnly();

    public Task<IdentityResult> CreateAsync(Account user, CancellationToken cancellationToken) => throw ReadOnly();

    public Task<IdentityResult> UpdateAsync(Account user, CancellationToken cancellationToken) => throw ReadOnly();

    public Task<IdentityResult> DeleteAsync(Account user, CancellationToken cancellationToken) => throw ReadOnly();

    public Task<Account?> FindByNameAsync(string normalizedUserName, CancellationToken cancellationToken) => throw ReadOnly();

    /// <summary>
    /// The counter is 0 here, which the handler takes for a device that has not counted yet: whether it went back is decided where it is
    /// written (<see cref="PasskeyProof.Spend"/>), alone and on the newest record, or two logins at once would both be right.
    /// </summary>
    private static UserPasskeyInfo Describe(Passkey passkey) => new(
        Base64Url.DecodeFromChars(passkey.CredentialId),
        Convert.FromBase64String(passkey.PublicKey),
        passkey.CreatedAt,
        signCount: 0,
        [.. passkey.Transports],
        passkey.IsUserVerified,
        passkey.IsBackupEligible,
        passkey.IsBackedUp,
        attestationObject: [],
        clientDataJson: []);

    private static NotSupportedException ReadOnly() => new("Users are changed by operations.");
}
