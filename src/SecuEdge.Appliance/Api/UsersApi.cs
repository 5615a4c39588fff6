using System.ComponentModel;
using Microsoft.AspNetCore.Http.HttpResults;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Operations;
using SecuEdge.Store.Accounts;

namespace SecuEdge.Appliance.Api;

/// <summary>People who can sign in, and what they are where.</summary>
internal static class UsersApi
{
    public static void Map(RouteGroupBuilder api)
    {
        var users = api.MapGroup("/users").WithTags("Access").Needs(Permission.AccessManage);
        users.MapGet("/", List).WithSummary("List the users of the nodes one looks after");
        users.MapPost("/", CreateAsync).WithSummary("Make a user");
        users.MapGet("/{name}", Find).WithSummary("One user");
        users.MapPatch("/{name}", ChangeAsync).WithSummary("Change a user, his roles, or disable him");
        users.MapDelete("/{name}", DeleteAsync).WithSummary("Delete a user with his sessions and the tokens he made");
        users.MapPut("/{name}/password", SetPasswordAsync).WithSummary("Give a user a new password; his sessions end");
        users.MapDelete("/{name}/totp", ResetSecondFactorAsync).WithSummary("Switch off a user's second factor, for a lost device; his sessions end");
        users.MapGet("/{name}/passkeys", ListPasskeys).WithSummary("The passkeys of a user");
        users.MapDelete("/{name}/passkeys", RemovePasskeysAsync).WithSummary("Remove all passkeys of a user; his sessions end");
        users.MapDelete("/{name}/passkeys/{id}", RemovePasskeyAsync).WithSummary("Remove a passkey of a user, for a lost device; his sessions end");
        users.MapDelete("/{name}/sessions", EndSessionsAsync).WithSummary("End all sessions of a user");
        api.MapGet("/roles", ListRoles).WithTags("Access").WithSummary("The roles and what each may do").NeedsOnlyCaller();
    }

    private static Results<Ok<Page<UserDetail>>, ProblemHttpResult> List(
        Caller caller, UserOperations operations, [Description("Only of this node and below")] string? node = null, int limit = 50, string? cursor = null)
    {
        var words = new QueryWords();
        limit = words.Limit(limit);
        return words.IsWrong(out var wrong) ? wrong : TypedResults.Ok(Page.Of(operations.List(caller, node), a => a.Name, limit, cursor, UserDetail.Of));
    }

    private static async Task<Results<Created<UserDetail>, ProblemHttpResult>> CreateAsync(
        UserRequest request, Caller caller, UserOperations operations, CancellationToken cancellationToken)
    {
        var draft = new UserDraft(
            request.Name, request.Node, request.DisplayName, request.Email, request.Language, [.. request.Roles.Select(r => r.ToRecord())], request.Password, request.ExternalId);
        var outcome = await operations.CreateAsync(caller, draft, cancellationToken);
        return outcome.Problem is { } problem
            ? problem.ToProblem()
            : TypedResults.Created($"/api/v1/users/{Uri.EscapeDataString(outcome.Value!.Name)}", UserDetail.Of(outcome.Value));
    }

    private static Results<Ok<UserDetail>, ProblemHttpResult> Find(string name, Caller caller, UserOperations operations) =>
        Answer(operations.Find(caller, name));

    private static async Task<Results<Ok<UserDetail>, ProblemHttpResult>> ChangeAsync(
        string name, UserPatch request, Caller caller, UserOperations operations, CancellationToken cancellationToken)
    {
        var change = new UserChange(
            request.DisplayName, request.Email, request.Language, request.Roles?.Select(r => r.ToRecord()).ToList(), request.IsDisabled, request.ExternalId);
        return Answer(await operations.ChangeAsync(caller, name, change, cancellationToken));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        string name, Caller caller, UserOperations operations, CancellationToken cancellationToken) =>
        Done(await operations.DeleteAsync(caller, name, cancellationToken));

    private static async Task<Results<NoContent, ProblemHttpResult>> SetPasswordAsync(
        string name, PasswordRequest request, Caller caller, UserOperations operations, CancellationToken cancellationToken) =>
        Done(await operations.SetPasswordAsync(caller, name, request.Password, cancellationToken));

    private static async Task<Results<NoContent, ProblemHttpResult>> ResetSecondFactorAsync(
        string name, Caller caller, UserOperations operations, CancellationToken cancellationToken) =>
        Done(await operations.ResetSecondFactorAsync(caller, name, cancellationToken));

    private static Results<Ok<Page<PasskeyDetail>>, ProblemHttpResult> ListPasskeys(string name, Caller caller, UserOperations operations)
    {
        var found = operations.Find(caller, name);
        return found.Problem is { } problem
            ? problem.ToProblem()
            : TypedResults.Ok(new Page<PasskeyDetail>([.. found.Value!.Passkeys.Select(PasskeyDetail.Of)], null));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> RemovePasskeysAsync(
        string name, Caller caller, UserOperations operations, CancellationToken cancellationToken) =>
        Done(await operations.RemovePasskeysAsync(caller, name, null, cancellationToken));

    private static async Task<Results<NoContent, ProblemHttpResult>> RemovePasskeyAsync(
        string name, string id, Caller caller, UserOperations operations, CancellationToken cancellationToken) =>
        Done(await operations.RemovePasskeysAsync(caller, name, id, cancellationToken));

    private static async Task<Results<NoContent, ProblemHttpResult>> EndSessionsAsync(
        string name, Caller caller, SessionOperations operations, CancellationToken cancellationToken) =>
        Done(await operations.EndAllAsync(caller, name, cancellationToken));

    private static Ok<RoleList> ListRoles() => TypedResults.Ok(new RoleList(
    [
        .. Enum.GetValues<Role>().Select(role => new RoleDetail
        {
            Role = role,
            Permissions = [.. Roles.PermissionsOf(role, isRoot: true).Order()],
            OnlyAtRoot = [.. Roles.PermissionsOf(role, isRoot: true).Except(Roles.PermissionsOf(role, isRoot: false)).Order()],
        }),
    ]));

    private static Results<Ok<UserDetail>, ProblemHttpResult> Answer(Outcome<Account> outcome) =>
        outcome.Problem is { } problem ? problem.ToProblem() : TypedResults.Ok(UserDetail.Of(outcome.Value!));

    private static Results<NoContent, ProblemHttpResult> Done<T>(Outcome<T> outcome) =>
        outcome.Problem is { } problem ? problem.ToProblem() : TypedResults.NoContent();
}
