namespace SecuEdge.Smtp.Parsing;

/// <summary>Parser of paths and addresses (RFC 5321 §4.1.2, RFC 6531 §3.3).</summary>
public static class MailPathParser
{
    public static bool TryParseAddress(string text, out MailPath path) => throw new NotImplementedException(text);

    public static string QuoteLocalPart(string localPart) => throw new NotImplementedException(localPart);
}
