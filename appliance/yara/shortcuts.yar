// Shortcuts, links and libraries: small files whose only content is where a click leads.

private rule Shortcut
{
  condition:
    uint32be(0) == 0x4C000000 and uint32be(4) == 0x01140200 and uint32be(16) == 0x00000046
}

private rule ShortcutWithArguments
{
  condition:
    Shortcut and (uint32(20) & 0x20) != 0
}

rule Lnk_Interpreter
{
  meta:
    author = "SecuEdge"
    description = "A shortcut that gives an interpreter something to do"
    severity = "malware"
    date = "2026-11-23"
  strings:
    $1 = "powershell" nocase ascii wide
    $2 = "mshta" nocase ascii wide
    $3 = "wscript" nocase ascii wide
    $4 = "cscript" nocase ascii wide
    $5 = "rundll32" nocase ascii wide
    $6 = "regsvr32" nocase ascii wide
    $7 = "certutil" nocase ascii wide
    $8 = "bitsadmin" nocase ascii wide
    $9 = "cmd.exe" nocase ascii wide
    $10 = "forfiles" nocase ascii wide
    $11 = "msiexec" nocase ascii wide
    $12 = "%comspec%" nocase ascii wide
    $13 = "conhost" nocase ascii wide
    $14 = "ssh.exe" nocase ascii wide
  condition:
    ShortcutWithArguments and any of them
}

rule Lnk_Remote
{
  meta:
    author = "SecuEdge"
    description = "A shortcut that leads to a server"
    severity = "suspicious"
    score = 6
    date = "2026-11-23"
  strings:
    $web1 = "http://" nocase ascii wide
    $web2 = "https://" nocase ascii wide
    $dav = "DavWWWRoot" nocase ascii wide
    $share = /\\\\[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}[@\\]/ ascii wide
  condition:
    Shortcut and any of them
}

rule Lnk_Hidden_Arguments
{
  meta:
    author = "SecuEdge"
    description = "A shortcut whose arguments are pushed out of sight by blanks"
    severity = "malware"
    date = "2026-11-23"
  strings:
    $blanks = /( \x00){64}/
    $lines = /(\r\x00\n\x00){16}/
    $tabs = /(\t\x00){64}/
  condition:
    ShortcutWithArguments and any of them
}

rule Lnk_Large
{
  meta:
    author = "SecuEdge"
    description = "A shortcut that carries more than a shortcut needs"
    severity = "suspicious"
    score = 4
    date = "2026-11-23"
  condition:
    Shortcut and filesize > 32KB
}

private rule InternetShortcut
{
  strings:
    $section = "[InternetShortcut]" nocase ascii wide
  condition:
    $section in (0..4096)
}

rule Url_Opens_Share
{
  meta:
    author = "SecuEdge"
    description = "A link file that starts a program from somebody else's server"
    severity = "malware"
    date = "2026-11-23"
  strings:
    $program = /URL ?= ?(file:[\/\\]{2,5}|\\\\)[a-z0-9][^\r\n]{1,300}\.(exe|js|jse|vbs|vbe|wsf|hta|lnk|cmd|bat|url|scr|zip|msi|cpl|jar|ps1)\b/ nocase
    $dav = /URL ?= ?(file:[\/\\]{2,5}|\\\\)[^\r\n]{1,200}@(ssl|80|443|[0-9]{2,5})[\/\\@]/ nocase
  condition:
    InternetShortcut and any of them
}

rule Url_Icon_Elsewhere
{
  meta:
    author = "SecuEdge"
    description = "A link file that makes the computer log on elsewhere to show its icon"
    severity = "suspicious"
    score = 5
    date = "2026-11-23"
  strings:
    $icon = /(IconFile|WorkingDirectory|URL) ?= ?(file:[\/\\]{2}|\\\\)[a-z0-9%]/ nocase
  condition:
    InternetShortcut and $icon
}

rule Library_Elsewhere
{
  meta:
    author = "SecuEdge"
    description = "A library or search file that shows a stranger's folder as if it were one's own"
    severity = "suspicious"
    score = 6
    date = "2026-11-23"
  strings:
    $library = "<libraryDescription" nocase
    $connector = "<searchConnectorDescription" nocase
    $place = /<url>[ \r\n\t]*(\\\\|https?:\/\/|file:\/\/)/ nocase
  condition:
    ($library or $connector) and $place
}

rule Search_Protocol
{
  meta:
    author = "SecuEdge"
    description = "A link that opens a stranger's folder as a search result"
    severity = "malware"
    date = "2026-11-23"
  strings:
    $search = /search(-ms)?:[^"'<> ]{0,300}location(:|%3a)(\\\\|%5c%5c|https?|file)/ nocase
  condition:
    $search
}

rule Setting_Command
{
  meta:
    author = "SecuEdge"
    description = "A settings link or console file that runs a command"
    severity = "malware"
    date = "2026-11-23"
  strings:
    $link = /<DeepLink>[^<]{0,200}(cmd|powershell|mshta|rundll32|regsvr32|wscript|\.exe)/ nocase
    $console = "<MMC_ConsoleFile" nocase
    $page = "apds.dll/redirect.html?target=javascript:" nocase
  condition:
    $link or ($console and $page)
}
