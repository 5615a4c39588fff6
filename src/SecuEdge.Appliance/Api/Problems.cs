using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using SecuEdge.Appliance.Api.Languages;
using SecuEdge.Appliance.Operations;

namespace SecuEdge.Appliance.Api;

/// <summary>Problem details (RFC 9457) of everything that did not succeed: made here, and given their language where they are written.</summary>
internal static partial class Problems
{
    private const string Urn = "urn:secuedge:problem:";

    /// <summary>Between several details.</summary>
    private static readonly string[] Separators = ["\n", "; "];

    public static ProblemHttpResult ToProblem(this OperationProblem problem) => Of(
        problem.Failure switch
        {
            OperationFailure.NotFound => StatusCodes.Status404NotFound,
            OperationFailure.Invalid => StatusCodes.Status400BadRequest,
            OperationFailure.Forbidden => StatusCodes.Status403Forbidden,
            OperationFailure.Stale => StatusCodes.Status412PreconditionFailed,
            OperationFailure.Conflict => StatusCodes.Status409Conflict,
            OperationFailure.TooMany => StatusCodes.Status429TooManyRequests,
            OperationFailure.Unavailable => StatusCodes.Status503ServiceUnavailable,
            _ => throw new ArgumentOutOfRangeException(nameof(problem), problem.Failure, null),
        },
        problem.Detail,
        problem.Errors is { Count: > 0 } errors ? errors
            : problem.Field is { } field ? [new FieldError(field, problem.Detail)]
            : problem.Failure == OperationFailure.Invalid ? ErrorsIn(problem.Detail)
            : []);

    public static ProblemHttpResult Invalid(string detail) => new OperationProblem(OperationFailure.Invalid, detail).ToProblem();

    public static ProblemHttpResult Invalid(IReadOnlyList<FieldError> errors) =>
        Of(StatusCodes.Status400BadRequest, string.Join("; ", errors.Select(e => $"{e.Field}: {e.Detail}")), errors);

    public static ProblemHttpResult Of(int status, string detail, IReadOnlyList<FieldError>? errors = null)
    {
        var details = new ProblemDetails { Type = TypeOf(status), Title = Language.English.Title(status), Status = status, Detail = detail };
        if (errors is { Count: > 0 })
        {
            if (errors.Count == 1)
            {
                details.Extensions["field"] = errors[0].Field;
            }

            details.Extensions["errors"] = errors;
        }

        return TypedResults.Problem(details);
    }

    /// <summary>Everything in the caller's language: what is made here is English.</summary>
    public static void Translate(ProblemDetailsContext context)
    {
        var (details, http) = (context.ProblemDetails, context.HttpContext);
        var language = Language.Of(http);
        var status = details.Status ?? http.Response.StatusCode;
        details.Type = details.Type is { } type && type.StartsWith(Urn, StringComparison.Ordinal) ? type : TypeOf(status);
        details.Title = language.Title(status);
        TranslateDetail(details, language);
        details.Extensions.Remove("traceId");
        details.Extensions.TryAdd("remedy", language.Remedy(status));
        http.Response.Headers.ContentLanguage = language.Tag;
        http.Response.Headers.Vary = "Accept-Language";
    }

    private static void TranslateDetail(ProblemDetails details, Language language)
    {
        if (details.Detail is not { } detail || language == Language.English)
        {
            return;
        }

        var errors = details.Extensions.TryGetValue("errors", out var value) && value is IReadOnlyList<FieldError> said ? said : [];
        IReadOnlyList<FieldError> translated = [.. errors.Select(e => e with { Detail = language.Detail(e.Detail) })];
        if (translated.Count > 0)
        {
            details.Extensions["errors"] = translated;
        }

        // Several are joined in one of these two ways; one alone may hold either separator in its sentence.
        var separator = Separators.FirstOrDefault(s => errors.Count > 0 && string.Join(s, errors.Select(Said)) == detail);
        details.Detail = separator is null ? string.Join('\n', detail.Split('\n').Select(language.Detail)) : string.Join(separator, errors.Select(e => language.Detail(Said(e))));
    }

    private static string Said(FieldError error) => error.Field.Length == 0 ? error.Detail : $"{error.Field}: {error.Detail}";

    public static string TypeOf(int status) => Urn + status switch
    {
        400 => "invalid",
        401 => "unauthenticated",
        403 => "forbidden",
        404 => "not-found",
        405 => "method-not-allowed",
        409 => "conflict",
        412 => "stale",
        413 => "too-large",
        415 => "unsupported-type",
        422 => "key-reused",
        428 => "version-required",
        429 => "too-many-requests",
        503 => "unavailable",
        >= 500 => "internal",
        _ => "invalid",
    };

    /// <summary>Details begin with their field, <c>limit: 500 is not between 1 and 200</c>; several are joined by semicolons or lines.</summary>
    private static List<FieldError> ErrorsIn(string detail) =>
        [.. detail.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .SelectMany(Pieces)
            .Select(d => Field().Match(d))
            .Where(m => m.Success)
            .Select(m => new FieldError(m.Groups[1].Value, m.Groups[2].Value))];

    /// <summary>A semicolon ends a detail only where the next one begins with its field; otherwise the remedy follows.</summary>
    private static string[] Pieces(string line) =>
        line.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) is var pieces && pieces.All(p => Field().IsMatch(p)) ? pieces : [line];

    [GeneratedRegex(@"^([a-zA-Z][\w.\[\]-]*): (.+)$", RegexOptions.Singleline)]
    private static partial Regex Field();
}
