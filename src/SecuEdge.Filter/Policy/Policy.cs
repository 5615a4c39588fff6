using SecuEdge.Smtp;

namespace SecuEdge.Filter.Policy;

/// <summary>From findings to one verdict per recipient. Pure: the same input gives the same verdict, today and in a back-test.</summary>
public static class Policy
{
    public static Verdict Decide(IReadOnlyList<Finding> findings, TenantPolicy policy, Direction direction, MailPath recipient) =>
        throw new NotImplementedException($"{findings} {policy} {direction} {recipient}");
}
