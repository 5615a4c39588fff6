using SecuEdge.Appliance.Settings;
using SecuEdge.Content;
using SecuEdge.Filter.Policy.Rules;
using SecuEdge.Store.MessageLog;

namespace SecuEdge.Appliance.MailFlow.Effects.Rewriting;

/// <summary>A message as it goes to the recipients of some effects.</summary>
/// <param name="TraceHeaders">More of our trace headers; empty when nothing was changed.</param>
/// <param name="Notes">For the timeline: what was done, and what could not be, each by which rule.</param>
internal sealed record RewrittenMessage(IByteSource Bytes, string TraceHeaders, IReadOnlyList<string> Notes)
{
    /// <summary>Null unless it could not be changed as a rule asks: then it must not be delivered.</summary>
    public string? Trouble { get; init; }
}

/// <summary>
/// Carries out what changes bytes, always in this order, so that each attempt sends the same:
/// <list type="number">
/// <item>files are removed: their places are those of the message as it came;</item>
/// <item>banners are put into the bodies;</item>
/// <item>header fields are set and the subject tagged, as text of the header block.</item>
/// </list>
/// What no effect touches keeps its bytes.
/// </summary>
internal sealed partial class MessageRewriter(SiteHolder sites, ILogger<MessageRewriter> logger)
{
    // A parse takes milliseconds; one that does not end is an attack.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    // They describe the body as it is; changed by a rule, it could not be read any more.
    private static readonly string[] Structural = ["MIME-Version", "Received", "Return-Path"];

    public static bool IsRewriting(RuleAction action) => action is TagAction or BannerAction or RemoveAttachmentsAction;

    /// <param name="effects">Those that change no bytes are left out.</param>
    /// <exception cref="IOException">The message cannot be read.</exception>
    public RewrittenMessage Rewrite(IByteSource source, MessageRecord record, IReadOnlyList<RuleEffect> effects, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        var work = new Work(source, record.Reference);
        try
        {
            var isFrench = new TenantServices(sites.Current).LanguageOf(record.Tenant) == "fr";
            Remove(work, effects, new NoteWords(isFrench, record.Reference), limit.Token);
            foreach (var effect in effects.Where(e => e.Action is BannerAction))
            {
                AddBanner(work, effect, limit.Token);
            }

            Tag(work, effects);
            var trace = work.Changes.Count > 0 ? $"X-SecuEdge-Modified: {string.Join(", ", work.Changes)}\r\n" : "";
            return new RewrittenMessage(work.Bytes, trace, work.Notes);
        }
        catch (Exception e) when (e is not IOException && !cancellationToken.IsCancellationRequested)
        {
            // Whatever went wrong, a person must see the message: unchanged it is what a rule forbids.
            LogNotChanged(record.Reference, e);
            var why = e is RewriteException ? e.Message : e is OperationCanceledException ? "that took too long" : "its structure is not understood";
            var rules = string.Join(", ", effects.Select(f => $"'{f.Rule}'").Distinct());
            return new RewrittenMessage(source, "", []) { Trouble = $"Not delivered, because it cannot be changed as rule {rules} asks: {why}" };
        }
    }

    private static void Remove(Work work, IReadOnlyList<RuleEffect> effects, NoteWords words, CancellationToken cancellationToken)
    {
        List<RuleEffect> removals = [.. effects.Where(e => e.Action is RemoveAttachmentsAction && e.Files.Count > 0)];
        if (removals.Count == 0)
        {
            return;
        }

        work.Bytes = Removals.Remove(
            work.Bytes, [.. removals.Select(e => new Removal(e.Rule, ((RemoveAttachmentsAction)e.Action).Text, e.Files))], words, cancellationToken);
        work.Changes.Add("attachments");
        work.Notes.AddRange(removals.Select(e => $"{RuleWords.By(e)}: {Count(e.Files.Count)} replaced by a note"));
    }

    private static string Count(int files) => files == 1 ? "one file" : $"{files} files";

    private static void AddBanner(Work work, RuleEffect effect, CancellationToken cancellationToken)
    {
        if (Banners.Add(work.Bytes, new Banner((BannerAction)effect.Action), work.Reference, cancellationToken) is not { } changed)
        {
            work.Notes.Add($"{RuleWords.By(effect)}: no banner, because it would break the signature or encryption of this message");
            return;
        }

        work.Bytes = changed;
        work.Change("banner");
        work.Notes.Add($"{RuleWords.By(effect)}: banner added");
    }

    private static void Tag(Work work, IReadOnlyList<RuleEffect> effects)
    {
        List<RuleEffect> tags = [.. effects.Where(e => e.Action is TagAction)];
        if (tags.Count == 0)
        {
            return;
        }

        var root = HeaderSpan.Find(work.Bytes);
        var header = new HeaderEditor(MimeMap.Read(work.Bytes, root.Begin, root.End));
        foreach (var effect in tags)
        {
            var tag = (TagAction)effect.Action;
            if (tag.Subject is { Length: > 0 } subject)
            {
                var isNew = header.TagSubject(subject);
                work.Notes.Add($"{RuleWords.By(effect)}: {(isNew ? $"subject begins with \"{Plain.Line(subject, 100)}\"" : "the subject has its tag already")}");
                work.Change("subject", isNew);
            }

            if (tag.Header is { } field)
            {
                SetHeader(work, header, effect, field);
            }
        }

        if (header.IsChanged)
        {
            work.Bytes = new EditedBytes(work.Bytes, [new Edit(root.Begin, root.End - root.Begin, header.ToArray())]);
        }
    }

    private static void SetHeader(Work work, HeaderEditor header, RuleEffect effect, HeaderField field)
    {
        if (field.Name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase) || Structural.Contains(field.Name, StringComparer.OrdinalIgnoreCase))
        {
            work.Notes.Add($"{RuleWords.By(effect)}: header {field.Name} not set, because the message could not be read any more");
            return;
        }

        header.Set(field.Name, field.Value);
        work.Change("header");
        work.Notes.Add($"{RuleWords.By(effect)}: header {field.Name} set");
    }

    private sealed class Work(IByteSource bytes, string reference)
    {
        public string Reference { get; } = reference;

        public IByteSource Bytes { get; set; } = bytes;

        public List<string> Changes { get; } = [];

        public List<string> Notes { get; } = [];

        public void Change(string what, bool isDone = true)
        {
            if (isDone && !Changes.Contains(what))
            {
                Changes.Add(what);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Message {Reference} cannot be changed as its rules ask; it goes to quarantine instead")]
    private partial void LogNotChanged(string reference, Exception exception);
}
