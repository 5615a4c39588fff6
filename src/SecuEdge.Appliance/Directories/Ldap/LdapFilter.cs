using System.Formats.Asn1;
using System.Globalization;
using System.Text;

namespace SecuEdge.Appliance.Directories.Ldap;

/// <summary>A search filter as people write it, <c>(&amp;(objectClass=person)(mail=*))</c>, in the bytes that servers read (RFC 4515, RFC 4511 §4.5.1.7).</summary>
internal sealed class LdapFilter
{
    /// <summary>Far above what people write; deeper ones would only serve to fill the stack.</summary>
    private const int MaxDepth = 32;
    private const int MaxChars = 4000;

    private readonly byte[] _encoded;

    private LdapFilter(byte[] encoded) => _encoded = encoded;

    public ReadOnlySpan<byte> Encoded => _encoded;

    /// <returns>The filter, or what is wrong with it and where.</returns>
    public static (LdapFilter? Filter, string Trouble) Parse(string text)
    {
        if (text.Length is 0 or > MaxChars)
        {
            return (null, $"is {(text.Length == 0 ? "empty" : $"longer than {MaxChars} characters")}; write one such as (mail=*)");
        }

        var parser = new Parser(text);
        return parser.Run() is { } trouble ? (null, trouble) : (new LdapFilter(parser.Encode()), "");
    }

    /// <summary>For tests and for filters we make ourselves: they are right.</summary>
    public static LdapFilter Of(string text) => Parse(text) is { Filter: { } filter } ? filter : throw new ArgumentException($"'{text}' is no filter", nameof(text));

    private sealed class Parser(string text)
    {
        private readonly AsnWriter _writer = new(AsnEncodingRules.BER);
        private int _at;
        private string? _trouble;

        public string? Run()
        {
            if (Item(0) && _at < text.Length)
            {
                Fail("something follows the last bracket");
            }

            return _trouble;
        }

        public byte[] Encode() => _writer.Encode();

        private bool Fail(string what)
        {
            _trouble ??= $"is wrong at character {_at + 1}: {what}";
            return false;
        }

        private bool Item(int depth)
        {
            if (depth > MaxDepth)
            {
                return Fail($"more than {MaxDepth} brackets inside each other");
            }

            if (!Take('('))
            {
                return Fail("expected (");
            }

            if (_at >= text.Length)
            {
                return Fail("the filter ends here");
            }

            var isRight = text[_at] switch
            {
                '&' => Group(0, depth),
                '|' => Group(1, depth),
                '!' => Not(depth),
                _ => Comparison(),
            };
            return isRight && (Take(')') || Fail("expected )"));
        }

        private bool Group(int tag, int depth)
        {
            _at++;
            using (_writer.PushSequence(Context(tag)))
            {
                do
                {
                    if (!Item(depth + 1))
                    {
                        return false;
                    }
                }
                while (_at < text.Length && text[_at] == '(');
            }

            return true;
        }

        private bool Not(int depth)
        {
            _at++;
            using (_writer.PushSequence(Context(2)))
            {
                return Item(depth + 1);
            }
        }

        private bool Comparison()
        {
            var start = _at;
            while (_at < text.Length && text[_at] is not ('=' or '(' or ')'))
            {
                _at++;
            }

            if (_at >= text.Length || text[_at] != '=')
            {
                return Fail("expected = after the name of an attribute");
            }

            var sign = text[_at - 1];
            var name = text[start..(sign is '>' or '<' or '~' or ':' && _at > start ? _at - 1 : _at)];
            _at++;
            if (sign == ':')
            {
                return Extensible(name);
            }

            if (!IsAttribute(name))
            {
                return Fail($"'{name}' is not the name of an attribute");
            }

            return sign switch
            {
                '>' => Simple(5, name),
                '<' => Simple(6, name),
                '~' => Simple(8, name),
                _ => EqualOrPart(name),
            };
        }

        private bool Simple(int tag, string name)
        {
            if (!Value(out var parts) || parts.Count != 1)
            {
                return Fail("* is not allowed here");
            }

            using (_writer.PushSequence(Context(tag)))
            {
                _writer.WriteOctetString(Encoding.UTF8.GetBytes(name));
                _writer.WriteOctetString(parts[0]);
            }

            return true;
        }

