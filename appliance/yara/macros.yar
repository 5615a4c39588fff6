// VBA sources as the decomposition gives them, Excel 4.0 macros, dynamic data exchange.

private rule VbaSource
{
  strings:
    $attribute = "Attribute VB_" ascii wide
    $sub = "End Sub" nocase
    $function = "End Function" nocase
  condition:
    uint16(0) != 0x5A4D and any of them
}

private rule VbaRunsByItself
{
  strings:
    $1 = "AutoOpen" nocase fullword
    $2 = "Auto_Open" nocase fullword
    $3 = "AutoExec" nocase fullword
    $4 = "AutoClose" nocase fullword
    $5 = "Auto_Close" nocase fullword
    $6 = "AutoNew" nocase fullword
    $7 = "Document_Open" nocase fullword
    $8 = "Document_Close" nocase fullword
    $9 = "Document_New" nocase fullword
    $10 = "DocumentOpen" nocase fullword
    $11 = "Workbook_Open" nocase fullword
    $12 = "Workbook_Activate" nocase fullword
    $13 = "Workbook_BeforeClose" nocase fullword
    $14 = "_Painted" nocase
    $15 = "_BeforeNavigate2" nocase
    $16 = "_GotFocus" nocase
  condition:
    VbaSource and any of them
}

