namespace SecuEdge.Smtp.Parsing;

/// <summary>The argument of MAIL and RCPT: <c>FROM:</c> or <c>TO:</c>, a path, and ESMTP parameters (RFC 5321 §4.1.1.2, §4.1.1.3).</summary>
internal static class PathArgument
{
    /// <summary>Splits the argument. Spaces after the colon are outside the grammar, but common in scripts and devices.</summary>
    public static bool TryParse(ReadOnlySpan<char> argument, string prefix, out MailPath path, out ReadOnlySpan<char> parameters)
    {
        path = MailPath.Null;
        parameters = default;
        if (!argument.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        var rest = argument[prefix.Length..].TrimStart(' ');
        if (!MailPathParser.TryParsePath(rest, out path, out var length) || (length < rest.Length && rest[length] != ' '))
        {
            return false;
        }

        parameters = rest[length..];
        return true;
    }
}
