using System.Formats.Asn1;
using System.Text;

namespace SecuEdge.Appliance.Directories.Ldap;

/// <summary>One object of a directory as a search returns it.</summary>
/// <param name="Name">Its distinguished name.</param>
/// <param name="Attributes">As the server calls them, with options: <c>member;range=0-1499</c>.</param>
internal sealed record LdapEntry(string Name, IReadOnlyList<KeyValuePair<string, IReadOnlyList<string>>> Attributes)
{
    /// <summary>Values of an attribute, whatever the case of its name; empty when it is not there.</summary>
    public IReadOnlyList<string> Values(string attribute) =>
        Attributes.FirstOrDefault(a => a.Key.Equals(attribute, StringComparison.OrdinalIgnoreCase)).Value ?? [];

    /// <summary>The first value of an attribute; empty when it is not there.</summary>
    public string Value(string attribute) => Values(attribute) is [var first, ..] ? first : "";
}

/// <summary>What a search asks.</summary>
/// <param name="IsBaseOnly">Only the object named by the base, not what is below it.</param>
internal sealed record LdapSearch(string Base, LdapFilter Filter, IReadOnlyList<string> Attributes, bool IsBaseOnly = false);

/// <summary>A message of the server: an entry, or the end of what was asked.</summary>
/// <param name="Entry">Null when it is not an entry.</param>
/// <param name="Result">Null as long as more follows.</param>
internal sealed record LdapMessage(int Id, LdapEntry? Entry, LdapResult? Result);

/// <summary>How the server ended what was asked (RFC 4511 §4.1.9).</summary>
/// <param name="MatchedName">For a base that is not there: the nearest object above it that is.</param>
/// <param name="Cookie">Where the next page begins; empty when there is none.</param>
internal sealed record LdapResult(int Code, string MatchedName, string Diagnostic, IReadOnlyList<string> Referrals, byte[] Cookie);

/// <summary>The few messages of LDAP that reading a directory takes, in BER (RFC 4511). Pure.</summary>
internal static class LdapMessages
{
    /// <summary>RFC 2696.</summary>
    private const string PagedResults = "1.2.840.113556.1.4.319";

    /// <summary>RFC 4511 §4.14.1.</summary>
    private const string StartTlsName = "1.3.6.1.4.1.1466.20037";

    public static byte[] Bind(int id, string name, string password) => Message(id, writer =>
    {
        using (writer.PushSequence(Application(0)))
        {
            writer.WriteInteger(3);
            writer.WriteOctetString(Encoding.UTF8.GetBytes(name));
            writer.WriteOctetString(Encoding.UTF8.GetBytes(password), new Asn1Tag(TagClass.ContextSpecific, 0));
        }
    });

    public static byte[] StartTls(int id) => Message(id, writer =>
    {
        using (writer.PushSequence(Application(23)))
        {
            writer.WriteOctetString(Encoding.ASCII.GetBytes(StartTlsName), new Asn1Tag(TagClass.ContextSpecific, 0));
        }
    });

    public static byte[] Unbind(int id) => Message(id, writer => writer.WriteNull(new Asn1Tag(TagClass.Application, 2)));

