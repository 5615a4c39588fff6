using System.Buffers;
using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Net.Sockets;
using System.Reflection;
using System.Text.Json;
using SecuEdge.Appliance.Api.Languages;
using SecuEdge.Appliance.Api.Requests;
using SecuEdge.Appliance.Settings.Notices;
using SecuEdge.Appliance.Settings.Recipients;
using SecuEdge.Filter;
using SecuEdge.Smtp;

namespace SecuEdge.Appliance.Settings;

/// <summary>What can be wrong with one tenant by itself.</summary>
internal static class TenantValidation
{
    // RAR takes 127 characters, the others more than anybody types.
    private const int MaxPasswordChars = 127;

    // Larger than any registry gave to one operator since there are customers; two halves of the Internet are an open relay, too.
    private const int MinIpv4Prefix = 8;
    private const int MinIpv6Prefix = 19;

    /// <summary>
    /// Some thousand rules or domains; long lists of mailboxes have documents of their own. Each revision keeps the whole document: with larger
    /// ones, one tenant pushes the history of all others out of the journal.
    /// </summary>
    internal const int MaxDocumentBytes = 2 * 1024 * 1024;

    // Ten times the largest university; some 60 MB of memory, which somebody else's mail lacks.
    internal const int MaxRecipients = 500_000;

    // Thrown away is only what a rule's author confirmed, and a mailbox that puts off for ever does so for everybody in the transaction.
    private static readonly VerdictAction[] OwnActions = [VerdictAction.Deliver, VerdictAction.Tag, VerdictAction.Hold, VerdictAction.Quarantine, VerdictAction.Reject];

    private static readonly SearchValues<char> NotInAddresses = SearchValues.Create(" \t\r\n<>,;");

    public static void Check(Tenant tenant, string at, List<string> errors)
    {
        CheckAttributes(tenant, at, errors);
        if (JsonSerializer.SerializeToUtf8Bytes(RecipientBook.Keep(tenant, null), SiteDocuments.Compact).Length is var bytes and > MaxDocumentBytes)
        {
            errors.Add($"{at}name: the settings of '{tenant.Name}' are {bytes} bytes, and one tenant takes {MaxDocumentBytes}; put rules and lists into the node above, or domains into nodes below");
        }

        if (tenant.Trial is { } dates && (dates.Start.Year < 2000 || dates.End.Year > 2100))
        {
            errors.Add($"{at}trial: a trial begins after the year 2000 and ends before 2100");
        }

        if (tenant.Trial is { } trial && trial.End <= trial.Start)
        {
            errors.Add($"{at}trial.end: {trial.End:O} is not after its start {trial.Start:O}");
        }

        if (tenant.Trial is not null && tenant.Kind == TenantKind.Provider)
        {
            errors.Add($"{at}trial: the provider is nobody's evaluation; leave it out");
        }

        for (var i = 0; i < tenant.Locks.Count; i++)
        {
            if (!Setting.CoveredBy(tenant.Locks[i]).Any())
            {
                errors.Add($"{at}locks[{i}]: '{tenant.Locks[i]}' is no setting; use policy.*, service.* or one of {string.Join(", ", Setting.All.Keys.Order(StringComparer.Ordinal))}");
            }
        }

        CheckService(tenant.Service, at, errors);
        CheckPolicy(tenant.Policy, $"{at}policy", errors);
        CheckOutbound(tenant, at, errors);
        NoticeCheck.Check(tenant, at, errors);
        for (var d = 0; d < tenant.Domains.Count; d++)
        {
            CheckDomain(tenant.Domains[d], $"{at}domains[{d}]", errors);
        }
    }

    private static void CheckDomain(Domain domain, string at, List<string> errors)
    {
        if (!DomainName.IsValid(domain.Name))
        {
            errors.Add($"{at}.name: '{domain.Name}' is not a domain name");
        }

        if (domain.NextHops.Count == 0)
        {
            errors.Add($"{at}.nextHops: is empty; name at least one mail server as host:port");
        }

        CheckHops(domain.NextHops, $"{at}.nextHops", errors);
        if (domain.Recipients.Count > MaxRecipients)
        {
            errors.Add($"{at}.recipients: are {domain.Recipients.Count}, and one domain takes {MaxRecipients}; write \"*\" to take every address, and let the mail server refuse");
        }

        // A book was made of addresses that are in order.
        for (var r = 0; r < domain.Recipients.Count && domain.Recipients is not RecipientBook; r++)
        {
            CheckAddress(domain.Recipients[r], domain.Name, $"{at}.recipients[{r}]", errors);
        }

        CheckPolicy(domain.Policy, $"{at}.policy", errors);
        CheckAttributes(domain.Policy, $"{at}.policy.", errors);
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (var m = 0; m < domain.Mailboxes.Count; m++)
        {
            var mailbox = domain.Mailboxes[m];
            CheckAddress(mailbox.Address, domain.Name, $"{at}.mailboxes[{m}].address", errors);
            if (!seen.Add(DomainRoute.LocalPart(mailbox.Address)))
            {
                errors.Add($"{at}.mailboxes[{m}].address: '{mailbox.Address}' is there twice");
            }

            CheckPolicy(mailbox.Policy, $"{at}.mailboxes[{m}].policy", errors);
            CheckAttributes(mailbox.Policy, $"{at}.mailboxes[{m}].policy.", errors);
        }
    }

