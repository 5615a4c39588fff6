using Microsoft.AspNetCore.Http.HttpResults;
using SecuEdge.Appliance.Operations;

namespace SecuEdge.Appliance.Api;

/// <summary>Who am I, what may I do, and my own password and codes.</summary>
internal static class MeApi
{
    public static void Map(RouteGroupBuilder api)
    {
        var me = api.MapGroup("/me").WithTags("Access").NeedsOnlyCaller();
        me.MapGet("/", Me).WithSummary("Who the caller is and what he may do where");
        me.MapPut("/password", ChangePasswordAsync).WithSummary("Change one's own password; the other sessions end");
        me.MapPost("/totp", StartTotpAsync).WithSummary("Ask for a secret for one-time codes");
        me.MapPost("/totp:confirm", ConfirmTotpAsync).WithSummary("Switch on one-time codes with the first of them; answers the recovery codes");
        me.MapPost("/totp:remove", RemoveTotpAsync).WithSummary("Switch off one-time codes");
        me.MapPost("/recovery-codes", RenewRecoveryCodesAsync).WithSummary("Make new recovery codes; the old ones are worthless");
    }

    private static Ok<MeDetail> Me(Caller caller, HttpContext context, OwnAccountOperations operations)
    {
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(new MeDetail
        {
            Name = caller.Name,
            Address = caller.Address,
            Grants = [.. caller.Grants.Select(GrantDetail.Of)],
            User = operations.Find(caller) is { } account ? UserDetail.Of(account) : null,
            CsrfToken = (context.User.Identity as CallerIdentity)?.CsrfToken,
        });
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> ChangePasswordAsync(
        OwnPasswordRequest request, Caller caller, OwnAccountOperations operations, CancellationToken cancellationToken)
    {
        var outcome = await operations.ChangePasswordAsync(caller, request.Password, request.NewPassword, cancellationToken);
        return outcome.Problem is { } problem ? problem.ToProblem() : TypedResults.NoContent();
    }

    private static async Task<Results<Ok<TotpSecretDetail>, ProblemHttpResult>> StartTotpAsync(
        ProofRequest request, Caller caller, OwnAccountOperations operations, CancellationToken cancellationToken)
    {
        var outcome = await operations.StartTotpAsync(caller, request.Password, cancellationToken);
        return outcome.Problem is { } problem
            ? problem.ToProblem()
            : TypedResults.Ok(new TotpSecretDetail { Secret = outcome.Value!.Secret, Address = outcome.Value.Address.AbsoluteUri });
    }

    private static async Task<Results<Ok<RecoveryCodesDetail>, ProblemHttpResult>> ConfirmTotpAsync(
        CodeRequest request, Caller caller, OwnAccountOperations operations, CancellationToken cancellationToken) =>
        Codes(await operations.ConfirmTotpAsync(caller, request.Code, cancellationToken));

    private static async Task<Results<NoContent, ProblemHttpResult>> RemoveTotpAsync(
        ProofRequest request, Caller caller, OwnAccountOperations operations, CancellationToken cancellationToken)
    {
        var outcome = await operations.RemoveTotpAsync(caller, request.Password, request.Code, cancellationToken);
        return outcome.Problem is { } problem ? problem.ToProblem() : TypedResults.NoContent();
    }

    private static async Task<Results<Ok<RecoveryCodesDetail>, ProblemHttpResult>> RenewRecoveryCodesAsync(
        ProofRequest request, Caller caller, OwnAccountOperations operations, CancellationToken cancellationToken) =>
        Codes(await operations.RenewRecoveryCodesAsync(caller, request.Password, cancellationToken));

    private static Results<Ok<RecoveryCodesDetail>, ProblemHttpResult> Codes(Outcome<IReadOnlyList<string>> outcome) =>
        outcome.Problem is { } problem ? problem.ToProblem() : TypedResults.Ok(new RecoveryCodesDetail { Codes = outcome.Value! });
}
