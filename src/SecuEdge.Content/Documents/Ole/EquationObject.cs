using System.Buffers.Binary;

namespace SecuEdge.Content.Documents.Ole;

/// <summary>
/// Objects of the equation editor and of MathType. Half of all honest papers written before 2018 have them; attacks are the same objects with
/// a formula that no editor writes (CVE-2017-11882, CVE-2018-0802), or with the formula where only the attacked editor looks for it.
/// </summary>
internal static class EquationObject
{
    /// <summary>The evidence of every object of this kind ends so.</summary>
    public const string Name = "equation editor object";

    /// <summary>EQNOLEFILEHDR in front of the formula, then five bytes that begin it.</summary>
    private const int HeaderBytes = 28;

    private const uint HeaderVersion = 0x00020000;

    /// <summary>The largest formulas have some kilobytes.</summary>
    private const int MaxBytes = 64 * 1024;

    /// <summary>MathType 7 still writes version 5.</summary>
    private const byte MaxVersion = 5;

    /// <summary>The record that names a font: kind, typeface, style, name, zero. The editor copied the name into 40 bytes.</summary>
    private const byte FontRecord = 8;

    private const int MaxFontName = 40;

    private static readonly Guid[] Classes =
    [
        new("0002CE02-0000-0000-C000-000000000046"),
        new("0002CE03-0000-0000-C000-000000000046"),
        new("00021700-0000-0000-C000-000000000046"),
        new("0004A6B0-0000-0000-C000-000000000046"),
    ];

    public static bool Has(Guid classId) => Array.IndexOf(Classes, classId) >= 0;

    /// <summary>Names of the class (program ids): Equation.3, Equation.DSMT4, DSEquations.</summary>
    public static bool Has(string programId) =>
        programId.StartsWith("Equation", StringComparison.OrdinalIgnoreCase) || programId.StartsWith("DSEquations", StringComparison.OrdinalIgnoreCase);

    /// <summary>An object with its class but without a formula holds something else for the editor.</summary>
    public static void JudgeStorage(CompoundFile file, CompoundEntry storage, DocumentVisit visit)
    {
        var hasFormula = file.FindIn(storage.Path, "Equation Native") is not null;
        visit.Found(hasFormula ? ActiveContent.EmbeddedFile : ActiveContent.Exploit, hasFormula ? Name : $"no formula: {Name}");
    }

    public static void JudgeFormula(CompoundFile file, CompoundEntry stream, DocumentVisit visit)
    {
        var isSound = stream.Size <= MaxBytes && IsSound(file.Read(stream, MaxBytes));
        visit.Found(isSound ? ActiveContent.EmbeddedFile : ActiveContent.Exploit, isSound ? $"formula: {Name}" : $"malformed formula: {Name}");
    }

    public static bool IsSound(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeaderBytes + 5
            || BinaryPrimitives.ReadUInt16LittleEndian(bytes) != HeaderBytes
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes[2..]) != HeaderVersion
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]) > bytes.Length - HeaderBytes)
        {
            return false;
        }

        // Version, platform (Macintosh, Windows), product (MathType, equation editor).
        var formula = bytes[HeaderBytes..];
        return formula[0] is > 0 and <= MaxVersion && formula[1] <= 1 && formula[2] <= 1 && !HasLongFontName(formula[5..]);
    }

    /// <summary>Not read record by record: whatever the editor could be led to take for a font counts. Honest formulas have a zero every few bytes.</summary>
    private static bool HasLongFontName(ReadOnlySpan<byte> records)
    {
        while (records.IndexOf(FontRecord) is >= 0 and var at)
        {
            records = records[(at + 1)..];
            var name = records.Length > 2 ? records[2..] : default;
            var end = name.IndexOf((byte)0);
            if ((end < 0 ? name.Length : end) > MaxFontName)
            {
                return true;
            }
        }

        return false;
    }
}