        private bool EqualOrPart(string name)
        {
            if (!Value(out var parts))
            {
                return false;
            }

            if (parts.Count == 1)
            {
                return Pair(3, name, parts[0]);
            }

            if (parts.Count == 2 && parts.All(p => p.Length == 0))
            {
                _writer.WriteOctetString(Encoding.UTF8.GetBytes(name), new Asn1Tag(TagClass.ContextSpecific, 7));
                return true;
            }

            if (parts.Skip(1).SkipLast(1).Any(p => p.Length == 0))
            {
                return Fail("two * without anything between them");
            }

            using (_writer.PushSequence(Context(4)))
            {
                _writer.WriteOctetString(Encoding.UTF8.GetBytes(name));
                using (_writer.PushSequence())
                {
                    for (var i = 0; i < parts.Count; i++)
                    {
                        if (parts[i].Length > 0)
                        {
                            _writer.WriteOctetString(parts[i], new Asn1Tag(TagClass.ContextSpecific, i == 0 ? 0 : i == parts.Count - 1 ? 2 : 1));
                        }
                    }
                }
            }

            return true;
        }

        private bool Pair(int tag, string name, byte[] value)
        {
            using (_writer.PushSequence(Context(tag)))
            {
                _writer.WriteOctetString(Encoding.UTF8.GetBytes(name));
                _writer.WriteOctetString(value);
            }

            return true;
        }

        /// <summary><c>memberOf:1.2.840.113556.1.4.1941:=cn=…</c>, as Active Directory's administrators write it.</summary>
        private bool Extensible(string name)
        {
            List<string> words = [.. name.Split(':')];
            var isOverNames = words.Count > 1 && words.Skip(1).Contains("dn");
            var rule = words.Skip(1).FirstOrDefault(w => w != "dn") ?? "";
            if ((words[0].Length == 0 && rule.Length == 0) || (words[0].Length > 0 && !IsAttribute(words[0])) || (rule.Length > 0 && !IsAttribute(rule)) || words.Count > 3)
            {
                return Fail($"'{name}' is no attribute with a matching rule");
            }

            if (!Value(out var parts) || parts.Count != 1)
            {
                return Fail("* is not allowed here");
            }

            using (_writer.PushSequence(Context(9)))
            {
                WriteText(1, rule);
                WriteText(2, words[0]);
                _writer.WriteOctetString(parts[0], new Asn1Tag(TagClass.ContextSpecific, 3));
                if (isOverNames)
                {
                    _writer.WriteBoolean(true, new Asn1Tag(TagClass.ContextSpecific, 4));
                }
            }

            return true;
        }

        private void WriteText(int tag, string value)
        {
            if (value.Length > 0)
            {
                _writer.WriteOctetString(Encoding.UTF8.GetBytes(value), new Asn1Tag(TagClass.ContextSpecific, tag));
            }
        }

        /// <summary>Up to the closing bracket: the pieces between the stars.</summary>
        private bool Value(out List<byte[]> parts)
        {
            parts = [];
            var piece = new MemoryStream();
            while (_at < text.Length && text[_at] is not (')' or '('))
            {
                if (text[_at] == '*')
                {
                    parts.Add(piece.ToArray());
                    piece.SetLength(0);
                    _at++;
                }
                else if (text[_at] == '\\')
                {
                    if (_at + 2 >= text.Length || !byte.TryParse(text.AsSpan(_at + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
                    {
                        return Fail("after \\ come two hexadecimal digits, such as \\2a for *");
                    }

                    piece.WriteByte(value);
                    _at += 3;
                }
                else
                {
                    var length = char.IsHighSurrogate(text[_at]) && _at + 1 < text.Length ? 2 : 1;
                    piece.Write(Encoding.UTF8.GetBytes(text, _at, length));
                    _at += length;
                }
            }

            parts.Add(piece.ToArray());
            return true;
        }

        private bool Take(char expected)
        {
            if (_at >= text.Length || text[_at] != expected)
            {
                return false;
            }

            _at++;
            return true;
        }

        private static Asn1Tag Context(int value) => new(TagClass.ContextSpecific, value, isConstructed: true);

        private static bool IsAttribute(string name) => name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or ';' or '_');
    }
}
