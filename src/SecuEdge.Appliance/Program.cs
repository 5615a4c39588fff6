using System.Text;
using SecuEdge.Appliance.Verbs;

// Before anything asks MimeKit for a character set: it remembers for good what it once asked for in vain.
Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

return args switch
{
    ["run"] => await RunVerb.ExecuteAsync(),
    ["health"] => await HealthVerb.ExecuteAsync(),
    ["check-config"] => CheckConfigVerb.Execute(),
    ["import", .. var rest] => await SiteVerbs.ImportAsync(rest),
    ["convert", .. var rest] => ConvertVerb.Execute(rest),
    ["export", .. var rest] => await SiteVerbs.ExportAsync(rest),
    ["analyze", .. var rest] => await AnalyzeVerb.ExecuteAsync(rest),
    ["audit", .. var rest] => AuditVerb.Execute(rest),
    ["version" or "--version"] => Usage.Version(),
    _ => Usage.Print(args),
};
