using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Backtest;
using SecuEdge.Appliance.MailFlow;
using SecuEdge.Appliance.MailFlow.Effects.Notices;
using SecuEdge.Appliance.Settings;
using SecuEdge.Appliance.Settings.Notices;
using SecuEdge.Filter;
using SecuEdge.Smtp;
using SecuEdge.Store.Facts;
using SecuEdge.Store.MessageLog;

namespace SecuEdge.Appliance.Operations;

/// <summary>Shows the templates of notices in force at a tenant, how one would look, and sends it to a mailbox of the tenant for a look.</summary>
internal sealed class NoticeOperations(
    IMessageLog messages, IFactsLog facts, NoticeSender sender, References references, SmtpClientOptions identity, SiteHolder sites, Auditor auditor, TimeProvider timeProvider)
{
    /// <summary>What a look without a message shows; hostile where mail may be.</summary>
    private static readonly IReadOnlyDictionary<string, string> Sample = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["sender"] = "sender@elsewhere.example",
        ["recipients"] = "eva@your-domain.example",
        ["subject"] = "Invoice <2026> & more",
        ["rule"] = "no-programs",
        ["reason"] = "Programs come by another way",
        ["reference"] = "01JD3W8R2Q",
        ["attachments"] = "invoice.pdf.exe",
        ["virus"] = "Eicar-Test-Signature",
    };

    public Outcome<IReadOnlyList<PlacedNotice>> InForce(Caller caller, string tenant) =>
        Find(caller, Permission.PolicyRead, tenant) is { } route ? new Outcome<IReadOnlyList<PlacedNotice>>([.. route.Notices()], null) : SiteEditor.NoTenant(tenant);

    /// <summary>Sends nothing.</summary>
    public async Task<Outcome<NoticePreview>> PreviewAsync(Caller caller, string tenant, NoticeLook look, CancellationToken cancellationToken)
    {
        if (Find(caller, Permission.PolicyRead, tenant) is not { } route)
        {
            return SiteEditor.NoTenant(tenant);
        }

        var words = WordsOf(route, look);
        if (words.Value is null)
        {
            return words.Problem!;
        }

        var values = await ValuesAsync(caller, route, look.Reference, words.Value.Text.Language, cancellationToken);
        if (values.Value is null)
        {
            return values.Problem!;
        }

        var (subject, text, html) = NoticeWriter.Render(words.Value, values.Value, 0);
        return new NoticePreview
        {
            Template = words.Value.Template,
            From = words.Value.Node,
            Language = words.Value.Text.Language,
            ReplyTo = words.Value.ReplyTo,
            Subject = subject,
            Text = text,
            Html = html,
        };
    }

    /// <summary>To a mailbox of a domain of the tenant or below it: a test must not be a way to write to strangers.</summary>
    public async Task<Outcome<NoticeTest>> TestAsync(Caller caller, string tenant, NoticeLook look, string to, CancellationToken cancellationToken)
    {
        if (Find(caller, Permission.PolicyWrite, tenant) is not { } route)
        {
            return Find(caller, Permission.PolicyRead, tenant) is null ? SiteEditor.NoTenant(tenant) : MailGate.Forbidden(Permission.PolicyWrite, tenant);
        }

        var site = sites.Current;
        if (!MailPath.TryParse(to, out var path) || path.LocalPart.Length == 0 || path.Domain.Length == 0)
        {
            return new OperationProblem(OperationFailure.Invalid, $"'{to}' is no mail address; write it as name@example.com", "to");
        }

        if (site.FindDomain(path.Domain) is not { } domain || !site.IsWithin(domain.Tenant.Tenant.Name, route.Tenant.Name) || !domain.HasMailbox(path.LocalPart))
        {
            return new OperationProblem(OperationFailure.Invalid, $"'{to}' is not a mailbox of '{route.Tenant.Name}'; a test goes to one of its own domains only", "to");
        }

        var words = WordsOf(route, look);
        if (words.Value is null)
        {
            return words.Problem!;
        }

        var values = await ValuesAsync(caller, route, look.Reference, words.Value.Text.Language, cancellationToken);
        if (values.Value is null)
        {
            return values.Problem!;
        }

        var reference = references.Next();
        var name = words.Value.Template;
        await auditor.RecordAsync(caller, "noticeTemplate.test", route.Tenant.Name, name, $"notice template '{name}' was sent to {path} as {reference}", cancellationToken);
        try
        {
            await sender.SendAsync(
                new Notice(reference, domain.Tenant.Tenant.Name, path.ToString(), "", $"Test of notice template '{name}', asked for by {caller.Name}", words.Value, values.Value, 0),
                cancellationToken);
        }
        catch (IOException)
        {
            return new OperationProblem(OperationFailure.Unavailable, "the notice could not be stored; check free disk space and try again");
        }

        return new NoticeTest(reference, path.ToString(), $"postmaster@{identity.Hostname}");
    }

    private TenantRoute? Find(Caller caller, Permission permission, string tenant) =>
        sites.Current.FindTenant(tenant) is { } route && caller.May(permission, route.Tenant.Name, sites.Current) ? route : null;

    /// <summary>The template sent along, or the one of that name in force.</summary>
    private static Outcome<NoticeWords> WordsOf(TenantRoute route, NoticeLook look)
    {
        if (look.Template is null == look.Name is null)
        {
            return new OperationProblem(OperationFailure.Invalid, "name a template that is there under name, or send one under template; one of the two", "name");
        }

        PlacedNotice placed;
        if (look.Template is { } draft)
        {
            var errors = new List<string>();
            NoticeCheck.Check(new Tenant { Name = route.Tenant.Name, NoticeTemplates = [draft] }, "", errors);
            if (errors.Count > 0)
            {
                return SiteEditor.Invalid([.. errors.Select(e => "template" + e["noticeTemplates[0]".Length..])]);
            }

            placed = new PlacedNotice(draft, route.Tenant.Name);
        }
        else if (route.Notices().FirstOrDefault(n => n.Template.Name == look.Name) is { } found)
        {
            placed = found;
        }
        else
        {
            return new OperationProblem(
                OperationFailure.Invalid, $"there is no notice template '{look.Name}'; there are: {string.Join(", ", route.Notices().Select(n => n.Template.Name))}", "name");
        }

        return NoticeWords.Of(placed, look.Language ?? route.Service.Language ?? "en");
    }

    private async Task<Outcome<IReadOnlyDictionary<string, string>>> ValuesAsync(
        Caller caller, TenantRoute route, string? reference, string language, CancellationToken cancellationToken)
    {
        if (reference is null)
        {
            return Values(new Dictionary<string, string>(Sample, StringComparer.Ordinal), route, VerdictAction.Quarantine, timeProvider.GetUtcNow(), language);
        }

        var site = sites.Current;
        if (await messages.FindAsync(reference, cancellationToken) is not { } record
            || !site.IsWithin(record.Tenant, route.Tenant.Name) || !caller.May(Permission.MessagesRead, record.Tenant, site))
        {
            return new OperationProblem(OperationFailure.Invalid, $"there is no message '{reference}' of '{route.Tenant.Name}'", "reference");
        }

        var kept = await facts.FindAsync(record, cancellationToken);
        var values = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["sender"] = NoticeValues.SenderOf(record.ReversePath),
            ["recipients"] = NoticeValues.List([.. record.Recipients.Select(r => r.Address)]),
            ["subject"] = record.Subject,
            ["rule"] = record.DecidedBy,
            ["reason"] = record.DecidedBy,
            ["reference"] = record.Reference,
            ["attachments"] = NoticeValues.List([.. (kept?.Attachments ?? []).Select(a => a.Name)]),
            ["virus"] = NoticeValues.List([.. record.Engines.SelectMany(e => e.Convictions.Select(c => c.Signature)).Distinct()]),
        };
        return Values(values, site.FindTenant(record.Tenant) ?? route, record.Action, record.ReceivedAt, language);
    }

    private static Outcome<IReadOnlyDictionary<string, string>> Values(Dictionary<string, string> values, TenantRoute route, VerdictAction action, DateTimeOffset time, string language)
    {
        values["action"] = NoticeValues.ActionIn(language, action);
        values["time"] = NoticeValues.TimeIn(route, language, time);
        values["tenant"] = NoticeValues.NameOf(route, route.Tenant.Name);
        return new Outcome<IReadOnlyDictionary<string, string>>(values, null);
    }
}

/// <summary>Which words, about which message.</summary>
internal sealed record NoticeLook(string? Name, NoticeTemplate? Template, string? Language, string? Reference);

/// <summary>A notice as its reader would see it.</summary>
public sealed record NoticePreview
{
    /// <summary>Name of the template.</summary>
    public required string Template { get; init; }

    /// <summary>The node where it is written, or <c>default</c> for one that is built in.</summary>
    public required string From { get; init; }

    /// <summary>Of the words that were taken.</summary>
    public required string Language { get; init; }

    /// <summary>Where answers go; null = to the appliance's postmaster.</summary>
    public string? ReplyTo { get; init; }

    /// <summary>One line.</summary>
    public required string Subject { get; init; }

    /// <summary>The plain text.</summary>
    public required string Text { get; init; }

    /// <summary>The HTML; values of the message are escaped in it.</summary>
    public required string Html { get; init; }
}

/// <summary>A notice that is on its way.</summary>
/// <param name="Reference">As the message log names it.</param>
/// <param name="To">Who gets it.</param>
/// <param name="From">What stands in its header From.</param>
public sealed record NoticeTest(string Reference, string To, string From);
