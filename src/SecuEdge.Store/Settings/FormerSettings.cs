using System.Text.Json;
using LiteDB;
using Microsoft.Extensions.Logging;
using SecuEdge.Store.Files;
using SecuEdge.Store.LiteDb;
using JsonException = System.Text.Json.JsonException;

namespace SecuEdge.Store.Settings;

/// <summary>
/// The settings of an appliance from before the journal: whole sites in <c>settings/site-000012.json</c> and <c>config.db</c>. Read once; the files
/// stay, so that an administrator can go back to the former version.
/// </summary>
internal static class FormerSettings
{
    public const string TenantPrefix = "tenant/";

    /// <summary>The revisions as changes of documents, oldest first, and the tokens of the database.</summary>
    public static async Task<(IReadOnlyList<(RevisionHeader Header, IReadOnlyList<DocumentWrite> Writes)> Revisions, List<TokenRecord> Tokens)> ReadAsync(
        StoreOptions options, string folder, TimeProvider timeProvider, ILogger logger, List<string> notes)
    {
        var sites = ReadFiles(options.Files, folder, notes);
        var tokens = await ReadDatabaseAsync(options, timeProvider, logger, sites, notes);
        var changes = new List<(RevisionHeader Header, IReadOnlyList<DocumentWrite> Writes)>();
        var before = new Dictionary<string, string>();
        foreach (var site in sites.Values)
        {
            var after = Documents(site.Json);
            List<DocumentWrite> writes =
            [
                .. after.Where(d => before.GetValueOrDefault(d.Key) != d.Value).Select(d => new DocumentWrite(d.Key, d.Value)),
                .. before.Keys.Where(name => !after.ContainsKey(name)).Select(name => new DocumentWrite(name, null)),
            ];
            changes.Add((new RevisionHeader(site.Number, site.At, site.Author, site.Comment, [.. writes.Select(w => w.Document)]), writes));
            before = after;
        }

        return (changes, tokens);
    }

    private static Dictionary<string, string> Documents(string siteJson)
    {
        using var site = JsonDocument.Parse(siteJson);
        return site.RootElement.TryGetProperty("tenants", out var tenants)
            ? tenants.EnumerateArray().ToDictionary(t => TenantPrefix + t.GetProperty("name").GetString(), t => JournalLine.Compact(t.GetRawText()))
            : [];
    }

    private static SortedDictionary<int, FormerSite> ReadFiles(IFileSystem files, string folder, List<string> notes)
    {
        var sites = new SortedDictionary<int, FormerSite>();
        foreach (var path in files.List(folder).Where(p => Path.GetFileName(p).StartsWith("site-", StringComparison.Ordinal) && p.EndsWith(".json", StringComparison.Ordinal)))
        {
            try
            {
                using var document = JsonDocument.Parse(files.ReadAll(path));
                var root = document.RootElement;
                var site = new FormerSite(
                    root.GetProperty("number").GetInt32(),
                    root.GetProperty("at").GetDateTimeOffset(),
                    root.GetProperty("author").GetString() ?? "",
                    root.GetProperty("comment").GetString() ?? "",
                    root.GetProperty("site").GetRawText());
                sites[site.Number] = site;
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException || DurableFile.IsDiskTrouble(e))
            {
                notes.Add($"Settings: the former revision {Path.GetFileName(path)} cannot be read ({e.Message.TrimEnd('.')}).");
            }
        }

        return sites;
    }

    /// <summary>Adds the revisions that have no file any more.</summary>
    private static async Task<List<TokenRecord>> ReadDatabaseAsync(
        StoreOptions options, TimeProvider timeProvider, ILogger logger, SortedDictionary<int, FormerSite> sites, List<string> notes)
    {
        var path = Path.Combine(options.DataFolder, "config.db");
        if (!options.Files.Exists(path))
        {
            return [];
        }

        try
        {
            await using var database = LiteDbWriter.Open(path, _ => { }, options.Files, timeProvider, logger);
            foreach (var site in database.Read(d => d.GetCollection("revisions").FindAll().Select(ToSite).ToList()))
            {
                sites.TryAdd(site.Number, site);
            }

            return database.Read(d => d.GetCollection("tokens").FindAll().Select(ToToken).ToList());
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            notes.Add($"Settings: the former config.db cannot be read ({e.Message.TrimEnd('.')}); the files beside it were used.");
            return [];
        }
    }

    private static FormerSite ToSite(BsonDocument document) => new(
        document["_id"].AsInt32,
        new DateTimeOffset(document["at"].AsInt64, TimeSpan.Zero),
        document["author"].AsString,
        document["comment"].AsString,
        document["json"].AsString);

    private static TokenRecord ToToken(BsonDocument document) =>
        new(document["_id"].AsString, document["hash"].AsString, new DateTimeOffset(document["at"].AsInt64, TimeSpan.Zero));

    private sealed record FormerSite(int Number, DateTimeOffset At, string Author, string Comment, string Json);
}
