namespace SecuEdge.Smtp;

/// <summary>
/// A reverse-path or recipient as RFC 5321 §4.1.2 writes it, without source route and angle brackets. Parsed once at the wire
/// (<see cref="Parsing.MailPathParser"/>); everything behind the wire passes this record and no raw strings.
/// </summary>
/// <param name="LocalPart">Unquoted content of the local part, case kept (RFC 5321 §2.4: only the owner may fold it).</param>
/// <param name="Domain">Lower-case domain (U-labels kept as received, RFC 6531) or address literal; empty for <c>&lt;postmaster&gt;</c> and the null path.</param>
public sealed record MailPath(string LocalPart, string Domain)
{
    /// <summary>The null reverse-path <c>&lt;&gt;</c> of delivery reports: nobody is told when such a message fails.</summary>
    public static MailPath Null { get; } = new("", "");

    public bool IsNull => LocalPart.Length == 0 && Domain.Length == 0;

    /// <summary>Whether it needs SMTPUTF8 (RFC 6531 §3.2).</summary>
    public bool IsInternational => !System.Text.Ascii.IsValid(LocalPart) || !System.Text.Ascii.IsValid(Domain);

    /// <summary>Parses an address without angle brackets, as configuration, API and message log write it; the empty string is the null path.</summary>
    public static bool TryParse(string text, out MailPath path) => Parsing.MailPathParser.TryParseAddress(text, out path);

    /// <summary>The address as the wire needs it (local part quoted where necessary), without angle brackets; empty for the null path.</summary>
    public override string ToString() => IsNull ? "" : Domain.Length == 0 ? QuotedLocalPart : $"{QuotedLocalPart}@{Domain}";

    private string QuotedLocalPart => Parsing.MailPathParser.QuoteLocalPart(LocalPart);
}
