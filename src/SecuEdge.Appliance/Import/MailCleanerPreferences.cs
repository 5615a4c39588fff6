using System.Collections.Frozen;
using SecuEdge.Appliance.Settings;
using SecuEdge.Filter.Policy.Profiles;
using SecuEdge.Filter.Policy.Rules;

namespace SecuEdge.Appliance.Import;

/// <summary>
/// Preferences of domains and users. Every column is either taken, or known to mean nothing here, or noted when it is not at its default.
/// </summary>
internal sealed class MailCleanerPreferences(ConversionNotes notes)
{
    /// <summary>A score that no mail reaches.</summary>
    private const double Never = 1000;

    private static readonly FrozenSet<string> Taken =
    [
        "id", "viruswall", "spamwall", "contentwall", "delivery_type", "spam_tag", "language", "copyto_mail", "block_encrypted", "allow_passprotected_archives",
        "supportemail", "support_email", "acc_max_daily_users", "summary_to", "bypass_filtering",
        "ldapcalloutserver", "ldapcalloutparam", "enable_whitelists", "enable_warnlists", "enable_blacklists",
    ];

    /// <summary>Column → default of MailCleaner's own tables; a value other than that was somebody's decision.</summary>
    private static readonly FrozenDictionary<string, string> Defaults = new Dictionary<string, string>
    {
        ["scanners"] = "clamav etrust",
        ["silent"] = "HTML-IFrame All-Viruses Zip-Password",
        ["block_bad_tnef"] = "0",
        ["block_unencrypted"] = "0",
        ["allow_partial"] = "0",
        ["allow_external_bodies"] = "0",
        ["allow_iframe"] = "0",
        ["allow_forms"] = "1",
        ["allow_scripts"] = "0",
        ["allow_codebase"] = "0",
        ["convert_danger_to_text"] = "0",
        ["convert_html_to_text"] = "0",
        ["notify_sender"] = "1",
        ["notify_virus_sender"] = "0",
        ["notify_blocked_sender"] = "1",
        ["notify_blocked_content"] = "1",
        ["virus_modify_subject"] = "1",
        ["virus_subject"] = "{Virus?}",
        ["file_modify_subject"] = "1",
        ["file_subject"] = "{Virus?}",
        ["content_modify_subject"] = "1",
        ["content_subject"] = "{Content?}",
        ["warning_attach"] = "1",
        ["warning_filename"] = "AttentionVirus.txt",
        ["warning_encoding_charset"] = "ISO-8859-1",
        ["use_bayes"] = "1",
        ["bayes_autolearn"] = "1",
        ["ok_languages"] = "fr en de it es",
        ["ok_locales"] = "fr en de it es",
        ["use_rbls"] = "1",
        ["rbls_timeout"] = "20",
        ["use_dcc"] = "1",
        ["dcc_timeout"] = "10",
        ["use_razor"] = "1",
        ["razor_timeout"] = "10",
        ["use_pyzor"] = "1",
        ["pyzor_timeout"] = "10",
        ["auth_type"] = "local",
        ["auth_server"] = "localhost",
        ["auth_modif"] = "at_add",
        ["address_fetcher"] = "at_login",
        ["allow_smtp_auth"] = "0",
        ["smtp_auth_cachetime"] = "86400",
        ["daily_summary"] = "0",
        ["weekly_summary"] = "1",
        ["monthly_summary"] = "0",
        ["summary"] = "1",
        ["summary_freq"] = "1",
        ["quarantine_bounces"] = "0",
        ["gui_displayed_spams"] = "20",
        ["gui_displayed_days"] = "7",
        ["gui_mask_forced"] = "0",
        ["gui_graph_type"] = "bar",
        ["gui_group_quarantines"] = "0",
        ["web_template"] = "default",
        ["summary_template"] = "default",
        ["summary_type"] = "html",
        ["report_template"] = "default",
        ["notice_wwlists_hit"] = "0",
        ["warnhit_template"] = "default",
        ["archive_mail"] = "0",
        ["archive_spam"] = "0",
        ["batv_check"] = "0",
        ["prevent_spoof"] = "0",
        ["require_incoming_tls"] = "0",
        ["require_outgoing_tls"] = "0",
        ["allow_newsletters"] = "0",
        ["reject_capital_domain"] = "0",
        ["has_whitelist"] = "0",
        ["has_warnlist"] = "0",
        ["has_blacklist"] = "0",
        ["ldapcallout"] = "0",
    }.ToFrozenDictionary();

    /// <param name="welcome">Objects of senders whose mail is not checked for spam.</param>
    public (PolicySettings Policy, ServiceSettings Service, List<Rule> Rules) OfDomain(DumpRow row, string domain, ShortNames names, IReadOnlyList<string> welcome)
    {
        NoteTheRest(row, "domain_pref", domain);
        var policy = Policy(row, "domain_pref", domain) with { Profile = row["contentwall"] == "0" ? PolicyProfile.Minimal : null };
        return (policy, Service(row, domain), [.. Rules(row, domain, names, welcome)]);
    }

