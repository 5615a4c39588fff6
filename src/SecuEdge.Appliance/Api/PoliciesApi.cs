using Microsoft.AspNetCore.Http.HttpResults;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Api.Languages;
using SecuEdge.Appliance.Operations;
using SecuEdge.Filter;
using SecuEdge.Filter.Policy.Profiles;
using SecuEdge.Filter.Policy.Rules;

namespace SecuEdge.Appliance.Api;

/// <summary>Policies as they are in force, and the profiles to choose from.</summary>
internal static class PoliciesApi
{
    public static void Map(RouteGroupBuilder api)
    {
        var policies = api.MapGroup("/policies").WithTags("Policies");
        policies.MapGet("/{tenant}", Get).Needs(Permission.PolicyRead).WithSummary("Profile, thresholds and every rule of a tenant in the order asked");
        policies.MapGet("/{tenant}/contradictions", Contradictions).Needs(Permission.PolicyRead)
            .WithSummary("Rules that contradict each other, are never reached or come to nothing on this appliance, with what to do");
        api.MapGet("/profiles", Profiles).Needs(Permission.PolicyRead).WithTags("Policies").WithSummary("The profiles in plain words, in the language of Accept-Language");
    }

    private static Results<Ok<EffectivePolicy>, ProblemHttpResult> Get(string tenant, HttpContext context, Caller caller, PolicyOperations operations)
    {
        var outcome = operations.Get(caller, tenant);
        if (outcome.Value is not { } policy)
        {
            return outcome.Problem!.ToProblem();
        }

        // What people wrote themselves stays as they wrote it.
        var say = Said.In(context);
        var profile = Filter.Policy.Profiles.Profiles.Expand(policy.Profile).Layer.Node;
        return TypedResults.Ok(policy with { Rules = [.. policy.Rules.Select(r => r.Node == profile ? r with { Rule = Told(r.Rule, say) } : r)] });
    }

    private static Results<Ok<ContradictionList>, ProblemHttpResult> Contradictions(string tenant, HttpContext context, Caller caller, PolicyOperations operations)
    {
        var outcome = operations.Contradictions(caller, tenant);
        if (outcome.Value is not { } found)
        {
            return outcome.Problem!.ToProblem();
        }

        var say = Said.In(context);
        return TypedResults.Ok(new ContradictionList([.. found.Select(c => c with { Sentence = say(c.Sentence) })]));
    }

    private static Ok<ProfileList> Profiles(HttpContext context)
    {
        var say = Said.In(context);
        var language = Language.Of(context).Tag;
        return TypedResults.Ok(new ProfileList([.. Filter.Policy.Profiles.Profiles.All.Select(p =>
            new ProfileSummary(p.Name, p.Text(language).Title, p.Text(language).Summary, p.Text(language).Points, p.Actions, [.. p.Rules.Select(r => Told(r, say))]))]));
    }

    private static Rule Told(Rule rule, Func<string, string> say) => rule with { Comment = say(rule.Comment) };
}

/// <summary>What is odd about a policy, in the order of its rules.</summary>
public sealed record ContradictionList(IReadOnlyList<Contradiction> Items);

/// <summary>The profiles there are, weakest first.</summary>
public sealed record ProfileList(IReadOnlyList<ProfileSummary> Items);

/// <summary>One profile.</summary>
/// <param name="Name">As settings name it.</param>
/// <param name="Title">For people.</param>
/// <param name="Summary">One sentence.</param>
/// <param name="Points">What happens to which mail.</param>
/// <param name="Actions">Finding code → action, beneath the tenant's own; every profile decides the same codes, so that naming one replaces the one above.</param>
/// <param name="Rules">Asked after all others; one of the same name replaces it.</param>
public sealed record ProfileSummary(
    PolicyProfile Name, string Title, string Summary, IReadOnlyList<string> Points, IReadOnlyDictionary<string, VerdictAction> Actions, IReadOnlyList<Rule> Rules);
