using SecuEdge.Content.Files;

namespace SecuEdge.Content.Documents.Html;

/// <summary>What the scripts of a page are there for, judged by the words that no disguise can do without.</summary>
internal static class ScriptFacts
{
    /// <summary>Words that make a file of data in the browser and save it.</summary>
    private static readonly string[] Assembling =
        ["Blob", "createObjectURL", "msSaveOrOpenBlob", "msSaveBlob", "new File(", "showSaveFilePicker", "saveAs(", ".download", "\"download\"", "data:application/", "webkitURL"];

    /// <summary>Words that make data of text.</summary>
    private static readonly string[] Decoding =
        ["atob", "fromCharCode", "Uint8Array", "charCodeAt", "unescape(", "decodeURIComponent(", ";base64,", "ArrayBuffer", "TextEncoder", "parseInt("];

    /// <summary>Files of text that nothing runs.</summary>
    private static readonly string[] Exported = ["csv", "tsv", "txt", "json", "ics", "vcf", "md"];

    /// <summary>Data as long as this in strings or numbers is a payload whatever it decodes to.</summary>
    private const int MinPayloadChars = 2_000;

    private const int MinPayloadNumbers = 200;

    public static bool IsSmuggling(string code, ScriptText script, ScriptPayloads payloads)
    {
        var assembling = Array.FindAll(Assembling, word => code.Contains(word, StringComparison.Ordinal)).Length;
        var decodes = Array.Exists(Decoding, word => code.Contains(word, StringComparison.Ordinal));
        var hasPayload = payloads.HasFile
            || script.Strings.Exists(text => text.Length >= MinPayloadChars && text.AsSpan().IndexOf(' ') < 0)
            || script.Lists.Exists(text => text.Length >= MinPayloadChars && !text.ToString().Contains(' ', StringComparison.Ordinal))
            || script.Numbers.Exists(numbers => numbers.Length >= MinPayloadNumbers);
        if (!payloads.HasFile && IsExport(code, hasPayload))
        {
            return false;
        }

        return (assembling > 0 && (hasPayload || decodes)) || assembling > 1 || (payloads.HasFile && decodes);
    }

    /// <summary>
    /// Reports with a button that saves their table: text under the name of text, or encoded on the spot what smuggling would decode.
    /// </summary>
    private static bool IsExport(string code, bool hasPayload)
    {
        if (hasPayload || code.Contains("atob", StringComparison.Ordinal) || code.Contains("charCodeAt", StringComparison.Ordinal))
        {
            return false;
        }

        return code.Contains("btoa(", StringComparison.Ordinal)
            || (FileNameOf(code) is { } name ? Array.IndexOf(Exported, FileNames.ExtensionOf(name)) >= 0 : code.Contains("text/csv", StringComparison.Ordinal));
    }

    /// <summary>The page goes elsewhere without a click: <c>location = …</c>, <c>location.href = …</c>, <c>location.replace(…)</c>.</summary>
    public static string? RedirectOf(string code)
    {
        var at = 0;
        while (code.AsSpan(at).IndexOf("location", StringComparison.Ordinal) is >= 0 and var found)
        {
            at += found + "location".Length;
            var rest = code.AsSpan(at, Math.Min(300, code.Length - at)).TrimStart("\"]");
            rest = rest.StartsWith(".href", StringComparison.Ordinal) ? rest[5..] : rest.StartsWith("[\"href\"]", StringComparison.Ordinal) ? rest[8..] : rest;
            if ((rest.StartsWith("=", StringComparison.Ordinal) && !rest.StartsWith("==", StringComparison.Ordinal))
                || rest.StartsWith(".replace(", StringComparison.Ordinal) || rest.StartsWith(".assign(", StringComparison.Ordinal)
                || rest.StartsWith("[\"replace\"](", StringComparison.Ordinal) || rest.StartsWith("[\"assign\"](", StringComparison.Ordinal))
            {
                return rest[..Math.Min(150, rest.Length)].ToString();
            }
        }

        return null;
    }

    /// <summary>A password field that the script writes into the page.</summary>
    public static bool WritesPasswordField(string code) =>
        code.Contains("type=\"password\"", StringComparison.OrdinalIgnoreCase) || code.Contains("type='password'", StringComparison.OrdinalIgnoreCase)
        || code.Contains("type=password", StringComparison.OrdinalIgnoreCase);

    /// <summary>The name under which the file would be saved.</summary>
    public static string? FileNameOf(string code)
    {
        foreach (var mark in (ReadOnlySpan<string>)[".download=\"", "\"download\",\"", "\"download\"]=\"", "msSaveOrOpenBlob(", "msSaveBlob(", "saveAs(", "new File("])
        {
            if (code.IndexOf(mark, StringComparison.Ordinal) is >= 0 and var at)
            {
                var rest = code.AsSpan(at + mark.Length, Math.Min(400, code.Length - at - mark.Length));
                var quote = mark[^1] == '"' ? 0 : rest.IndexOf('"') + 1;
                var end = rest[quote..].IndexOf('"');
                if ((quote > 0 || mark[^1] == '"') && end is > 0 and < 260)
                {
                    return rest.Slice(quote, end).ToString();
                }
            }
        }

        return null;
    }
}
