using System.Globalization;
using System.Text.Json;
using SecuEdge.Store.Files;

namespace SecuEdge.Store.Settings;

/// <summary>
/// The settings as plain files: <c>site-000012.json</c> for each of the last revisions, and <c>tokens.json</c>. A person can read them, and
/// the database can be made again from them.
/// </summary>
internal sealed class RevisionFiles(IFileSystem files, string folder)
{
    // 50: some weeks of daily changes, at a few kilobytes each.
    private const int Kept = 50;
    private const string Prefix = "site-";

    public string TokenPath => Path.Combine(folder, "tokens.json");

    public void Prepare() => DurableFile.CreateFolder(files, folder);

    public void Write(SiteRevision revision)
    {
        using var buffer = new PooledBuffer(16 << 10);
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            writer.WriteStartObject();
            writer.WriteNumber("number", revision.Number);
            writer.WriteString("at", revision.At);
            writer.WriteString("author", revision.Author);
            writer.WriteString("comment", revision.Comment);
            writer.WritePropertyName("site");
            writer.WriteRawValue(revision.Json);
            writer.WriteEndObject();
        }

        DurableFile.Write(files, PathOf(revision.Number), buffer.Written.Span);
        files.Delete(PathOf(revision.Number - Kept));
    }

    /// <summary>All readable revisions by number; an unreadable one becomes a note.</summary>
    public SortedDictionary<int, SiteRevision> ReadAll(List<string> notes)
    {
        var revisions = new SortedDictionary<int, SiteRevision>();
        foreach (var path in files.List(folder))
        {
            var name = Path.GetFileName(path);
            if (!name.StartsWith(Prefix, StringComparison.Ordinal) || !name.EndsWith(".json", StringComparison.Ordinal))
            {
                continue;
            }

            try
            {
                var revision = Read(path);
                revisions[revision.Number] = revision;
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException || DurableFile.IsDiskTrouble(e))
            {
                notes.Add($"Settings: the copy {name} cannot be read ({e.Message.TrimEnd('.')}).");
            }
        }

        return revisions;
    }

    public void WriteTokens(List<TokenRecord> tokens) =>
        DurableFile.Write(files, TokenPath, JsonSerializer.SerializeToUtf8Bytes(tokens, StoreJson.Default.ListTokenRecord));

    /// <summary>Null when there is no readable file.</summary>
    public List<TokenRecord>? ReadTokens(List<string> notes)
    {
        if (!files.Exists(TokenPath))
        {
            return null;
        }

        try
        {
            return StoreJson.ReadTokens(files.ReadAll(TokenPath));
        }
        catch (Exception e) when (e is JsonException || DurableFile.IsDiskTrouble(e))
        {
            notes.Add($"Settings: tokens.json cannot be read ({e.Message.TrimEnd('.')}).");
            return null;
        }
    }

    private SiteRevision Read(string path)
    {
        using var document = JsonDocument.Parse(files.ReadAll(path));
        var root = document.RootElement;
        return new SiteRevision(
            root.GetProperty("number").GetInt32(),
            root.GetProperty("at").GetDateTimeOffset(),
            root.GetProperty("author").GetString() ?? "",
            root.GetProperty("comment").GetString() ?? "",
            root.GetProperty("site").GetRawText());
    }

    private string PathOf(int number) => Path.Combine(folder, $"{Prefix}{number.ToString("d6", CultureInfo.InvariantCulture)}.json");
}
