namespace SecuEdge.Store.Accounts;

/// <summary>Changes that reach the disk together or not at all.</summary>
public sealed class AccountDraft
{
    internal List<AccountChange> Changes { get; } = [];

    public void Put(Account account) => Changes.Add(new AccountChange { Kind = AccountKind.Account, Key = account.Id, Account = account });

    public void Put(ApiToken token) => Changes.Add(new AccountChange { Kind = AccountKind.Token, Key = token.Id, Token = token });

    public void Put(LoginSession session) => Changes.Add(new AccountChange { Kind = AccountKind.Session, Key = session.Id, Session = session });

    public void Put(Delegation delegation) => Changes.Add(new AccountChange { Kind = AccountKind.Delegation, Key = delegation.Id, Delegation = delegation });

    public void Remove(Account account) => Remove(AccountKind.Account, account.Id);

    public void Remove(ApiToken token) => Remove(AccountKind.Token, token.Id);

    public void Remove(LoginSession session) => Remove(AccountKind.Session, session.Id);

    public void Remove(Delegation delegation) => Remove(AccountKind.Delegation, delegation.Id);

    private void Remove(AccountKind kind, string key) => Changes.Add(new AccountChange { Kind = kind, Key = key });
}

/// <summary>One record put in place, or taken away when it has none.</summary>
internal sealed record AccountChange
{
    public AccountKind Kind { get; init; }

    public string Key { get; init; } = "";

    public Account? Account { get; init; }

    public ApiToken? Token { get; init; }

    public LoginSession? Session { get; init; }

    public Delegation? Delegation { get; init; }
}

/// <summary>What the journal has records of.</summary>
internal enum AccountKind
{
    Account,
    Token,
    Session,
    Delegation,
}
