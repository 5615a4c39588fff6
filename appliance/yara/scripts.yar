// Scripts that a double click runs: JScript, VBScript, HTML applications, PowerShell, batch files, AutoIt, registry files.

private rule Text
{
  condition:
    uint16(0) != 0x5A4D and uint32be(0) != 0xD0CF11E0 and uint32be(0) != 0x7F454C46 and uint32be(0) != 0x504B0304
}

rule Script_Downloader
{
  meta:
    author = "SecuEdge"
    description = "A script that fetches a file, saves it and starts it"
    severity = "malware"
    date = "2026-11-23"
  strings:
    $start1 = "WScript.Shell" nocase
    $start2 = "Shell.Application" nocase
    $fetch1 = "XMLHTTP" nocase
    $fetch2 = "WinHttp.WinHttpRequest" nocase
    $save1 = "ADODB.Stream" nocase
    $save2 = "SaveToFile" nocase
    $save3 = "Scripting.FileSystemObject" nocase
  condition:
    Text and any of ($start*) and any of ($fetch*) and any of ($save*)
}

rule Script_Hidden_Interpreter
{
  meta:
    author = "SecuEdge"
    description = "A script that starts an interpreter without a window"
    severity = "malware"
    date = "2026-11-23"
  strings:
    $shell = "WScript.Shell" nocase
    $run = /\.Run[ (][^\r\n]{1,2000}(powershell|mshta|cmd(\.exe)? ?\/c|rundll32|regsvr32|curl|bitsadmin)[^\r\n]{0,2000}, ?(0|vbHide|false)\b/ nocase
    $exec = /ShellExecute[ (]{1,2}["'](powershell|mshta|cmd)[^\r\n]{1,1000}, ?0 ?\)?/ nocase
    $application = "Shell.Application" nocase
  condition:
    Text and (($shell and $run) or ($application and $exec))
}

rule Script_Encoded
{
  meta:
    author = "SecuEdge"
    description = "A script in Microsoft's encoded form"
    severity = "malware"
    date = "2026-11-23"
  strings:
    $begin = /#@~\^[A-Za-z0-9+\/]{6}==/
    $page = /<script[^>]{1,60}language ?= ?["']?(VBScript|JScript)\.Encode/ nocase
  condition:
    Text and ($begin in (0..64) or ($page and $begin))
}

rule Script_Masked
{
  meta:
    author = "SecuEdge"
    description = "A script for the Windows script host with all its names and strings masked"
    severity = "malware"
    date = "2026-11-23"
  strings:
    $host1 = "WScript" nocase
    $host2 = "ActiveXObject" nocase
    $host3 = "CreateObject" nocase
    $hex = /\b_0x[0-9a-f]{4,6}\b/
    $numbers = /fromCharCode\( ?[0-9]{2,3}( ?, ?[0-9]{2,3}){20}/ nocase
    $chr = /\bChrW?\( ?[0-9&H]{2,6}[^)]{0,20}\) ?& ?ChrW?\(/ nocase
    $run1 = "eval(" nocase
    $run2 = /\bexecute(global)?[ (]/ nocase
  condition:
    Text and any of ($host*) and (#hex > 40 or ($numbers and any of ($run*)) or (#chr > 40 and any of ($run*)))
}

rule Hta_Application
{
  meta:
    author = "SecuEdge"
    description = "An HTML application that starts programs"
    severity = "malware"
    date = "2026-11-23"
  strings:
    $hta = "<hta:application" nocase
    $page = "<script" nocase
    $start1 = "WScript.Shell" nocase
    $start2 = "Shell.Application" nocase
    $start3 = "Win32_Process" nocase
  condition:
    Text and any of ($start*) and ($hta or ($page and extension == ".hta"))
}

rule Wsf_Job
{
  meta:
    author = "SecuEdge"
    description = "A script file in XML form for the Windows script host"
    severity = "suspicious"
    score = 6
    date = "2026-11-23"
  strings:
    $job = /<(job|package|component)[ >]/ nocase
    $script = /<script[^>]{0,60}language/ nocase
    $object1 = "CreateObject" nocase
    $object2 = "ActiveXObject" nocase
    $object3 = "GetObject(" nocase
  condition:
    Text and $job in (0..8192) and $script and any of ($object*)
}

rule PowerShell_Encoded
{
  meta:
    author = "SecuEdge"
    description = "PowerShell is given a command that nobody can read"
    severity = "malware"
    date = "2026-11-23"
  strings:
    $command = /powershell[^\r\n]{0,300} [-\/\x96]e(c|nc|nco|ncod|ncode|ncoded|ncodedcommand)? {1,10}["']?[A-Za-z0-9+\/=]{40}/ nocase ascii wide
    $short = /\bpwsh[^\r\n]{0,300} [-\/]e(c|nc|ncodedcommand)? {1,10}["']?[A-Za-z0-9+\/=]{40}/ nocase ascii wide
  condition:
    any of them
}

rule PowerShell_Hidden_Download
{
  meta:
    author = "SecuEdge"
    description = "PowerShell fetches something without a window"
    severity = "malware"
    date = "2026-11-23"
  strings:
    $hidden1 = /powershell[^\r\n]{0,200}[-\/]w[a-z]{0,10} {1,10}["']?(hid|1\b)/ nocase ascii wide
    $hidden2 = /WindowStyle[ '",:=]{1,10}Hidden/ nocase ascii wide
    $process = "powershell" nocase ascii wide
    $1 = "DownloadString" nocase ascii wide
    $2 = "DownloadFile" nocase ascii wide
    $3 = "DownloadData" nocase ascii wide
    $4 = "Invoke-WebRequest" nocase ascii wide
    $5 = "Invoke-RestMethod" nocase ascii wide
    $6 = /\biwr\b/ nocase ascii wide
    $7 = /\birm\b/ nocase ascii wide
    $8 = "Start-BitsTransfer" nocase ascii wide
    $9 = "curl " nocase ascii wide
  condition:
    $process and any of ($hidden*) and any of ($1, $2, $3, $4, $5, $6, $7, $8, $9)
}

rule PowerShell_Download_Run
{
  meta:
    author = "SecuEdge"
    description = "PowerShell runs what it fetches; installers of software do so, too"
    severity = "suspicious"
    score = 3
    date = "2026-11-23"
  strings:
    $run1 = /\biex\b/ nocase
    $run2 = "Invoke-Expression" nocase
    $1 = "DownloadString" nocase
    $2 = "DownloadData" nocase
    $3 = "Invoke-WebRequest" nocase
    $4 = "Invoke-RestMethod" nocase
    $5 = /\b(iwr|irm) {1,4}["']?[-h]/ nocase
  condition:
    Text and any of ($run*) and any of ($1, $2, $3, $4, $5)
}

rule PowerShell_Loads_Program
{
  meta:
    author = "SecuEdge"
    description = "PowerShell runs a program that is written into the script"
    severity = "malware"
    date = "2026-11-23"
  strings:
    $load1 = /Reflection\.Assembly\]?::Load\(/ nocase
    $load2 = "CurrentDomain.Load(" nocase
    $load3 = "GetDelegateForFunctionPointer" nocase
    $decode1 = "FromBase64String" nocase
    $decode2 = "GzipStream" nocase
    $decode3 = "DeflateStream" nocase
    $decode4 = "-bxor" nocase
    $decode5 = /\[byte\[\]\] ?\$?[a-z0-9_]{0,40} ?=? ?\(?@?\(?0x/ nocase
  condition:
    Text and any of ($load*) and any of ($decode*)
}

rule PowerShell_Blinds_Scanner
{
  meta:
    author = "SecuEdge"
    description = "A script that switches off the malware scanner of Windows"
    severity = "malware"
    date = "2026-11-23"
  strings:
    $1 = "amsiInitFailed" nocase ascii wide
    $2 = /Set-MpPreference[^\r\n]{1,60}-Disable(RealtimeMonitoring|ScriptScanning|IOAVProtection)/ nocase ascii wide
    $3 = /Add-MpPreference[^\r\n]{1,60}-Exclusion(Path|Extension|Process)/ nocase ascii wide
  condition:
    Text and any of them
}

rule Batch_Downloader
{
  meta:
    author = "SecuEdge"
    description = "A batch file that fetches or unpacks a program with tools of Windows"
    severity = "malware"
    date = "2026-11-23"
  strings:
    $batch1 = "@echo off" nocase
    $batch2 = "%~dp0" nocase
    $batch3 = "%temp%" nocase
    $batch4 = "%appdata%" nocase
    $batch5 = "setlocal" nocase
    $tool1 = /certutil(\.exe)?[^\r\n]{0,60}[-\/](urlcache|decode)/ nocase
    $tool2 = /bitsadmin(\.exe)?[^\r\n]{0,60}\/(transfer|create)/ nocase
    $tool3 = /\bcurl(\.exe)?[^\r\n]{1,300}-o[^\r\n]{1,200}\.(exe|dll|vbs|js|hta|bat|ps1|msi|zip)/ nocase
    $tool4 = /mshta(\.exe)? {1,4}["']?(https?|javascript|vbscript):/ nocase
    $tool5 = /regsvr32(\.exe)?[^\r\n]{0,60}\/i:https?:/ nocase
  condition:
    Text and any of ($batch*) and any of ($tool*)
}

rule Batch_Masked
{
  meta:
    author = "SecuEdge"
    description = "A batch file that spells its commands letter by letter"
    severity = "suspicious"
    score = 6
    date = "2026-11-23"
  strings:
    $letter = /%[A-Za-z0-9_]{1,40}:~[0-9-]{1,3},[0-9]{1,2}%/
    $set = /\bset "?[A-Za-z0-9_]{1,40}=/ nocase
  condition:
    Text and $set and #letter > 20
}

rule AutoIt_Program
{
  meta:
    author = "SecuEdge"
    description = "A compiled AutoIt script"
    severity = "suspicious"
    score = 5
    date = "2026-11-23"
  strings:
    $script = "AU3!EA06"
    $resource = { A3 48 4B BE 98 6C 4A A9 99 4C 53 0A 86 D6 48 7D 41 55 33 21 45 41 30 }
  condition:
    any of them
}

rule AutoIt_Downloader
{
  meta:
    author = "SecuEdge"
    description = "An AutoIt script that fetches and starts a program"
    severity = "malware"
    date = "2026-11-23"
  strings:
    $mark1 = "#NoTrayIcon" nocase
    $mark2 = "#include <" nocase
    $mark3 = "@TempDir" nocase
    $mark4 = "@AppDataDir" nocase
    $fetch = /\bInet(Get|Read)\(/ nocase
    $run = /\b(Run|RunWait|ShellExecute)\(/ nocase
  condition:
    Text and any of ($mark*) and $fetch and $run
}

rule Registry_Start
{
  meta:
    author = "SecuEdge"
    description = "A registry file that makes a program start with Windows or lowers its protection"
    severity = "malware"
    date = "2026-11-23"
  strings:
    $header1 = "Windows Registry Editor" ascii wide
    $header2 = "REGEDIT4" ascii
    $key1 = "\\CurrentVersion\\Run" nocase ascii wide
    $key2 = "DisableAntiSpyware" nocase ascii wide
    $key3 = "VBAWarnings" nocase ascii wide
    $key4 = "\\shell\\open\\command" nocase ascii wide
  condition:
    any of ($header*) in (0..16) and any of ($key*)
}
