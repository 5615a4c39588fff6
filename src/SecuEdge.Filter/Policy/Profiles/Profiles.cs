namespace SecuEdge.Filter.Policy.Profiles;

/// <summary>
/// The profiles there are. Where a finding says what a profile is about, the profile sets that finding's action, so that both agree and one
/// setting changes both; rules are for what no finding says: direction, size, sound and film. Each decides every code that any of them
/// decides: otherwise Strict below a node with Minimal would inherit what Minimal allows.
/// </summary>
public static class Profiles
{
    /// <summary>What a code gets where a profile does not speak of it: what its finding asks for by itself.</summary>
    private static readonly (string Code, VerdictAction Action)[] Usual =
    [
        ("ATTACHMENT_EXECUTABLE", VerdictAction.Quarantine),
        ("OFFICE_MACRO", VerdictAction.Deliver),
        ("ATTACHMENT_ENCRYPTED", VerdictAction.Deliver),
        ("ATTACHMENT_PARTIAL", VerdictAction.Deliver),
        ("ATTACHMENT_UNKNOWN_CONTAINER", VerdictAction.Deliver),
        ("ATTACHMENT_DECEPTIVE_NAME", VerdictAction.Deliver),
    ];

    public static IReadOnlyList<Profile> All { get; } = [Minimal(), Standard(), Strict()];

    public static Profile Expand(PolicyProfile profile) =>
        All.FirstOrDefault(p => p.Name == profile) ?? throw new ArgumentOutOfRangeException(nameof(profile), profile, null);

    private static Dictionary<string, VerdictAction> Actions(params (string Code, VerdictAction Action)[] own)
    {
        var actions = Usual.ToDictionary(u => u.Code, u => u.Action);
        foreach (var (code, action) in own)
        {
            // Else another profile below this one would inherit it.
            actions[code] = actions.ContainsKey(code) ? action : throw new InvalidOperationException($"not every profile decides {code}");
        }

        return actions;
    }

    private static Profile Minimal() => new()
    {
        Name = PolicyProfile.Minimal,
        English = new(
            "Minimal",
            "Viruses and spam are stopped; everything else arrives.",
            [
                "Mail in which an antivirus engine finds something goes to quarantine. This cannot be switched off.",
                "Obvious spam is refused or kept in quarantine; doubtful mail is marked.",
                "Documents built the way only attackers build them are kept like viruses.",
                "Programs and scripts arrive. Choose this only where people need to receive them.",
            ]),
        French = new(
            "Minimal",
            "Les virus et le spam sont arrêtés ; tout le reste arrive.",
            [
                "Un message dans lequel un antivirus trouve quelque chose part en quarantaine. Cela ne se désactive pas.",
                "Le spam évident est refusé ou gardé en quarantaine ; le courrier douteux est marqué.",
                "Les documents construits comme seuls les attaquants le font sont gardés comme des virus.",
                "Les programmes et les scripts arrivent. À choisir seulement là où l'on doit en recevoir.",
            ]),
        Actions = Actions(("ATTACHMENT_EXECUTABLE", VerdictAction.Deliver)),
    };

    private static Profile Standard() => new()
    {
        Name = PolicyProfile.Standard,
        English = new(
            "Standard",
            "What most companies want: viruses, spam and dangerous files are stopped, ordinary documents arrive.",
            [
                "Everything of Minimal.",
                "Programs, scripts and installers wait in quarantine until an administrator looks at them.",
                "Documents whose macros start by themselves and do something suspicious wait, too.",
                "A file that hides behind a second ending, such as invoice.pdf.exe, waits, whatever is in it.",
                "Archives locked with a password arrive with a mark in their header, because nobody could look inside.",
            ]),
        French = new(
            "Standard",
            "Ce que veulent la plupart des entreprises : virus, spam et fichiers dangereux sont arrêtés, les documents ordinaires arrivent.",
            [
                "Tout ce que fait Minimal.",
                "Les programmes, scripts et installateurs attendent en quarantaine qu'un administrateur les regarde.",
                "Les documents dont les macros démarrent seules et font quelque chose de suspect attendent aussi.",
                "Un fichier qui se cache derrière une seconde extension, comme facture.pdf.exe, attend, quel que soit son contenu.",
                "Les archives protégées par un mot de passe arrivent avec une marque dans leur en-tête, car personne n'a pu les examiner.",
            ]),
        Actions = Actions(),
        Rules = ProfileRules.Standard,
    };

    private static Profile Strict() => new()
    {
        Name = PolicyProfile.Strict,
        English = new(
            "Strict",
            "For companies with much to lose: whatever nobody can look into waits, and so do films, music and very large mail.",
            [
                "Everything of Standard.",
                "Documents with any macro wait in quarantine.",
                "Archives locked with a password, in pieces, or of an unknown kind wait.",
                "Files whose name hides what they are wait.",
                "Encrypted mail (S/MIME, OpenPGP) waits, inbound and outbound; each of the four can be allowed by itself.",
                "Films, music and mail above 25 MB wait.",
            ]),
        French = new(
            "Strict",
            "Pour les entreprises qui ont beaucoup à perdre : ce que personne ne peut examiner attend, ainsi que les films, la musique et les très gros messages.",
            [
                "Tout ce que fait Standard.",
                "Les documents contenant une macro, quelle qu'elle soit, attendent en quarantaine.",
                "Les archives protégées par un mot de passe, en morceaux ou d'un type inconnu attendent.",
                "Les fichiers dont le nom cache la nature attendent.",
                "Le courrier chiffré (S/MIME, OpenPGP) attend, en entrée comme en sortie ; chacun des quatre cas peut être autorisé séparément.",
                "Les films, la musique et les messages de plus de 25 Mo attendent.",
            ]),
        Actions = Actions(
            ("OFFICE_MACRO", VerdictAction.Quarantine),
            ("ATTACHMENT_ENCRYPTED", VerdictAction.Quarantine),
            ("ATTACHMENT_PARTIAL", VerdictAction.Quarantine),
            ("ATTACHMENT_UNKNOWN_CONTAINER", VerdictAction.Quarantine),
            ("ATTACHMENT_DECEPTIVE_NAME", VerdictAction.Quarantine)),
        Rules = [.. ProfileRules.Standard, .. ProfileRules.Strict],
    };
}