    /// <param name="cookie">Of the page before; empty for the first.</param>
    public static byte[] Search(int id, LdapSearch search, int pageSize, ReadOnlyMemory<byte> cookie, TimeSpan timeLimit) => Message(
        id,
        writer =>
        {
            using (writer.PushSequence(Application(3)))
            {
                writer.WriteOctetString(Encoding.UTF8.GetBytes(search.Base));
                writer.WriteEnumeratedValue(search.IsBaseOnly ? Scope.Base : Scope.Subtree);
                writer.WriteEnumeratedValue(Dereference.Never);
                writer.WriteInteger(0);
                writer.WriteInteger((int)timeLimit.TotalSeconds);
                writer.WriteBoolean(false);
                writer.WriteEncodedValue(search.Filter.Encoded);
                using (writer.PushSequence())
                {
                    foreach (var attribute in search.Attributes)
                    {
                        writer.WriteOctetString(Encoding.UTF8.GetBytes(attribute));
                    }
                }
            }
        },
        writer =>
        {
            if (search.IsBaseOnly)
            {
                return;
            }

            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0, isConstructed: true)))
            using (writer.PushSequence())
            {
                writer.WriteOctetString(Encoding.ASCII.GetBytes(PagedResults));
                var value = new AsnWriter(AsnEncodingRules.BER);
                using (value.PushSequence())
                {
                    value.WriteInteger(pageSize);
                    value.WriteOctetString(cookie.Span);
                }

                writer.WriteOctetString(value.Encode());
            }
        });

    /// <summary>Null when the bytes are no message that a server may send.</summary>
    public static LdapMessage? Read(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            var message = new AsnReader(bytes, AsnEncodingRules.BER).ReadSequence();
            if (!message.TryReadInt32(out var id))
            {
                return null;
            }

            var operation = message.PeekTag();
            if (operation.TagClass != TagClass.Application)
            {
                return null;
            }

            return operation.TagValue switch
            {
                4 => new LdapMessage(id, ReadEntry(message.ReadSequence(operation)), null),
                // References to other servers inside of a search: not followed.
                19 => new LdapMessage(id, null, null),
                1 or 5 or 24 => new LdapMessage(id, null, ReadResult(message, operation)),
                _ => null,
            };
        }
        catch (AsnContentException)
        {
            return null;
        }
    }

    private static LdapEntry ReadEntry(AsnReader entry)
    {
        var name = Text(entry.ReadOctetString());
        List<KeyValuePair<string, IReadOnlyList<string>>> attributes = [];
        var list = entry.ReadSequence();
        while (list.HasData)
        {
            var attribute = list.ReadSequence();
            var type = Text(attribute.ReadOctetString());
            List<string> values = [];
            var set = attribute.ReadSetOf();
            while (set.HasData)
            {
                values.Add(Text(set.ReadOctetString()));
            }

            attributes.Add(new(type, values));
        }

        return new LdapEntry(name, attributes);
    }

    private static LdapResult ReadResult(AsnReader message, Asn1Tag operation)
    {
        var result = message.ReadSequence(operation);
        var code = (int)new System.Numerics.BigInteger(result.ReadEnumeratedBytes().Span, isUnsigned: true, isBigEndian: true);
        var matched = Text(result.ReadOctetString());
        var diagnostic = Text(result.ReadOctetString());
        List<string> referrals = [];
        var referral = new Asn1Tag(TagClass.ContextSpecific, 3, isConstructed: true);
        if (result.HasData && result.PeekTag() == referral)
        {
            var list = result.ReadSequence(referral);
            while (list.HasData)
            {
                referrals.Add(Text(list.ReadOctetString()));
            }
        }

        return new LdapResult(code, matched, diagnostic, referrals, ReadCookie(message));
    }

    private static byte[] ReadCookie(AsnReader message)
    {
        var controls = new Asn1Tag(TagClass.ContextSpecific, 0, isConstructed: true);
        if (!message.HasData || message.PeekTag() != controls)
        {
            return [];
        }

        var list = message.ReadSequence(controls);
        while (list.HasData)
        {
            var control = list.ReadSequence();
            if (Text(control.ReadOctetString()) != PagedResults)
            {
                continue;
            }

            if (control.HasData && control.PeekTag() == Asn1Tag.Boolean)
            {
                control.ReadBoolean();
            }

            if (control.HasData)
            {
                var value = new AsnReader(control.ReadOctetString(), AsnEncodingRules.BER).ReadSequence();
                value.ReadInteger();
                return value.ReadOctetString();
            }
        }

        return [];
    }

    private static byte[] Message(int id, Action<AsnWriter> operation, Action<AsnWriter>? controls = null)
    {
        var writer = new AsnWriter(AsnEncodingRules.BER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(id);
            operation(writer);
            controls?.Invoke(writer);
        }

        return writer.Encode();
    }

    private static Asn1Tag Application(int value) => new(TagClass.Application, value, isConstructed: true);

    // Binary values, such as photographs, are not asked for; what is no UTF-8 shows as replacement characters.
    private static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);

    private enum Scope
    {
        Base = 0,
        Subtree = 2,
    }

    private enum Dereference
    {
        Never = 0,
    }
}
