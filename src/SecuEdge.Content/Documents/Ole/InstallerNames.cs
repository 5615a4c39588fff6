using System.Text;

namespace SecuEdge.Content.Documents.Ole;

/// <summary>Names in Windows Installer files: two characters of an alphabet of 64 are packed into one of a range that nobody writes in.</summary>
internal static class InstallerNames
{
    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._";
    private const char FirstPair = '\u3800';
    private const char FirstSingle = '\u4800';
    private const char TableMark = '\u4840';

    public static string Decode(string name)
    {
        if (name.AsSpan().IndexOfAnyInRange(FirstPair, TableMark) < 0)
        {
            return name;
        }

        var text = new StringBuilder(name.Length * 2);
        foreach (var character in name)
        {
            _ = character switch
            {
                >= FirstPair and < FirstSingle => text.Append(Alphabet[(character - FirstPair) & 63]).Append(Alphabet[(character - FirstPair) >> 6]),
                >= FirstSingle and < TableMark => text.Append(Alphabet[character - FirstSingle]),
                TableMark => text.Append('!'),
                _ => text.Append(character),
            };
        }

        return text.ToString();
    }
}
