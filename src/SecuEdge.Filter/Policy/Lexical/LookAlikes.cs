using System.Collections.Frozen;

namespace SecuEdge.Filter.Policy.Lexical;

/// <summary>
/// Letters of other scripts that look like Latin ones (Unicode confusables, UTS #39), as the Latin letter. Words of a list go the same way, so
/// that Cyrillic and Greek words still find themselves; a capital and its small letter stay one letter, whichever of them looks Latin.
/// </summary>
internal static class LookAlikes
{
    private static readonly FrozenDictionary<char, char> ToLatin = Pairs().ToFrozenDictionary();

    /// <param name="folded">Lower case.</param>
    public static string Latin(string folded)
    {
        foreach (var c in folded)
        {
            if (ToLatin.ContainsKey(c))
            {
                return string.Create(folded.Length, folded, (target, source) =>
                {
                    for (var i = 0; i < source.Length; i++)
                    {
                        target[i] = ToLatin.GetValueOrDefault(source[i], source[i]);
                    }
                });
            }
        }

        return folded;
    }

    private static IEnumerable<KeyValuePair<char, char>> Pairs() =>
        Of("авекмнорстухѕіјһԁԛԝүӏ", "abekmhopctyxsijhdqwyl")
            .Concat(Of("αβεζηικμνορτυχ", "abezhikmvoptux"))
            .Concat(Of("օսոհ", "ounh"))
            .Concat(Of("ɑɡɩıɪᴀʙᴄᴅᴇꜰɢʜᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ", "agiiiabcdefghjklmnoprstuvwyz"));

    private static IEnumerable<KeyValuePair<char, char>> Of(string like, string latin) => like.Zip(latin, KeyValuePair.Create);
}
