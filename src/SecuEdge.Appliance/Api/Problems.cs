using Microsoft.AspNetCore.Http.HttpResults;
using SecuEdge.Appliance.Operations;

namespace SecuEdge.Appliance.Api;

/// <summary>Problem details (RFC 9457) of operations that did not succeed.</summary>
internal static class Problems
{
    public static ProblemHttpResult ToProblem(this OperationProblem problem) => TypedResults.Problem(
        detail: problem.Detail,
        statusCode: problem.Failure switch
        {
            OperationFailure.NotFound => StatusCodes.Status404NotFound,
            OperationFailure.Invalid => StatusCodes.Status400BadRequest,
            OperationFailure.Forbidden => StatusCodes.Status403Forbidden,
            OperationFailure.Stale => StatusCodes.Status412PreconditionFailed,
            OperationFailure.Conflict => StatusCodes.Status409Conflict,
            OperationFailure.Unavailable => StatusCodes.Status503ServiceUnavailable,
            _ => throw new ArgumentOutOfRangeException(nameof(problem), problem.Failure, null),
        });

    public static ProblemHttpResult Invalid(string detail) => new OperationProblem(OperationFailure.Invalid, detail).ToProblem();
}
