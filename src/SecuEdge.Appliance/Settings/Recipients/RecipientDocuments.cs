using System.Collections.ObjectModel;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using SecuEdge.Store.Settings;

namespace SecuEdge.Appliance.Settings.Recipients;

/// <summary>
/// How a <see cref="RecipientBook"/> is stored. The tenant's document says in the place of the list
/// <c>{"pieces":256,"count":60000,"digest":"…"}</c>, and each piece is a document <c>recipients/acme/acme.example/00af</c>. With the digest every
/// change of a piece changes the tenant's document too, whose revision is the tenant's; and a version that knows no pieces cannot take the
/// domain for one without mailboxes.
/// </summary>
internal static class RecipientDocuments
{
    private const string Prefix = "recipients/";

    public static bool IsPiece(string document) => document.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>The tenant of a piece.</summary>
    public static string TenantOf(string piece) => piece[Prefix.Length..piece.IndexOf('/', Prefix.Length)];

    /// <summary>What must be written for a tenant to say what it says now: new pieces, and those that nobody needs any more.</summary>
    /// <param name="stored">Pieces of the tenant in the store.</param>
    public static IEnumerable<DocumentWrite> Writes(string tenant, Tenant? before, Tenant? after, IReadOnlySet<string> stored)
    {
        var shared = BooksOf(before).SelectMany(b => b.Book.Pieces).ToHashSet();
        var needed = new HashSet<string>();
        foreach (var (domain, book) in BooksOf(after))
        {
            for (var i = 0; i < book.Pieces.Count; i++)
            {
                var name = NameOf(tenant, domain, i);
                needed.Add(name);
                if (!shared.Contains(book.Pieces[i]) || !stored.Contains(name))
                {
                    yield return new DocumentWrite(name, book.Pieces[i].Write());
                }
            }
        }

        foreach (var name in stored.Where(name => !needed.Contains(name)))
        {
            yield return new DocumentWrite(name, null);
        }
    }

    /// <summary>The tenant with its books put together.</summary>
    /// <returns>What is missing or damaged; empty when all is there.</returns>
    public static (Tenant Tenant, string Trouble) Resolve(Tenant tenant, IReadOnlyDictionary<string, SettingsDocument> documents)
    {
        if (!tenant.Domains.Any(d => d.Recipients is Summary))
        {
            return (RecipientBook.Keep(tenant, null), "");
        }

        var trouble = "";
        var domains = new List<Domain>();
        foreach (var domain in tenant.Domains)
        {
            if (domain.Recipients is not Summary summary)
            {
                domains.Add(domain);
            }
            else if (Read(summary, tenant.Name, domain.Name, documents) is { } book)
            {
                domains.Add(domain with { Recipients = book });
            }
            else
            {
                trouble = $"domains[{domain.Name}].recipients: the stored list of {summary.Length} mailboxes is not complete";
            }
        }

        return (RecipientBook.Keep(tenant with { Domains = domains }, null), trouble);
    }

    /// <summary>A stored tenant as people know it, to compare two revisions: of long lists only what is in the pieces that the revision changed.</summary>
    /// <param name="pieces">Name and content.</param>
    public static void ShowPieces(JsonNode? tenant, string name, IReadOnlyDictionary<string, string> pieces)
    {
        foreach (var domain in (tenant?["domains"] as JsonArray ?? []).OfType<JsonObject>().Where(d => d["recipients"] is JsonObject))
        {
            var own = $"{Prefix}{name}/{domain["name"]?.ToString().ToLowerInvariant()}/";
            domain["recipients"] = new JsonArray(
                [.. pieces.Where(p => p.Key.StartsWith(own, StringComparison.Ordinal)).SelectMany(p => RecipientPiece.Read(p.Value).LocalParts).Order(StringComparer.Ordinal).Select(r => JsonValue.Create(r))]);
        }
    }

    /// <summary>Lets the property with the mailboxes of a domain be written as above.</summary>
    public static void UseSummaries(JsonTypeInfo type)
    {
        if (type.Type == typeof(Domain))
        {
            type.Properties.Single(p => p.Name == "recipients").CustomConverter = new SummaryConverter();
        }
    }

    private static RecipientBook? Read(Summary summary, string tenant, string domain, IReadOnlyDictionary<string, SettingsDocument> documents)
    {
        try
        {
            var pieces = new List<RecipientPiece>();
            for (var i = 0; i < summary.Pieces && documents.TryGetValue(NameOf(tenant, domain, i), out var document); i++)
            {
                pieces.Add(RecipientPiece.Read(document.Json));
            }

            return pieces.Count > 0 && new RecipientBook([.. pieces]) is var book && book.Digest == summary.Digest ? book : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static IEnumerable<(string Domain, RecipientBook Book)> BooksOf(Tenant? tenant) =>
        (tenant?.Domains ?? []).Where(d => d.Recipients is RecipientBook).Select(d => (d.Name, (RecipientBook)d.Recipients));

    private static string NameOf(string tenant, string domain, int piece) =>
        $"{Prefix}{tenant}/{domain.ToLowerInvariant()}/{piece.ToString("x4", CultureInfo.InvariantCulture)}";

    /// <summary>Stands for the list while a tenant is read; <see cref="Resolve"/> leaves none.</summary>
    private sealed class Summary(int pieces, int length, string digest) : ReadOnlyCollection<string>([])
    {
        public int Pieces { get; } = pieces;

        public int Length { get; } = length;

        public string Digest { get; } = digest;
    }

    private sealed record SummaryForm
    {
        public required int Pieces { get; init; }

        public required int Count { get; init; }

        public required string Digest { get; init; }
    }

    private sealed class SummaryConverter : JsonConverter<IReadOnlyList<string>>
    {
        public override IReadOnlyList<string> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                return JsonSerializer.Deserialize<string[]>(ref reader, options) ?? throw new JsonException("is null");
            }

            var form = JsonSerializer.Deserialize<SummaryForm>(ref reader, options)!;
            return new Summary(form.Pieces, form.Count, form.Digest);
        }

        public override void Write(Utf8JsonWriter writer, IReadOnlyList<string> value, JsonSerializerOptions options)
        {
            if (value is RecipientBook book)
            {
                JsonSerializer.Serialize(writer, new SummaryForm { Pieces = book.Pieces.Count, Count = book.Count, Digest = book.Digest }, options);
            }
            else
            {
                JsonSerializer.Serialize(writer, value.ToArray(), options);
            }
        }
    }
}
