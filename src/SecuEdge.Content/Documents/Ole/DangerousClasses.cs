namespace SecuEdge.Content.Documents.Ole;

/// <summary>Classes of objects that documents are given in order to attack whoever opens them, as data.</summary>
internal static class DangerousClasses
{
    private static readonly Dictionary<Guid, (ActiveContent Active, string Name)> ById = new()
    {
        // Common controls with holes in how they are loaded (CVE-2012-0158, CVE-2012-1856).
        [new("BDD1F04B-858B-11D1-B16A-00C0F0283628")] = (ActiveContent.Exploit, "MSCOMCTL.ListView"),
        [new("996BF5E0-8044-4650-ADEB-0B013914E99C")] = (ActiveContent.Exploit, "MSCOMCTL.ListView"),
        [new("C74190B6-8589-11D1-B16A-00C0F0283628")] = (ActiveContent.Exploit, "MSCOMCTL.TreeView"),
        [new("9181DC5F-E07D-418A-ACA6-8EEA1ECB8E9E")] = (ActiveContent.Exploit, "MSCOMCTL.TreeView"),
        [new("1EFB6596-857C-11D1-B16A-00C0F0283628")] = (ActiveContent.Exploit, "MSCOMCTL.TabStrip"),
        [new("24B224E0-9545-4A2F-ABD5-86AA8A849385")] = (ActiveContent.Exploit, "MSCOMCTL.TabStrip"),
        [new("66833FE6-8583-11D1-B16A-00C0F0283628")] = (ActiveContent.Exploit, "MSCOMCTL.Toolbar"),

        // Loaded only to bring a library without address randomisation, or for a hole of its own.
        [new("A08A033D-1A75-4AB6-A166-EAD02F547959")] = (ActiveContent.Exploit, "otkloadr.WRAssembly"),
        [new("05741520-C4EB-440A-AC3F-9643BBC9F847")] = (ActiveContent.Exploit, "otkloadr.WRLoader"),
        [new("CDDBCC7C-BE18-4A58-9CBF-D62A012272CE")] = (ActiveContent.Exploit, "OSF.Sandbox"),
        [new("CDF1C8AA-2D25-43C7-8AFE-01F73A3C66DA")] = (ActiveContent.Exploit, "UmOutlookAddin.FormRegionContext"),
        [new("44F9A03B-A3EC-4F3B-9364-08E0007F21DF")] = (ActiveContent.Exploit, "Control.TaskSymbol"),
        [new("14CE31DC-ABC2-484C-B061-CF3416AED8FF")] = (ActiveContent.Exploit, "WUAEXT loader"),

        // Script and web pages inside a document.
        [new("25336920-03F9-11CF-8FD0-00AA00686F13")] = (ActiveContent.ExternalObject, "htmlfile"),
        [new("25336921-03F9-11CF-8FD0-00AA00686F13")] = (ActiveContent.ExternalObject, "htmlfile"),
        [new("3050F4D8-98B5-11CF-BB82-00AA00BDCE0B")] = (ActiveContent.Exploit, "HTA host"),
        [new("06290BD3-48AA-11D2-8432-006008C3FBFC")] = (ActiveContent.Exploit, "script moniker"),
        [new("ECABAFC6-7F19-11D2-978E-0000F8757E2A")] = (ActiveContent.Exploit, "new moniker"),
        [new("ECABB0C7-7F19-11D2-978E-0000F8757E2A")] = (ActiveContent.Exploit, "SOAP moniker"),
        [new("B54F3741-5B07-11CF-A4B0-00AA004A55E8")] = (ActiveContent.Exploit, "VBScript"),
        [new("F414C260-6AC0-11CF-B6D1-00AA00BBBB58")] = (ActiveContent.Exploit, "JScript"),
        [new("8856F961-340A-11D0-A96B-00C04FD705A2")] = (ActiveContent.Control, "web browser control"),
        [new("EAB22AC3-30C1-11CF-A7EB-0000C05BAE0B")] = (ActiveContent.Control, "web browser control"),
        [new("D27CDB6E-AE6D-11CF-96B8-444553540000")] = (ActiveContent.Control, "Shockwave Flash"),
        [new("D27CDB70-AE6D-11CF-96B8-444553540000")] = (ActiveContent.Control, "Shockwave Flash"),

        // Packages: a file that a double click opens.
        [new("F20DA720-C02F-11CE-927B-0800095AE340")] = (ActiveContent.EmbeddedFile, "package"),
        [new("0003000C-0000-0000-C000-000000000046")] = (ActiveContent.EmbeddedFile, "package"),
        [new("0003000D-0000-0000-C000-000000000046")] = (ActiveContent.EmbeddedFile, "sound package"),
        [new("0003000E-0000-0000-C000-000000000046")] = (ActiveContent.EmbeddedFile, "media package"),
    };

    /// <summary>Monikers that fetch when a link is made live ([MS-OSHARED] §2.3.7.1).</summary>
    public static readonly Guid UrlMoniker = new("79EAC9E0-BAF9-11CE-8C82-00AA004BA90B");

    public static readonly Guid FileMoniker = new("00000303-0000-0000-C000-000000000046");

    public static void Judge(Guid classId, string where, DocumentVisit visit)
    {
        if (EquationObject.Has(classId))
        {
            visit.Found(ActiveContent.EmbeddedFile, $"{where}: {EquationObject.Name}");
        }
        else if (ById.TryGetValue(classId, out var known))
        {
            visit.Found(known.Active, $"{where}: {known.Name}");
        }
    }

    /// <summary>Where no writer puts formulas any more and attacks do: objects of RTF.</summary>
    public static void JudgeInRtf(string programId, DocumentVisit visit)
    {
        if (EquationObject.Has(programId.Trim()))
        {
            visit.Found(ActiveContent.Exploit, $"{programId.Trim()}: {EquationObject.Name}");
        }
        else
        {
            Judge(programId, visit);
        }
    }

    /// <summary>Names of classes (program ids) of OLE 1 objects and OOXML; numbers and case vary.</summary>
    public static void Judge(string programId, DocumentVisit visit)
    {
        var name = programId.Trim();
        if (EquationObject.Has(name))
        {
            visit.Found(ActiveContent.EmbeddedFile, $"{name}: {EquationObject.Name}");
        }
        else if (name.StartsWith("Package", StringComparison.OrdinalIgnoreCase))
        {
            visit.Found(ActiveContent.EmbeddedFile, name);
        }
        else if (name.StartsWith("otkloadr", StringComparison.OrdinalIgnoreCase) || name.StartsWith("htafile", StringComparison.OrdinalIgnoreCase)
            || name.StartsWith("script", StringComparison.OrdinalIgnoreCase) || name.StartsWith("MSComctlLib.", StringComparison.OrdinalIgnoreCase))
        {
            visit.Found(ActiveContent.Exploit, name);
        }
        else if (name.StartsWith("htmlfile", StringComparison.OrdinalIgnoreCase))
        {
            visit.Found(ActiveContent.ExternalObject, name);
        }
        else if (name.StartsWith("ShockwaveFlash", StringComparison.OrdinalIgnoreCase) || name.StartsWith("Shell.Explorer", StringComparison.OrdinalIgnoreCase))
        {
            visit.Found(ActiveContent.Control, name);
        }
    }
}
