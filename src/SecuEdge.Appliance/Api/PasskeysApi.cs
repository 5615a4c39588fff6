using Microsoft.AspNetCore.Http.HttpResults;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Operations;

namespace SecuEdge.Appliance.Api;

/// <summary>Passkeys (WebAuthn): one's own, and signing in with them.</summary>
internal static class PasskeysApi
{
    private const string NotConfigured = $"There are no passkeys here: nobody has set the address of this appliance. The setting {AccessOptions.PublicAddressSetting} does it.";

    public static void Map(RouteGroupBuilder api)
    {
        var login = api.MapGroup("/login").WithTags("Access").AllowAnonymous();
        login.MapPost("/passkey:begin", BeginLoginAsync).WithSummary("Get a challenge for a passkey; names no user and no credential");
        login.MapPost("/passkey", LoginAsync).WithSummary("Sign in with a passkey alone; the session is a cookie");

        var own = api.MapGroup("/me").WithTags("Access").NeedsOnlyCaller();
        own.MapGet("/passkeys", List).WithSummary("One's own passkeys");
        own.MapPost("/passkeys:begin", BeginAsync).WithSummary("Begin a new passkey: say once more who one is, get a challenge");
        own.MapPost("/passkeys", FinishAsync).WithSummary("Register the passkey that the device made; the other sessions end. The first comes with recovery codes");
        own.MapPatch("/passkeys/{id}", RenameAsync).WithSummary("Call a passkey of one's own something else");
        own.MapPost("/passkeys/{id}:remove", RemoveAsync).WithSummary("Remove a passkey of one's own; the other sessions end");
    }

    private static async Task<Results<Ok<PasskeyChallengeDetail>, ProblemHttpResult>> BeginLoginAsync(
        PasskeyBeginRequest request, HttpContext context, PasskeyLoginOperations operations)
    {
        context.Response.Headers.CacheControl = "no-store";
        return operations.IsEnabled
            ? TypedResults.Ok(PasskeyChallengeDetail.Of(await operations.BeginAsync(request.Purpose, context.Connection.RemoteIpAddress)))
            : Problems.Of(StatusCodes.Status404NotFound, NotConfigured);
    }

    private static async Task<Results<Ok<LoginDetail>, ProblemHttpResult>> LoginAsync(
        PasskeyAnswerBody request, HttpContext context, PasskeyLoginOperations operations, SessionBook sessions, CancellationToken cancellationToken)
    {
        var answer = await operations.LoginAsync(
            request.ToInput(),
            context.Request.Cookies[SessionBook.CookieName],
            context.Connection.RemoteIpAddress,
            context.Request.Headers.UserAgent.ToString(),
            cancellationToken);
        return LoginApi.Answer(context, answer, sessions, "The passkey did not get you in. Begin again, or sign in with your password.");
    }

    private static Ok<Page<PasskeyDetail>> List(Caller caller, PasskeyOperations operations) =>
        TypedResults.Ok(new Page<PasskeyDetail>([.. operations.List(caller).Select(PasskeyDetail.Of)], null));

    private static async Task<Results<Ok<PasskeyChallengeDetail>, ProblemHttpResult>> BeginAsync(
        OwnProofRequest request, HttpContext context, Caller caller, PasskeyOperations operations, CancellationToken cancellationToken)
    {
        context.Response.Headers.CacheControl = "no-store";
        var outcome = await operations.BeginAsync(caller, request.ToInput(), cancellationToken);
        return outcome.Problem is { } problem ? problem.ToProblem() : TypedResults.Ok(PasskeyChallengeDetail.Of(outcome.Value!));
    }

    private static async Task<Results<Created<PasskeyAddedDetail>, ProblemHttpResult>> FinishAsync(
        PasskeyRequest request, HttpContext context, Caller caller, PasskeyOperations operations, CancellationToken cancellationToken)
    {
        context.Response.Headers.CacheControl = "no-store";
        var outcome = await operations.FinishAsync(caller, request.Name, request.Answer.ToInput(), cancellationToken);
        return outcome.Value is { } added
            ? TypedResults.Created(
                $"/api/v1/me/passkeys/{added.Passkey.Id}",
                new PasskeyAddedDetail { Passkey = PasskeyDetail.Of(added.Passkey), RecoveryCodes = added.RecoveryCodes })
            : outcome.Problem!.ToProblem();
    }

    private static async Task<Results<Ok<PasskeyDetail>, ProblemHttpResult>> RenameAsync(
        string id, PasskeyPatch request, Caller caller, PasskeyOperations operations, CancellationToken cancellationToken)
    {
        var outcome = await operations.RenameAsync(caller, id, request.Name, cancellationToken);
        return outcome.Value is { } passkey ? TypedResults.Ok(PasskeyDetail.Of(passkey)) : outcome.Problem!.ToProblem();
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> RemoveAsync(
        string id, OwnProofRequest request, Caller caller, PasskeyOperations operations, CancellationToken cancellationToken)
    {
        var outcome = await operations.RemoveAsync(caller, id, request.ToInput(), cancellationToken);
        return outcome.Problem is { } problem ? problem.ToProblem() : TypedResults.NoContent();
    }
}