private rule VbaStartsPrograms
{
  strings:
    $1 = "WScript.Shell" nocase
    $2 = "Shell.Application" nocase
    $3 = /\bShell[ (]/ nocase
    $4 = "ShellExecute" nocase
    $5 = "CreateProcess" nocase
    $6 = "Win32_Process" nocase
    $7 = "WinExec" nocase
    $8 = "MacScript" nocase
    $9 = "Schedule.Service" nocase
  condition:
    any of them
}

private rule VbaDownloads
{
  strings:
    $1 = "URLDownloadToFile" nocase
    $2 = "XMLHTTP" nocase
    $3 = "WinHttp.WinHttpRequest" nocase
    $4 = "Net.WebClient" nocase
    $5 = "InternetOpenUrl" nocase
    $6 = "InternetExplorer.Application" nocase
  condition:
    any of them
}

rule Vba_Auto_Interpreter
{
  meta:
    author = "SecuEdge"
    description = "A macro that runs by itself and starts a command interpreter or script host"
    severity = "malware"
    date = "2026-11-23"
  strings:
    $1 = "powershell" nocase
    $2 = /\bcmd(\.exe)? {1,4}\/[ck]/ nocase
    $3 = "mshta" nocase fullword
    $4 = "rundll32" nocase
    $5 = "regsvr32" nocase
    $6 = /\b[wc]script(\.exe)? / nocase
    $7 = "certutil" nocase fullword
    $8 = "bitsadmin" nocase
  condition:
    VbaRunsByItself and VbaStartsPrograms and any of them
}

rule Vba_Auto_Start
{
  meta:
    author = "SecuEdge"
    description = "A macro that runs by itself and starts a program"
    severity = "suspicious"
    score = 4
    date = "2026-11-23"
  condition:
    VbaRunsByItself and VbaStartsPrograms
}

rule Vba_Auto_Download
{
  meta:
    author = "SecuEdge"
    description = "A macro that runs by itself, fetches a file and saves or starts it"
    severity = "malware"
    date = "2026-11-23"
  strings:
    $save1 = "ADODB.Stream" nocase
    $save2 = "SaveToFile" nocase
    $save3 = "URLDownloadToFile" nocase
    $save4 = "DownloadFile" nocase
  condition:
    VbaRunsByItself and VbaDownloads and (any of them or VbaStartsPrograms)
}

rule Vba_Obfuscated
{
  meta:
    author = "SecuEdge"
    description = "A macro that runs by itself and builds its strings from numbers or reversed text"
    severity = "suspicious"
    score = 5
    date = "2026-11-23"
  strings:
    $chr = /\bChrW?\$?\( ?(&H)?[0-9A-F]{1,4}/ nocase
    $reverse = "StrReverse(" nocase
    $call = "CallByName" nocase
    $object = "CreateObject(" nocase
    $literal = "CreateObject(\"" nocase
  condition:
    VbaRunsByItself and (#chr > 20 or ($reverse and ($object or $call)) or ($object and not $literal and #chr > 5))
}

rule Vba_Code_In_Memory
{
  meta:
    author = "SecuEdge"
    description = "A macro that puts machine code into memory and runs it"
    severity = "malware"
    date = "2026-11-23"
  strings:
    $declare = "Declare " nocase
    $allocate1 = "VirtualAlloc" nocase
    $allocate2 = "HeapCreate" nocase fullword
    $allocate3 = "VirtualProtect" nocase
    $copy1 = "RtlMoveMemory" nocase
    $copy2 = "WriteProcessMemory" nocase
    $copy3 = "NtWriteVirtualMemory" nocase
    $run1 = "CreateThread" nocase
    $run2 = "CreateRemoteThread" nocase
    $run3 = "QueueUserAPC" nocase
    $run4 = "CallWindowProc" nocase
    $run5 = "EnumSystemLocales" nocase
    $run6 = "CreateTimerQueueTimer" nocase
  condition:
    VbaSource and $declare and any of ($allocate*) and any of ($copy*) and any of ($run*)
}

rule Vba_Looks_Around
{
  meta:
    author = "SecuEdge"
    description = "A macro that runs by itself and looks whether somebody watches it"
    severity = "suspicious"
    score = 4
    date = "2026-11-23"
  strings:
    $1 = "RecentFiles.Count" nocase
    $2 = "Win32_ComputerSystem" nocase
    $3 = "vmware" nocase
    $4 = "virtualbox" nocase
    $5 = "Sandbox" nocase
    $6 = "Tasks.Exists" nocase
    $7 = "USERDNSDOMAIN" nocase
  condition:
    VbaRunsByItself and 2 of them
}

rule Vba_Stays
{
  meta:
    author = "SecuEdge"
    description = "A macro that makes itself or another program start with Windows"
    severity = "suspicious"
    score = 5
    date = "2026-11-23"
  strings:
    $run = "\\CurrentVersion\\Run" nocase
    $folder = "\\Programs\\Startup" nocase
    $special = /SpecialFolders\( ?"(AllUsers)?Startup/ nocase
    $task = "schtasks" nocase
    $write1 = "RegWrite" nocase
    $write2 = "FileCopy" nocase
    $write3 = "SaveToFile" nocase
    $write4 = "CreateTextFile" nocase
    $write5 = "/create" nocase
    $write6 = "For Output" nocase
    $write7 = "CreateShortcut" nocase
  condition:
    VbaSource and ($run or $folder or $special or $task) and any of ($write*)
}

rule Vba_Lowers_Guard
{
  meta:
    author = "SecuEdge"
    description = "A macro that switches off the protection against macros"
    severity = "malware"
    date = "2026-11-23"
  strings:
    $key1 = "AccessVBOM" nocase
    $key2 = "VBAWarnings" nocase
    $key3 = "DisableAttachmentsInPV" nocase
    $write1 = "RegWrite" nocase
    $write2 = "SetDWORDValue" nocase
    $write3 = "PrivateProfileString" nocase
    $write4 = "reg add" nocase
  condition:
    VbaSource and any of ($key*) and any of ($write*)
}

rule Vba_Hides_Command
{
  meta:
    author = "SecuEdge"
    description = "A macro that runs by itself and takes its command from a form, a property or a cell comment"
    severity = "suspicious"
    score = 4
    date = "2026-11-23"
  strings:
    $1 = "BuiltInDocumentProperties" nocase
    $2 = "CustomDocumentProperties" nocase
    $3 = ".ControlTipText" nocase
    $4 = ".AlternativeText" nocase
    $5 = "ActiveDocument.Variables" nocase
    $6 = "UserForm1." nocase
  condition:
    VbaRunsByItself and VbaStartsPrograms and any of them
}

rule Vba_Mails_Itself
{
  meta:
    author = "SecuEdge"
    description = "A macro that sends files to everybody in the address book"
    severity = "malware"
    date = "2026-11-23"
  strings:
    $outlook = "Outlook.Application" nocase
    $attach = "Attachments.Add" nocase
    $list1 = "AddressLists" nocase
    $list2 = "AddressEntries" nocase
  condition:
    VbaSource and $outlook and $attach and any of ($list*)
}

rule Xlm_Dropper
{
  meta:
    author = "SecuEdge"
    description = "An Excel 4.0 macro that fetches or starts a program"
    severity = "malware"
    date = "2026-11-23"
  strings:
    $run = /(EXEC|CALL|REGISTER)\( ?["&]/ nocase
    $what1 = "urlmon" nocase
    $what2 = "powershell" nocase
    $what3 = "mshta" nocase
    $what4 = "rundll32" nocase
    $what5 = "regsvr32" nocase
    $what6 = "cmd.exe" nocase
    $what7 = "ShellExecute" nocase
    $what8 = "wmic" nocase fullword
    $macro1 = "HALT()" nocase
    $macro2 = "RETURN()" nocase
    $macro3 = "FORMULA(" nocase
    $macro4 = "SET.NAME(" nocase
    $macro5 = "WORKBOOK.HIDE(" nocase
    $macro6 = "Auto_Open" nocase
    $macro7 = "xlm:macrosheet" nocase
  condition:
    $run and any of ($what*) and (any of ($macro*) or uint32(0) == 0x503B4449)
}

rule Xlm_Symbolic_Link
{
  meta:
    author = "SecuEdge"
    description = "A spreadsheet in SYLK form with macro functions: Excel opens it without its usual protection"
    severity = "suspicious"
    score = 6
    date = "2026-11-23"
  strings:
    $auto = "Auto_open" nocase
    $run = /;E(EXEC|CALL|REGISTER|FOPEN|HALT)\(/ nocase
  condition:
    uint32(0) == 0x503B4449 and any of them
}

rule Dde_Command
{
  meta:
    author = "SecuEdge"
    description = "A document field that starts an interpreter"
    severity = "malware"
    date = "2026-11-23"
  strings:
    $field = /\bDDE(AUTO)?[ \t"\\]{1,10}[^<>]{0,120}(cmd|powershell|mshta|rundll32|regsvr32|wscript|cscript|certutil)/ nocase
    $xml1 = "instrText" ascii
    $xml2 = "fldSimple" ascii
    $rtf = "{\\rt"
  condition:
    $field and ($xml1 or $xml2 or $rtf at 0)
}

rule Dde_Cell
{
  meta:
    author = "SecuEdge"
    description = "A spreadsheet cell that starts an interpreter"
    severity = "malware"
    date = "2026-11-23"
  strings:
    $cell = /[=+@-] ?(cmd|powershell|mshta|rundll32|regsvr32|msexcel|wscript)\|['"]? ?[\/-]?[^\n]{0,300}!/ nocase
  condition:
    uint16(0) != 0x5A4D and $cell
}
