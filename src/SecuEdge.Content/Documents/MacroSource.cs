using System.Buffers;

namespace SecuEdge.Content.Documents;

/// <summary>What the source of macros says it does, by its words: by itself (auto-exec), or what honest macros rarely need.</summary>
internal static class MacroSource
{
    private const int MaxWordsInEvidence = 12;

    /// <summary>Calls of Chr in one module beyond which somebody is hiding a string.</summary>
    private const int MaxChrCalls = 15;

    /// <summary>Names of procedures that Office calls by itself: Word, Excel, PowerPoint, Access, Outlook, and those of LibreOffice.</summary>
    private static readonly HashSet<string> AutoExecNames = new(StringComparer.OrdinalIgnoreCase)
    {
        "AutoExec", "AutoOpen", "AutoNew", "AutoClose", "AutoExit", "Auto_Open", "Auto_Close", "Auto_Exec", "Auto_Activate", "Auto_Deactivate", "Auto_Add", "Auto_Remove",
        "Document_Open", "Document_Close", "Document_New", "Document_BeforeClose", "Document_Sync", "DocumentOpen", "DocumentChange", "DocumentBeforeClose", "NewDocument",
        "App_DocumentOpen", "App_DocumentBeforeClose", "Document_ContentControlOnEnter", "Document_XMLAfterInsert",
        "Workbook_Open", "Workbook_Activate", "Workbook_BeforeClose", "Workbook_Close", "Workbook_Deactivate", "Workbook_WindowActivate", "Workbook_AddinInstall",
        "Workbook_SheetActivate", "Workbook_SheetCalculate", "Worksheet_Activate", "Worksheet_Calculate", "App_WorkbookOpen",
        "OnSlideShowPageChange", "OnSlideShowTerminate", "SlideShowBegin", "SlideShowNextSlide", "Auto_ShowBegin", "Presentation_Open", "App_PresentationOpen", "AfterPresentationOpen",
        "Application_Startup", "Application_NewMail", "Application_NewMailEx", "OnDocumentOpened",
    };

    /// <summary>Events of controls that come without a hand of the reader.</summary>
    private static readonly string[] AutoExecEndings =
    [
        "_Painted", "_Painting", "_Layout", "_NavigateComplete2", "_BeforeNavigate2", "_DocumentComplete", "_DownloadBegin", "_DownloadComplete", "_ProgressChange",
        "_StatusTextChange", "_TitleChange", "_PropertyChange", "_SetSecureLockIcon", "_FileDownload", "_OnConnecting", "_OnDisconnected", "_GotFocus", "_LostFocus", "_MouseMove", "_Resize",
    ];

    /// <summary>Starting programs, fetching, writing files, memory of other processes, the registry, and hiding strings.</summary>
    private static readonly HashSet<string> SuspiciousWords = new(StringComparer.OrdinalIgnoreCase)
    {
        "Shell", "ShellExecute", "ShellExecuteA", "ShellExecuteW", "ShellExecuteEx", "WScript", "CreateObject", "GetObject", "CallByName", "MacScript", "AppleScriptTask", "popen", "libc",
        "PowerShell", "pwsh", "cmd", "mshta", "rundll32", "regsvr32", "certutil", "bitsadmin", "cscript", "wmic", "schtasks", "msiexec", "msbuild", "installutil", "curl", "forfiles", "winmgmts", "Win32_Process",
        "URLDownloadToFile", "URLDownloadToFileA", "URLDownloadToFileW", "URLMon", "XMLHTTP", "ServerXMLHTTP", "XMLHTTP60", "MSXML2", "WinHttp", "WinHttpRequest", "InternetExplorer", "WebClient", "DownloadFile",
        "DownloadString", "InternetOpenUrl", "InternetOpenA", "InternetReadFile", "ADODB", "SaveToFile", "CreateTextFile", "FileSystemObject", "FileCopy", "ADO", "nodeTypedValue",
        "VirtualAlloc", "VirtualAllocEx", "VirtualProtect", "RtlMoveMemory", "WriteProcessMemory", "CreateThread", "CreateRemoteThread", "NtAllocateVirtualMemory", "CreateProcess", "CreateProcessA", "CreateProcessW",
        "WinExec", "LoadLibrary", "LoadLibraryA", "GetProcAddress", "EnumSystemLanguageGroupsW", "CallWindowProc", "SetTimer", "HeapCreate", "QueueUserAPC",
        "RegWrite", "RegRead", "RegDelete", "SendKeys", "Environ", "Environ$", "VBProject", "VBComponents", "CodeModule", "AddFromString", "InsertLines", "AccessVBOM", "VBAWarnings",
        "StrReverse", "Execute", "ExecuteGlobal", "ExecuteExcel4Macro", "Application.Evaluate", "FromBase64String", "base64", "CreateUnoService", "createUnoService", "SystemShellExecute",
    };

    private static readonly SearchValues<char> WordChars = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_$");

