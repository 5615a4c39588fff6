using SecuEdge.Appliance.Settings;

namespace SecuEdge.Appliance.Verbs;

/// <summary>
/// Which data folder a verb looks at. A verb that quietly looks into an empty folder tells what is not so, hence in this order:
/// <list type="number">
/// <item><c>--data DIR</c>;</item>
/// <item>SECUEDGE__Data, from the environment or the configuration file;</item>
/// <item>the one appliance that runs here, and the verb says which;</item>
/// <item><c>./data</c>, when an appliance has used it, and the verb says so.</item>
/// </list>
/// </summary>
/// <param name="Folder">Null when nothing is meant for certain.</param>
/// <param name="Note">Whose choice it was, when nobody named the folder; otherwise why there is none.</param>
internal sealed record DataChoice(string? Folder, bool IsNamed, string Note)
{
    /// <summary>What an appliance uses that was told nothing.</summary>
    public const string Usual = "data";

    private const string Remedy = "name the folder: --data DIR, or SECUEDGE__Data=DIR in the environment";

    /// <summary>An appliance has run here, or an import prepared it: the folder of keys is made first.</summary>
    public static bool IsUsed(string folder) => Directory.Exists(Path.Combine(folder, "keys"));

    /// <summary>The configuration with the folder that is meant; the choice's note is told on standard error.</summary>
    /// <param name="arguments">Of the verb; without <c>--data DIR</c> afterwards.</param>
    /// <param name="mayBeNew">A folder that is named and not there yet is made by the verb.</param>
    /// <returns>No configuration, and why not.</returns>
    public static (Configuration? Configuration, string Error) Take(ref string[] arguments, bool mayBeNew)
    {
        if (!TryTakeOption(ref arguments, out var named))
        {
            return (null, "--data needs a folder behind it");
        }

        var configuration = Configuration.Load(named);
        var choice = Choose(configuration.IsDataNamed ? configuration.Appliance.Data : null, Directory.GetCurrentDirectory(), RunningAppliances.Folders, IsUsed, mayBeNew);
        if (choice.Folder is null)
        {
            return (null, choice.Note);
        }

        if (choice.Note.Length > 0)
        {
            Console.Error.WriteLine($"secuedge: {choice.Note}");
        }

        return (choice.IsNamed ? configuration : Configuration.Load(choice.Folder), "");
    }

    public static DataChoice Choose(string? named, string current, Func<IReadOnlyList<string>> running, Func<string, bool> isUsed, bool mayBeNew)
    {
        if (named is not null)
        {
            var folder = Path.GetFullPath(named, current);
            return isUsed(folder) ? new DataChoice(folder, true, "")
                : mayBeNew ? new DataChoice(folder, true, $"'{folder}' is no appliance's data folder yet: it is made now")
                : new DataChoice(null, true, $"'{folder}' is no appliance's data folder: nothing was ever kept there; {Remedy}");
        }

        var usual = Path.GetFullPath(Usual, current);
        return running() switch
        {
            var folders when folders.Contains(usual) => new DataChoice(usual, false, $"asking the appliance that runs on {usual}"),
            [var only] => new DataChoice(only, false, $"asking the appliance that runs on {only} (another: --data DIR)"),
            [_, ..] several => new DataChoice(null, false, $"several appliances run here, on {string.Join(", ", several)}; {Remedy}"),
            _ when isUsed(usual) => new DataChoice(usual, false, $"no appliance runs; the data folder is {usual} (another: --data DIR)"),
            _ => new DataChoice(null, false, $"no appliance runs here, and '{usual}' is no appliance's data folder; {Remedy}"),
        };
    }

    private static bool TryTakeOption(ref string[] arguments, out string? folder)
    {
        folder = null;
        var rest = new List<string>();
        for (var i = 0; i < arguments.Length; i++)
        {
            if (arguments[i] != "--data")
            {
                rest.Add(arguments[i]);
            }
            else if (++i < arguments.Length && arguments[i].Length > 0)
            {
                folder = arguments[i];
            }
            else
            {
                return false;
            }
        }

        arguments = [.. rest];
        return true;
    }
}