    /// <summary>A local part, or an address in the domain.</summary>
    internal static string? AddressTrouble(string address, string domain)
    {
        var separator = address.LastIndexOf('@');
        return address.Length == 0 || separator == 0 ? $"'{address}' is empty; write a local part, an address, or *"
            : separator > 0 && !DomainName.AreSame(address[(separator + 1)..], domain) ? $"'{address}' is not in domain '{domain}'; move it to its own domain"
            : address.AsSpan().ContainsAny(NotInAddresses) ? $"'{address}' is not an address; write one, without name and brackets"
            : null;
    }

    private static void CheckAddress(string address, string domain, string at, List<string> errors)
    {
        if (AddressTrouble(address, domain) is { } trouble)
        {
            errors.Add($"{at}: {trouble}");
        }
    }

    private static void CheckOutbound(Tenant tenant, string at, List<string> errors)
    {
        if (tenant.Outbound is not { } outbound)
        {
            return;
        }

        for (var n = 0; n < outbound.Networks.Count; n++)
        {
            if (SiteValidation.ParseNetwork(outbound.Networks[n]) is not { } network)
            {
                errors.Add($"{at}outbound.networks[{n}]: '{outbound.Networks[n]}' is not an address or CIDR network, such as 192.0.2.10 or 10.1.0.0/16");
            }
            else if (network.PrefixLength < (network.BaseAddress.AddressFamily == AddressFamily.InterNetworkV6 ? MinIpv6Prefix : MinIpv4Prefix))
            {
                errors.Add($"{at}outbound.networks[{n}]: '{outbound.Networks[n]}' is a large part of the Internet and would make an open relay; name the customer's servers");
            }
        }

        CheckHops(outbound.NextHops, $"{at}outbound.nextHops", errors);
    }

    private static void CheckService(ServiceSettings service, string at, List<string> errors)
    {
        if (service.TimeZone is { } zone && !TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _))
        {
            errors.Add($"{at}service.timeZone: '{zone}' is not known; write a name such as Europe/Paris");
        }

        for (var c = 0; c < (service.Contacts?.Count ?? 0); c++)
        {
            if (!MailPath.TryParse(service.Contacts![c], out var path) || path.Domain.Length == 0)
            {
                errors.Add($"{at}service.contacts[{c}]: '{service.Contacts[c]}' is not an address");
            }
        }
    }

    private static void CheckPolicy(PolicySettings policy, string at, List<string> errors)
    {
        CheckHold(policy.OutbreakHold?.Inbound, $"{at}.outbreakHold.inbound", errors);
        CheckHold(policy.OutbreakHold?.Outbound, $"{at}.outbreakHold.outbound", errors);
        foreach (var (code, action) in policy.Actions ?? new Dictionary<string, VerdictAction>())
        {
            if (!OwnActions.Contains(action))
            {
                errors.Add($"{at}.actions.{code}: '{SiteJson.Word(action)}' is not for findings; write {string.Join(", ", OwnActions.Select(a => SiteJson.Word(a)))}, or throw mail away by a rule with discard, which asks for confirmation");
            }
        }

        for (var i = 0; i < (policy.ArchivePasswords?.Count ?? 0); i++)
        {
            if (policy.ArchivePasswords![i].Length is 0 or > MaxPasswordChars)
            {
                errors.Add($"{at}.archivePasswords[{i}]: is {(policy.ArchivePasswords[i].Length == 0 ? "empty" : $"longer than {MaxPasswordChars} characters")}; remove it or write the password itself");
            }
        }
    }

    /// <summary>A time of nothing would be a hold without effect, and after a day nobody waits any more.</summary>
    private static void CheckHold(TimeSpan? time, string where, List<string> errors)
    {
        if (time is { } set && (set < TimeSpan.FromSeconds(1) || set > TimeSpan.FromDays(1)))
        {
            errors.Add($"{where}: '{set}' is not between 00:00:01 and 1.00:00:00; write \"off\" to deliver at once");
        }
    }

    private static void CheckHops(IReadOnlyList<string> hops, string where, List<string> errors)
    {
        for (var h = 0; h < hops.Count; h++)
        {
            if (!SmtpEndpoint.TryParse(hops[h], out _))
            {
                errors.Add($"{where}[{h}]: '{hops[h]}' is not host:port, such as mail.example.com:25 or [2001:db8::1]:25");
            }
        }
    }

    /// <summary>Ranges and lengths as the properties declare them. Lists of other records are checked by whoever knows them.</summary>
    private static void CheckAttributes(object value, string at, List<string> errors)
    {
        foreach (var property in value.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            var own = property.GetValue(value);
            var name = at + JsonNamingPolicy.CamelCase.ConvertName(property.Name);
            foreach (var attribute in property.GetCustomAttributes<ValidationAttribute>())
            {
                // The name has a check of its own, with a better sentence.
                if (attribute is not RequiredAttribute && !attribute.IsValid(own))
                {
                    errors.Add($"{name}: {ValidationWords.Of(attribute, own, name, Language.English)}");
                }
            }

            if (own is not null and not string and not IEnumerable && property.PropertyType is { IsClass: true } type && type.Namespace == typeof(Site).Namespace)
            {
                CheckAttributes(own, name + ".", errors);
            }
        }
    }
}