    private static readonly SearchValues<char> LinkEnd = SearchValues.Create(" \t\r\n\"'<>");

    private static readonly string[] Schemes = ["http://", "https://", "ftp://"];

    /// <summary>Tells the visit what a module's source does.</summary>
    public static void Judge(string module, ReadOnlySpan<char> source, DocumentVisit visit)
    {
        var words = Read(module, source);
        if (words.AutoExec.Count > 0)
        {
            visit.Found(ActiveContent.Macro | ActiveContent.MacroAutoExec, $"{module}: {string.Join(", ", words.AutoExec)}");
        }

        if (words.Suspicious.Count > 0)
        {
            visit.Found(ActiveContent.Macro | ActiveContent.MacroSuspicious, $"{module}: {string.Join(", ", words.Suspicious)}");
        }

        AddLinks(source, visit);
    }

    /// <summary>
    /// Names of procedures that run by themselves among the names that compiled code uses. Only those that stand there for no other reason:
    /// PowerPoint puts its own events into every project.
    /// </summary>
    public static List<string> AutoExecAmong(ReadOnlySpan<char> names)
    {
        var found = new List<string>();
        while (NextWord(ref names, out var word))
        {
            var isOwn = word.StartsWith("Auto", StringComparison.OrdinalIgnoreCase) || word.EndsWith("_Open", StringComparison.OrdinalIgnoreCase) || word.EndsWith("_Close", StringComparison.OrdinalIgnoreCase);
            AddNew(found, isOwn && AutoExecNames.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(word, out var name) ? name : null);
        }

        return found;
    }

    private static (List<string> AutoExec, List<string> Suspicious) Read(string module, ReadOnlySpan<char> source)
    {
        var (autoExec, suspicious) = (new List<string>(), new List<string>());
        var chrCalls = 0;
        foreach (var rawLine in source.EnumerateLines())
        {
            var line = WithoutComment(rawLine);
            var isDeclare = false;
            var isProcedure = false;
            while (NextWord(ref line, out var word))
            {
                if (isProcedure && (IsAutoExec(word) || (word.Equals("Main", StringComparison.OrdinalIgnoreCase) && AutoExecNames.Contains(module))))
                {
                    AddNew(autoExec, word.ToString());
                }

                isProcedure = word.Equals("Sub", StringComparison.OrdinalIgnoreCase) || word.Equals("Function", StringComparison.OrdinalIgnoreCase);
                isDeclare |= word.Equals("Declare", StringComparison.OrdinalIgnoreCase);
                AddNew(suspicious, isDeclare && word.Equals("Lib", StringComparison.OrdinalIgnoreCase) ? "Declare Lib" : null);
                AddNew(suspicious, SuspiciousWords.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(word, out var known) ? known : null);
                chrCalls += word.StartsWith("Chr", StringComparison.OrdinalIgnoreCase) && word.Length <= 5 ? 1 : 0;
            }
        }

        AddNew(suspicious, chrCalls > MaxChrCalls ? $"Chr {chrCalls} times" : null);
        return (autoExec, suspicious);
    }

    private static bool IsAutoExec(ReadOnlySpan<char> name)
    {
        if (AutoExecNames.GetAlternateLookup<ReadOnlySpan<char>>().Contains(name))
        {
            return true;
        }

        foreach (var ending in AutoExecEndings)
        {
            if (name.EndsWith(ending, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>An apostrophe outside a string begins a comment ([MS-VBAL] §3.3.1).</summary>
    private static ReadOnlySpan<char> WithoutComment(ReadOnlySpan<char> line)
    {
        var isString = false;
        for (var i = line.IndexOfAny('"', '\''); i >= 0 && i < line.Length; i++)
        {
            isString ^= line[i] == '"';
            if (!isString && line[i] == '\'')
            {
                return line[..i];
            }
        }

        return line;
    }

    private static bool NextWord(ref ReadOnlySpan<char> text, out ReadOnlySpan<char> word)
    {
        var start = text.IndexOfAny(WordChars);
        if (start < 0)
        {
            word = default;
            return false;
        }

        var length = text[start..].IndexOfAnyExcept(WordChars);
        length = length < 0 ? text.Length - start : length;
        word = text.Slice(start, length);
        text = text[(start + length)..];
        return true;
    }

    private static void AddNew(List<string> found, string? word)
    {
        if (word is not null && found.Count < MaxWordsInEvidence && !found.Contains(word, StringComparer.OrdinalIgnoreCase))
        {
            found.Add(word);
        }
    }

    private static void AddLinks(ReadOnlySpan<char> source, DocumentVisit visit)
    {
        foreach (var scheme in Schemes)
        {
            var rest = source;
            while (rest.IndexOf(scheme, StringComparison.OrdinalIgnoreCase) is >= 0 and var at)
            {
                rest = rest[at..];
                var end = rest.IndexOfAny(LinkEnd);
                visit.AddLink((end < 0 ? rest : rest[..end]).ToString());
                rest = rest[scheme.Length..];
            }
        }
    }
}
