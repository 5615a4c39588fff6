using System.Text.Json;
using SecuEdge.Store.Files;

namespace SecuEdge.Store.Settings;

/// <summary>The API tokens, <c>settings/tokens.json</c>.</summary>
internal sealed class TokenFile(IFileSystem files, string folder)
{
    private string FilePath => Path.Combine(folder, "tokens.json");

    public void Write(List<TokenRecord> tokens) =>
        DurableFile.Write(files, FilePath, JsonSerializer.SerializeToUtf8Bytes(tokens, StoreJson.Default.ListTokenRecord));

    /// <summary>Null when there is no readable file.</summary>
    public List<TokenRecord>? Read(List<string> notes)
    {
        if (!files.Exists(FilePath))
        {
            return null;
        }

        try
        {
            return StoreJson.ReadTokens(files.ReadAll(FilePath));
        }
        catch (Exception e) when (e is JsonException || DurableFile.IsDiskTrouble(e))
        {
            notes.Add($"Settings: tokens.json cannot be read ({e.Message.TrimEnd('.')}).");
            return null;
        }
    }
}
