using System.Text;

namespace SecuEdge.Cage.Tests.Yara;

/// <summary>Bytes that one of our rules must find. All are made here; none works.</summary>
internal sealed record RuleVector(string Rule, byte[] Bytes, string FileName = "")
{
    /// <summary>Characters are bytes (Latin-1), so that text and binary vectors are written alike.</summary>
    public RuleVector(string rule, string text, string fileName = "")
        : this(rule, Encoding.Latin1.GetBytes(text), fileName)
    {
    }

    public static IReadOnlyList<RuleVector> All { get; } = [.. MacroVectors.All, .. DocumentVectors.All, .. ShortcutVectors.All, .. WebVectors.All, .. ScriptVectors.All, .. FileVectors.All];

    public static string Repeat(string text, int count) => string.Concat(Enumerable.Repeat(text, count));

    /// <summary>Two bytes a letter, as Windows writes text.</summary>
    public static string Wide(string text) => Encoding.Latin1.GetString(Encoding.Unicode.GetBytes(text));

    /// <summary>Two digits a byte, as RTF writes objects.</summary>
    public static string Hex(string text) => Convert.ToHexStringLower(Encoding.Latin1.GetBytes(text));

    public override string ToString() => Rule;
}
