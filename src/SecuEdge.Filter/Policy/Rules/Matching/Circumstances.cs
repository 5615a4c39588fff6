using System.Collections.Frozen;
using System.Globalization;
using System.Net;

namespace SecuEdge.Filter.Policy.Rules.Matching;

/// <summary>Weekday, hour and holiday. What begins before midnight and ends after it belongs to the day on which it begins.</summary>
internal sealed class TimeMatcher(TimeCondition condition) : Matcher
{
    public override Truth Answer(Question question)
    {
        var now = question.LocalTime;
        var time = TimeOnly.FromDateTime(now);
        var day = DateOnly.FromDateTime(now);
        var (from, to) = (condition.From ?? TimeOnly.MinValue, condition.To);
        if (to is { } end && end < from)
        {
            if (time >= end && time < from)
            {
                return Truth.No;
            }

            day = time < end ? day.AddDays(-1) : day;
        }
        else if (time < from || (to is { } last && time >= last))
        {
            return Truth.No;
        }

        var isWeekday = condition.Weekdays.Count == 0 || condition.Weekdays.Contains(day.DayOfWeek);
        var holds = condition.Holidays switch
        {
            HolidayUse.Ignore => isWeekday,
            HolidayUse.Only => isWeekday && question.Rules.IsHoliday(day),
            HolidayUse.Except => isWeekday && !question.Rules.IsHoliday(day),
            HolidayUse.Also => isWeekday || question.Rules.IsHoliday(day),
            _ => throw new InvalidOperationException($"unknown use of holidays {condition.Holidays}"),
        };
        return holds ? Truth.Yes : Truth.No;
    }

    public override string Why(Question question, Explanation explanation)
    {
        var holiday = question.Rules.IsHoliday(DateOnly.FromDateTime(question.LocalTime)) ? ", a holiday" : "";
        var now = question.LocalTime.ToString("dddd yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
        return $"{now} {question.Rules.TimeZone.Id}{holiday} is {(question.Ask(this) == Truth.Yes ? "inside" : "outside")} the time asked for";
    }
}

/// <summary>Networks, countries and autonomous systems, with or.</summary>
internal sealed class OriginMatcher(IReadOnlyList<IPNetwork> networks, IEnumerable<string> countries, IEnumerable<int> systems) : Matcher
{
    private readonly FrozenSet<string> _countries = countries.ToFrozenSet(StringComparer.OrdinalIgnoreCase);
    private readonly FrozenSet<int> _systems = systems.ToFrozenSet();

    public override int Cost => 2;

    public override Truth Answer(Question question)
    {
        var isUnknown = false;
        if (networks.Count > 0)
        {
            if (question.Client is not { } client)
            {
                isUnknown = true;
            }
            else
            {
                foreach (var network in networks)
                {
                    if (network.Contains(client))
                    {
                        return Truth.Yes;
                    }
                }
            }
        }

        if (_countries.Count > 0)
        {
            if (question.Facts.Country is { } country && _countries.Contains(country))
            {
                return Truth.Yes;
            }

            isUnknown |= question.Facts.Country is null;
        }

        if (_systems.Count > 0)
        {
            if (question.Facts.AutonomousSystem is { } system && _systems.Contains(system))
            {
                return Truth.Yes;
            }

            isUnknown |= question.Facts.AutonomousSystem is null;
        }

        return isUnknown ? Truth.Unknown : Truth.No;
    }

    public override string Why(Question question, Explanation explanation)
    {
        var from = question.Facts.ClientAddress.Length == 0 ? "an address not recorded" : question.Facts.ClientAddress;
        var country = _countries.Count == 0 ? "" : $", country {question.Facts.Country ?? "unknown"}";
        var system = _systems.Count == 0 ? "" : $", AS {question.Facts.AutonomousSystem?.ToString(CultureInfo.InvariantCulture) ?? "unknown"}";
        var end = question.Ask(this) switch
        {
            Truth.Yes => "is one of the origins asked for",
            Truth.No => "is none of the origins asked for",
            _ => "cannot be compared with the origins asked for",
        };
        return $"{from}{country}{system} {end}";
    }
}

internal sealed class FirstContactMatcher : Matcher
{
    public override Truth Answer(Question question) => question.Facts.IsFirstContact switch
    {
        true => Truth.Yes,
        false => Truth.No,
        null => Truth.Unknown,
    };

    public override string Why(Question question, Explanation explanation) => question.Facts.IsFirstContact switch
    {
        true => $"first mail from {question.Facts.Sender}",
        false => $"mail was exchanged with {question.Facts.Sender} before",
        null => "nobody knows whether mail was exchanged with the sender before",
    };
}

internal sealed class CampaignMatcher(string? name) : Matcher
{
    public override Truth Answer(Question question) => question.Facts.Campaign switch
    {
        null => Truth.Unknown,
        "" => Truth.No,
        var campaign => name is null || name.Equals(campaign, StringComparison.OrdinalIgnoreCase) ? Truth.Yes : Truth.No,
    };

    public override string Why(Question question, Explanation explanation) => question.Facts.Campaign switch
    {
        null => "campaigns were not looked for",
        "" => "belongs to no campaign",
        var campaign => $"belongs to campaign {campaign}{(question.Ask(this) == Truth.Yes ? "" : $", not {name}")}",
    };
}

internal sealed class AuthenticationMatcher(AuthenticationMethod method, IReadOnlyList<string> results) : Matcher
{
    public override Truth Answer(Question question) =>
        !question.Facts.Authentication.TryGetValue(method, out var result) ? Truth.Unknown
        : results.Contains(result, StringComparer.OrdinalIgnoreCase) ? Truth.Yes
        : Truth.No;

    public override string Why(Question question, Explanation explanation)
    {
        var asked = string.Join(" or ", results);
        var label = method.ToString().ToUpperInvariant();
        return !question.Facts.Authentication.TryGetValue(method, out var result) ? $"{label} was not asked"
            : question.Ask(this) == Truth.Yes ? $"{label} says {result}"
            : $"{label} says {result}, not {asked}";
    }

    public override int Entries => results.Count;

    public override bool Implies(Matcher other, Effort effort) =>
        other is AuthenticationMatcher same && same.Method == method && results.All(r => same.Results.Contains(r, StringComparer.OrdinalIgnoreCase));

    private AuthenticationMethod Method => method;

    private IReadOnlyList<string> Results => results;
}