    /// <returns>Null when the user has nothing of his own that means anything here.</returns>
    public PolicySettings? OfMailbox(DumpRow row, string address)
    {
        NoteTheRest(row, "user_pref", address);
        if (row.IsSet("bypass_filtering"))
        {
            notes.Changed($"user_pref.bypass_filtering of {address}", "spam is delivered to it as it wanted; antivirus stays");
            return Off();
        }

        if (row.Text("copyto_mail") is { Length: > 0 } copy)
        {
            notes.NotTaken($"user_pref.copyto_mail of {address}", $"add a rule for this recipient that copies to {copy}");
        }

        var policy = Policy(row, "user_pref", address);
        return policy == new PolicySettings() ? null : policy;
    }

    private static PolicySettings Off() => new() { TagScore = Never, QuarantineScore = Never, RejectScore = Never };

    private PolicySettings Policy(DumpRow row, string table, string owner)
    {
        if (row["viruswall"] == "0")
        {
            notes.NotTaken($"{table}.viruswall of {owner}", "antivirus was off; it cannot be switched off here");
        }

        if (row["spamwall"] == "0")
        {
            return Off();
        }

        switch (row["delivery_type"])
        {
            case "1":
                return new PolicySettings { QuarantineScore = Never, RejectScore = Never };
            case "3":
                notes.Changed($"{table}.delivery_type of {owner}", "spam was dropped without a word; here it goes to quarantine");
                return new PolicySettings();
            default:
                return new PolicySettings();
        }
    }

    private ServiceSettings Service(DumpRow row, string domain)
    {
        var language = row.Text("language");
        if (language is not ("" or "en" or "fr"))
        {
            notes.Changed($"domain_pref.language of {domain}", $"'{language}' is not among the languages of notices (en, fr); the inherited one is used");
        }

        List<string> contacts = [.. new[] { row.Text("supportemail"), row.Text("support_email"), row.Text("summary_to") }.Where(a => a.Contains('@', StringComparison.Ordinal)).Distinct().Take(3)];
        return new ServiceSettings
        {
            Language = language is "en" or "fr" ? language : null,
            Contacts = contacts.Count == 0 ? null : contacts,
            MailboxQuota = row.Number("acc_max_daily_users") is var quota and > 0 ? quota : null,
        };
    }

    private static IEnumerable<Rule> Rules(DumpRow row, string domain, ShortNames names, IReadOnlyList<string> welcome)
    {
        if (row.Text("copyto_mail") is { } copy && copy.Contains('@', StringComparison.Ordinal))
        {
            // Before everything that decides: a block list must not keep a message from the archive.
            yield return Inbound(names, "copy", 95, null, new CopyAction(copy), $"Copies of all mail to {domain}");
        }

        if (row.IsSet("block_encrypted"))
        {
            yield return Inbound(names, "encrypted", 60, new EncryptedCondition { Kinds = [EncryptionKind.Smime, EncryptionKind.Pgp] }, new QuarantineAction(), "Encrypted mail");
        }

        if (row["allow_passprotected_archives"] == "0")
        {
            yield return Inbound(names, "locked-archives", 60, new EncryptedCondition { Kinds = [EncryptionKind.Archive] }, new QuarantineAction(), "Archives with a password");
        }

        if (row.Text("spam_tag") is { Length: > 0 } tag)
        {
            Condition isSpam = new ScoreCondition(5, null);
            var when = welcome.Count == 0 ? isSpam : new AllCondition([isSpam, .. welcome.Select(w => new NotCondition(new ObjectCondition(w)))]);
            yield return Inbound(names, "spam-subject", 30, when, new TagAction { Subject = tag }, "Subject of probable spam");
        }
    }

    private static Rule Inbound(ShortNames names, string name, int priority, Condition? when, RuleAction then, string comment) => new()
    {
        Name = names.Make(name, "rule"),
        Comment = comment,
        Direction = RuleDirection.Inbound,
        Priority = priority,
        When = when,
        Then = [then],
    };

    private void NoteTheRest(DumpRow row, string table, string owner)
    {
        foreach (var (column, value) in row.All)
        {
            if (Taken.Contains(column) || value is null or "" || (Defaults.TryGetValue(column, out var usual) && value == usual) || value == "NOTSET")
            {
                continue;
            }

            var where = $"{table}.{column} of {owner}";
            if (Defaults.ContainsKey(column))
            {
                notes.NotTaken(where, $"'{Short(value)}' has no counterpart");
            }
            else
            {
                // Keys and passwords are not repeated in a report.
                notes.Unknown(where, column.Contains("key", StringComparison.Ordinal) || column.Contains("secret", StringComparison.Ordinal) || column.Contains("param", StringComparison.Ordinal)
                    ? "is not taken over"
                    : $"'{Short(value)}' is not taken over");
            }
        }
    }

    private static string Short(string text) => text.Length <= 80 ? text : text[..80] + "…";
}
