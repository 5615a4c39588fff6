using SecuEdge.Appliance.Access;

namespace SecuEdge.Appliance.Tests.Access;

public sealed class PasswordTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_hash_names_its_parameters_and_knows_its_password_only()
    {
        using var hasher = new PasswordHasher();
        var hash = await hasher.HashAsync("a meadow full of cows", Cancelled);
        Assert.StartsWith("$argon2id$v=19$m=19456,t=2,p=1$", hash, StringComparison.Ordinal);
        Assert.False(PasswordHasher.NeedsRehash(hash));
        Assert.True(await hasher.VerifyAsync(hash, "a meadow full of cows", Cancelled));
        Assert.False(await hasher.VerifyAsync(hash, "a meadow full of Cows", Cancelled));
        Assert.NotEqual(hash, await hasher.HashAsync("a meadow full of cows", Cancelled));
    }

    [Fact]
    public async Task A_password_is_the_same_however_the_keyboard_composes_its_accents()
    {
        using var hasher = new PasswordHasher();
        var hash = await hasher.HashAsync("un été à Liège", Cancelled);
        Assert.True(await hasher.VerifyAsync(hash, "un e\u0301te\u0301 a\u0300 Lie\u0300ge", Cancelled));
    }

    [Theory]
    [InlineData("half a pair \ud800")]
    [InlineData("no character \ufffe")]
    public async Task Text_that_is_none_is_hashed_like_any_other(string password)
    {
        using var hasher = new PasswordHasher();
        Assert.True(await hasher.VerifyAsync(await hasher.HashAsync(password, Cancelled), password, Cancelled));
    }

    // Made by the reference implementation: echo -n password | argon2 somesalt -id -t 2 -m 8 -p 1 -l 32 -e (m = 2^8 KiB).
    [Fact]
    public async Task A_hash_of_the_reference_implementation_with_other_parameters_is_verified_and_wants_to_be_made_again()
    {
        const string Other = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
        using var hasher = new PasswordHasher();
        Assert.True(await hasher.VerifyAsync(Other, "password", Cancelled));
        Assert.False(await hasher.VerifyAsync(Other, "Password", Cancelled));
        Assert.True(PasswordHasher.NeedsRehash(Other));
    }

    [Theory]
    [InlineData("")]
    [InlineData("password")]
    [InlineData("$argon2id$v=19$m=19456,t=2,p=1$$")]
    [InlineData("$argon2id$v=19$m=999999999,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4")]
    [InlineData("$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4")]
    [InlineData("$argon2id$v=19$m=256,t=2,p=1$!$?")]
    public async Task What_is_no_hash_has_no_password(string stored)
    {
        using var hasher = new PasswordHasher();
        Assert.False(await hasher.VerifyAsync(stored, "password", Cancelled));
        Assert.False(await hasher.VerifyAsync(stored, "", Cancelled));
    }

    [Fact]
    public async Task A_flood_is_refused_instead_of_queued()
    {
        using var hasher = new PasswordHasher();
        var all = Enumerable.Range(0, 60).Select(_ => hasher.VerifyAsync("", "x", Cancelled)).ToList();
        var refused = 0;
        foreach (var one in all)
        {
            try
            {
                Assert.False(await one);
            }
            catch (PasswordsBusyException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 1, 59);
        Assert.False(await hasher.VerifyAsync("", "x", Cancelled));
    }

    [Theory]
    [InlineData("short", "is shorter than 12")]
    [InlineData("elevenchars", "is shorter than 12")]
    [InlineData("P@ssw0rd2026!!", "first that anybody")]
    [InlineData("passwordpassword", "first that anybody")]
    [InlineData("Qwertyuiop123!", "first that anybody")]
    [InlineData("123456789012", "first that anybody")]
    [InlineData("aaaaaaaaaaaaaaaa", "first that anybody")]
    [InlineData("motdepasse12345", "first that anybody")]
    [InlineData("anna.smith2026", "is the name")]
    [InlineData("!!Annasmith99", "is the name")]
    public void A_bad_password_is_refused_with_the_remedy(string password, string why) =>
        Assert.Contains(why, PasswordPolicy.Judge(password, "anna.smith", "anna@acme.example"), StringComparison.Ordinal);

    [Fact]
    public void A_password_without_end_is_refused() =>
        Assert.Contains("longer", PasswordPolicy.Judge(string.Concat(Enumerable.Repeat("meadow cow ", 40)), "anna"), StringComparison.Ordinal);

    [Theory]
    [InlineData("a meadow full of cows")]
    [InlineData("kX7#mQ2$vL9p")]
    [InlineData("longue vie à la reine")]
    [InlineData("anna likes long walks")]
    public void A_good_password_is_taken(string password) => Assert.Null(PasswordPolicy.Judge(password, "anna", "anna@acme.example"));
}
