using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Operations;
using SecuEdge.Appliance.Settings;
using SecuEdge.Store;
using SecuEdge.Store.Settings;
using SecuEdge.TestKit;

namespace SecuEdge.Appliance.Tests.Access;

/// <summary>The first way in, and the tokens of an earlier version.</summary>
public sealed class FirstTokenTests : IAsyncDisposable
{
    private readonly AccessRig _rig = new();
    private readonly TempFolder _folder = new(inMemory: true);

    public async ValueTask DisposeAsync()
    {
        await _rig.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_new_appliance_makes_one_token_once_for_its_owner_only()
    {
        await PrepareAsync([]);
        var file = Path.Combine(_folder.Path, "keys", "setup-token");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        var token = (await File.ReadAllTextAsync(file, AccessRig.Cancelled)).Trim();
        Assert.Equal("setup", _rig.Book.Authenticate(token, IPAddress.Loopback).Caller?.Name);
        await PrepareAsync([]);
        Assert.Single(_rig.Store.Tokens);
        Assert.Equal(token, (await File.ReadAllTextAsync(file, AccessRig.Cancelled)).Trim());
    }

    [Fact]
    public async Task Tokens_of_an_earlier_version_go_on_working_and_do_not_come_back_once_revoked()
    {
        await PrepareAsync([new TokenRecord("setup", Secrets.Hash("se_1"), _rig.Time.GetUtcNow()), new TokenRecord("ci", Secrets.Hash("se_2"), _rig.Time.GetUtcNow())]);
        Assert.Equal("ci", _rig.Book.Authenticate("se_2", IPAddress.Loopback).Caller?.Name);
        Assert.Equal(2, _rig.Store.Tokens.Count());
        await _rig.Tokens.DeleteAsync(Caller.Local, _rig.Store.FindTokenByHash(Secrets.Hash("se_2"))!.Id, AccessRig.Cancelled);
        await PrepareAsync([]);
        Assert.Null(_rig.Book.Authenticate("se_2", IPAddress.Loopback).Caller);
        Assert.Equal("setup", _rig.Book.Authenticate("se_1", IPAddress.Loopback).Caller?.Name);
    }

    [Fact]
    public async Task Where_there_is_a_user_no_new_token_is_made()
    {
        await _rig.AddUserAsync("anna", "provider", Role.Provider);
        await PrepareAsync([]);
        Assert.Empty(_rig.Store.Tokens);
    }

    /// <summary>A start of the appliance.</summary>
    private async Task PrepareAsync(TokenRecord[] old)
    {
        var (folder, error) = DataFolder.Open(_folder.Path);
        Assert.Equal("", error);
        using (folder)
        {
            await using var settings = await SettingsStore.OpenAsync(new StoreOptions { DataFolder = _folder.Path }, _rig.Time, NullLogger.Instance, AccessRig.Cancelled);
            foreach (var token in old)
            {
                await settings.AddTokenAsync(token, AccessRig.Cancelled);
            }

            var first = new FirstToken(_rig.Store, _rig.Tokens, settings, folder!, _rig.Time, NullLogger<FirstToken>.Instance);
            await first.PrepareAsync(AccessRig.Cancelled);
            Assert.Empty(settings.Tokens);
        }
    }
}
