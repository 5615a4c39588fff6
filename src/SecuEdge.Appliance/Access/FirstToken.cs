using System.Text;
using SecuEdge.Appliance.Operations;
using SecuEdge.Appliance.Settings;
using SecuEdge.Store.Accounts;
using SecuEdge.Store.Settings;

namespace SecuEdge.Appliance.Access;

/// <summary>
/// The way in on a new appliance: one token with all permissions, shown once, with which the first user is made. There is no default password.
/// Tokens of an earlier version, which were kept with the settings, move to the accounts first.
/// </summary>
internal sealed partial class FirstToken(
    AccountStore store, TokenOperations tokens, ISettingsStore settings, DataFolder folder, TimeProvider timeProvider, ILogger<FirstToken> logger)
{
    private const string Name = "setup";

    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        await MoveAsync(cancellationToken);
        if (store.Tokens.Any() || store.Accounts.Any())
        {
            return;
        }

        var token = Secrets.NewToken();
        await tokens.AdoptAsync([(Name, Secrets.Hash(token), timeProvider.GetUtcNow())], cancellationToken);
        await using (var file = new FileStream(folder.SetupToken, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }))
        {
            await file.WriteAsync(Encoding.ASCII.GetBytes(token + "\n"), cancellationToken);
        }

        LogFirstToken(token, folder.SetupToken);
    }

    /// <summary>First into the accounts, then out of the settings: a stop between loses none, and one revoked later does not come back.</summary>
    private async Task MoveAsync(CancellationToken cancellationToken)
    {
        var old = settings.Tokens.ToList();
        await tokens.AdoptAsync(old.Select(t => (t.Name, t.Hash, t.CreatedAt)), cancellationToken);
        foreach (var token in old)
        {
            await settings.RemoveTokenAsync(token.Name, cancellationToken);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "First start: the API token is {Token} (also in {File}); it is shown only once")]
    private partial void LogFirstToken(string token, string file);
}
