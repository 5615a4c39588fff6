using SecuEdge.Appliance.Import;
using SecuEdge.Appliance.Settings;

namespace SecuEdge.Appliance.Verbs;

/// <summary><c>convert</c>: settings of another product as a site file on standard output, and what to look at on standard error.</summary>
internal static class ConvertVerb
{
    public static int Execute(string[] arguments)
    {
        var (options, rest, error) = Read(arguments);
        if (error.Length > 0 || rest is not [var source, var file])
        {
            return Usage.Fail([error.Length > 0 ? error : $"convert: name a product ({string.Join(" or ", Sources.Names)}) and its file"]);
        }

        try
        {
            using var stream = File.OpenRead(file);
            var conversion = Sources.Read(source, stream, options, TimeProvider.System);
            Console.Out.Write(SiteJson.Write(conversion.Site));
            foreach (var note in conversion.Notes)
            {
                Console.Error.WriteLine($"{Word(note.Outcome)}  {note.Where}: {note.Text}");
            }

            var site = conversion.Site;
            Console.Error.WriteLine(
                $"{site.Tenants.Count} tenant(s), {site.Tenants.Sum(t => t.Domains.Count)} domain(s), {site.Tenants.Sum(t => t.Rules.Count)} rule(s); "
                + $"{conversion.Notes.Count} thing(s) to look at. Nothing is in force yet: 'secuedge import FILE --plan' shows what would change.");
            foreach (var wrong in SiteValidation.Check(site))
            {
                Console.Error.WriteLine($"to mend before the import: {wrong}");
            }

            return Usage.Success;
        }
        catch (ConversionException e)
        {
            Usage.Fail([$"{file}: {e.Message}"]);
            return Usage.NotTaken;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Usage.Fail([Usage.Unreadable(file, e)]);
            return Usage.NotTaken;
        }
    }

    private static (ConversionOptions Options, IReadOnlyList<string> Words, string Error) Read(string[] arguments)
    {
        var options = new ConversionOptions();
        var rest = new List<string>();
        for (var i = 0; i < arguments.Length; i++)
        {
            switch (arguments[i])
            {
                case "--tenant" when i + 1 < arguments.Length:
                    options = options with { Tenant = arguments[++i] };
                    break;
                case "--next-hop" when i + 1 < arguments.Length:
                    options = options with { NextHop = arguments[++i] };
                    break;
                case var flag when flag.StartsWith('-'):
                    return (options, rest, $"convert: '{flag}' is not known or lacks its value; there are --tenant NAME and --next-hop HOST:PORT");
                case var word:
                    rest.Add(word);
                    break;
            }
        }

        return (options, rest, "");
    }

    private static string Word(ConversionOutcome outcome) => outcome switch
    {
        ConversionOutcome.Changed => "changed  ",
        ConversionOutcome.NotTaken => "not taken",
        ConversionOutcome.Unknown => "unknown  ",
        _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, null),
    };
}
