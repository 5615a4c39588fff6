using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http.HttpResults;
using SecuEdge.Appliance.Operations;

namespace SecuEdge.Appliance.Api;

/// <summary>Reads the words of a query string that come from closed sets, and collects every wrong one with what is allowed.</summary>
internal sealed class QueryWords
{
    private readonly List<FieldError> _errors = [];

    public T? Read<T>(string field, string? word)
        where T : struct, Enum
    {
        if (word is null)
        {
            return null;
        }

        if (word.Length > 0 && Enum.TryParse<T>(word, ignoreCase: true, out var value) && Enum.IsDefined(value) && char.IsLetter(word[0]))
        {
            return value;
        }

        var allowed = Enum.GetNames<T>().Select(System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName);
        _errors.Add(new FieldError(field, $"'{word}' is not one of {string.Join(", ", allowed)}"));
        return null;
    }

    /// <param name="refusal">What is wrong with the word; null when nothing is.</param>
    public void Check(string field, string? word, Func<string, string?> refusal)
    {
        if (word is not null && refusal(word) is { } wrong)
        {
            _errors.Add(new FieldError(field, wrong));
        }
    }

    public int Limit(int limit)
    {
        if (limit is < 1 or > 200)
        {
            _errors.Add(new FieldError("limit", $"{limit} is not between 1 and 200"));
        }

        return limit;
    }

    public bool IsWrong([NotNullWhen(true)] out ProblemHttpResult? problem)
    {
        problem = _errors.Count == 0 ? null : Problems.Invalid(_errors);
        return problem is not null;
    }
}
