namespace SecuEdge.Filter.Policy.Rules.Matching;

/// <summary>
/// From conditions as written to matchers. Says everything that is wrong with its place and the remedy; where something is wrong there is no
/// matcher. Expects conditions whose shape was checked (<see cref="ShapeCheck"/>).
/// </summary>
internal sealed class ConditionCompiler(RuleScope scope, MatcherPool pool, List<string> errors)
{
    private readonly Dictionary<(RuleScope, string), (Matcher? Matcher, int Height)> _objects = [];
    private readonly HashSet<(RuleScope, string)> _inProgress = [];
    private readonly HashSet<string> _usedObjects = [];
    private int _conditions;
    private int _patterns;

    // Levels below the condition compiled last, those of objects counted: a chain of objects is as deep in whatever order they are written.
    private int _height;

    /// <summary>Names of the layer's own objects that were used.</summary>
    public IReadOnlySet<string> UsedObjects => _usedObjects;

    public Matcher? Compile(Condition condition, string place) => Compile(condition, place, scope, 1);

    /// <summary>An object of the layer itself, whether or not a rule uses it.</summary>
    public void CompileObject(PolicyObject own, string place) => Resolve(own.Name, place + ".name", scope, 1, place + ".is");

    private Matcher? Compile(Condition condition, string place, RuleScope where, int depth)
    {
        if (IsTooDeep(place, depth))
        {
            return null;
        }

        if (++_conditions > RuleLimits.Conditions)
        {
            if (_conditions == RuleLimits.Conditions + 1)
            {
                errors.Add($"{place}: more than {RuleLimits.Conditions} conditions in one node; put some into nodes below");
            }

            return null;
        }

        if (condition is PatternCondition or HeaderCondition { Matches: not null } && ++_patterns > RuleLimits.Patterns)
        {
            if (_patterns == RuleLimits.Patterns + 1)
            {
                errors.Add($"{place}: more than {RuleLimits.Patterns} regular expressions in one node; join some with |, or use word lists");
            }

            return null;
        }

        return condition switch
        {
            AllCondition all => CompileAll(all.Of, place, where, depth) is { } of ? pool.All(of) : null,
            AnyCondition any => CompileAll(any.Of, place, where, depth) is { } of ? pool.Any(of) : null,
            NotCondition not => CompileNot(not.Of, place + ".of", where, depth) is { } of ? pool.Not(of) : null,
            ObjectCondition named => Resolve(named.Name, place + ".name", where, depth, null),
            _ => CompileLeaf(condition, place, where),
        };
    }

    private Matcher? CompileLeaf(Condition condition, string place, RuleScope where)
    {
        _height = 1;
        return new LeafCompiler(where, pool, errors).Compile(condition, place);
    }

    private Matcher? CompileNot(Condition condition, string place, RuleScope where, int depth)
    {
        var matcher = Compile(condition, place, where, depth + 1);
        _height++;
        return matcher;
    }

    private List<Matcher>? CompileAll(IReadOnlyList<Condition> conditions, string place, RuleScope where, int depth)
    {
        List<Matcher> matchers = [];
        var highest = 0;
        for (var i = 0; i < conditions.Count; i++)
        {
            if (Compile(conditions[i], $"{place}.of[{i}]", where, depth + 1) is { } matcher)
            {
                matchers.Add(matcher);
            }

            highest = Math.Max(highest, _height);
        }

        _height = highest + 1;
        return matchers.Count == conditions.Count ? matchers : null;
    }

    private Matcher? Resolve(string name, string place, RuleScope where, int depth, string? definition)
    {
        if (where.FindObject(name) is not { } found)
        {
            errors.Add($"{place}: there is no object '{name}' here or above; {where.Known(l => l.Objects.Select(o => o.Name))}");
            return null;
        }

        if (definition is null && ReferenceEquals(found.Scope, scope))
        {
            _usedObjects.Add(name);
        }

        var key = (found.Scope, name);
        if (_objects.TryGetValue(key, out var known))
        {
            _height = known.Height;
            return IsTooDeep(place, depth + known.Height) ? null : known.Matcher;
        }

        if (!_inProgress.Add(key))
        {
            errors.Add($"{place}: object '{name}' leads back to itself; take one of the references out");
            return null;
        }

        var matcher = Compile(found.Object.Is, definition ?? PlaceOf(found.Scope, found.Object), found.Scope, depth + 1);
        _inProgress.Remove(key);
        _height++;
        _objects[key] = (matcher, _height);
        return matcher;
    }

    private bool IsTooDeep(string place, int depth)
    {
        if (depth > RuleLimits.Depth)
        {
            errors.Add($"{place}: conditions stand in each other more than {RuleLimits.Depth} deep; make them flatter");
        }

        return depth > RuleLimits.Depth;
    }

    private string PlaceOf(RuleScope owner, PolicyObject found)
    {
        for (var i = 0; i < owner.Layer.Objects.Count; i++)
        {
            if (ReferenceEquals(owner.Layer.Objects[i], found))
            {
                return ReferenceEquals(owner, scope) ? $"objects[{i}].is" : $"objects[{i}].is of {owner.Layer.Node}";
            }
        }

        return $"object {found.Name}";
    }
}
