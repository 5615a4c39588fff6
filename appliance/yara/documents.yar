// Office files, RTF, OneNote and PDF by their structure.

rule Ooxml_Remote_Template
{
  meta:
    author = "SecuEdge"
    description = "A document that fetches its template from the web when it is opened"
    severity = "suspicious"
    score = 5
    date = "2026-11-23"
  strings:
    $template = "/attachedTemplate\"" nocase
    // file:///C:\...\Normal.dotm stands in honest documents; a share does not.
    $remote = /Target="(https?:\/\/|ftp:\/\/|file:\/\/[^\/]|file:\/\/\/\\\\)/ nocase
    $external = "TargetMode=\"External\"" nocase
  condition:
    all of them
}

rule Ooxml_Remote_Object
{
  meta:
    author = "SecuEdge"
    description = "A document that loads a web page as an object when it is opened"
    severity = "malware"
    date = "2026-11-23"
  strings:
    $object = "/oleObject\"" nocase
    $page1 = /Target="(mhtml:|x-usc:)?https?:[^"]{1,500}!"/ nocase
    $page2 = /Target="mhtml:[^"]{1,500}"/ nocase
    $external = "TargetMode=\"External\"" nocase
  condition:
    $object and $external and any of ($page*)
}

rule Diagnostic_Protocol
{
  meta:
    author = "SecuEdge"
    description = "A link that abuses the support diagnostics to run a command"
    severity = "malware"
    date = "2026-11-23"
  strings:
    $protocol = "ms-msdt:" nocase
    $wizard1 = "PCWDiagnostic" nocase
    $wizard2 = "IT_BrowseForFile" nocase
  condition:
    $protocol and any of ($wizard*)
}

private rule RichText
{
  strings:
    $header = "{\\rt"
  condition:
    $header in (0..64)
}

rule Rtf_Equation_Updated
{
  meta:
    author = "SecuEdge"
    description = "An RTF file with an object for the old equation editor that loads by itself"
    severity = "malware"
    date = "2026-11-23"
  strings:
    $update = "\\objupdate"
    $name1 = "Equation.3" nocase
    $name2 = "4571756174696f6e2e33" nocase
    $class = "02ce020000000000c000000000000046" nocase
  condition:
    RichText and $update and ($name1 or $name2 or $class)
}

rule Rtf_Equation_Object
{
  meta:
    author = "SecuEdge"
    description = "An RTF file with an object for the old equation editor"
    severity = "suspicious"
    score = 4
    date = "2026-11-23"
  strings:
    $data = "\\objdata"
    $name = "4571756174696f6e2e33" nocase
    $class = "02ce020000000000c000000000000046" nocase
  condition:
    RichText and $data and ($name or $class)
}

rule Rtf_Remote_Object
{
  meta:
    author = "SecuEdge"
    description = "An RTF file with an object that is fetched from the web when it is opened"
    severity = "malware"
    date = "2026-11-23"
  strings:
    $data = "\\objdata"
    $link = "4f4c45324c696e6b" nocase
    $moniker = "e0c9ea79f9bace118c8200aa004ba90b" nocase
    $update = "\\objupdate"
    $auto = "\\objautlink"
  condition:
    RichText and $data and ($moniker or ($link and ($update or $auto)))
}

rule Rtf_Object_Updated
{
  meta:
    author = "SecuEdge"
    description = "An RTF file with an object that loads without a click"
    severity = "suspicious"
    score = 3
    date = "2026-11-23"
  strings:
    $update = "\\objupdate"
    $data = "\\objdata"
  condition:
    RichText and all of them
}

rule Rtf_Carries_Program
{
  meta:
    author = "SecuEdge"
    description = "An RTF file with a program or script packed inside"
    severity = "malware"
    date = "2026-11-23"
  strings:
    $data = "\\objdata"
    $package = "5061636b616765" nocase
    // The name of the packed file, as hex digits: .exe .scr .js .vbs .hta .lnk .bat .cmd .ps1 .sct, each ended by NUL.
    $name = /2e(657865|736372|6a73|766273|687461|6c6e6b|626174|636d64|707331|736374)00/ nocase
  condition:
    RichText and all of them
}

rule Rtf_Damaged_Header
{
  meta:
    author = "SecuEdge"
    description = "An RTF file with objects whose beginning is damaged, so that filters take it for text"
    severity = "suspicious"
    score = 5
    date = "2026-11-23"
  strings:
    $right = "{\\rtf1"
    $object = "\\objdata"
  condition:
    RichText and $object and not $right in (0..64)
}

private rule OneNote
{
  condition:
    uint32be(0) == 0xE4525C7B and uint32be(4) == 0x8CD8A74D and uint32be(8) == 0xAEB15378 and uint32be(12) == 0xD02996D3
}

rule OneNote_Carries_Script
{
  meta:
    author = "SecuEdge"
    description = "A OneNote notebook with a script to click on"
    severity = "malware"
    date = "2026-11-23"
  strings:
    $file = { E7 16 E3 BD 65 26 11 45 A4 C4 8D 4D 0B 7A 9E AC }
    $1 = "WScript.Shell" nocase
    $2 = "powershell" nocase
    $3 = "<script" nocase
    $4 = "CreateObject" nocase
    $5 = "@echo off" nocase
    $6 = "cmd /c" nocase
    $7 = "ActiveXObject" nocase
    $8 = "<job" nocase
  condition:
    OneNote and $file and any of ($1, $2, $3, $4, $5, $6, $7, $8)
}

rule OneNote_Carries_Program
{
  meta:
    author = "SecuEdge"
    description = "A OneNote notebook with a program, shortcut or compiled help to click on"
    severity = "malware"
    date = "2026-11-23"
  strings:
    $program = { E7 16 E3 BD 65 26 11 45 A4 C4 8D 4D 0B 7A 9E AC [20] 4D 5A }
    $shortcut = { E7 16 E3 BD 65 26 11 45 A4 C4 8D 4D 0B 7A 9E AC [20] 4C 00 00 00 01 14 02 00 }
    $help = { E7 16 E3 BD 65 26 11 45 A4 C4 8D 4D 0B 7A 9E AC [20] 49 54 53 46 }
  condition:
    OneNote and any of them
}

private rule Pdf
{
  strings:
    $header = "%PDF-"
  condition:
    $header in (0..1024)
}

rule Pdf_Starts_Program
{
  meta:
    author = "SecuEdge"
    description = "A PDF that starts a program"
    severity = "malware"
    date = "2026-11-23"
  strings:
    $launch = /\/Launch\b/
    $program = /\/(F|P|D|UF) ?\( ?[^)]{0,300}(cmd|powershell|mshta|rundll32|wscript|cscript|\.exe|\.js|\.vbs|\.bat|\.cmd|\.hta|\.scr|\.lnk)/ nocase
  condition:
    Pdf and all of them
}

rule Pdf_Drops_File
{
  meta:
    author = "SecuEdge"
    description = "A PDF whose script saves or opens the file inside it"
    severity = "malware"
    date = "2026-11-23"
  strings:
    $script = "exportDataObject"
    $launch = /nLaunch["' ]{0,3}[:=] ?[12]/
    $name = /\.(exe|js|jse|vbs|vbe|hta|lnk|scr|bat|cmd|wsf|iso|img|zip|docm|xlsm|settingcontent-ms)/ nocase
  condition:
    Pdf and $script and ($launch or $name)
}

rule Pdf_Exploit_Script
{
  meta:
    author = "SecuEdge"
    description = "A PDF whose script calls functions known for breaking readers"
    severity = "malware"
    date = "2026-11-23"
  strings:
    $js1 = "/JavaScript"
    $js2 = /\/JS[ (<]/
    $spray = /unescape\( ?["']%u[0-9a-f]{4}%u/ nocase
    $1 = "Collab.collectEmailInfo"
    $2 = "Collab.getIcon"
    $3 = "media.newPlayer"
    $4 = /util\.printf\( ?["']%45000/
    $5 = "spell.customDictionaryOpen"
  condition:
    Pdf and any of ($js*) and ($spray or any of ($1, $2, $3, $4, $5))
}

rule Pdf_Carries_Program
{
  meta:
    author = "SecuEdge"
    description = "A PDF with a program, script or disk image attached to it"
    severity = "suspicious"
    score = 6
    date = "2026-11-23"
  strings:
    $embedded = "/EmbeddedFile"
    $name = /\/U?F ?\([^)]{0,200}\.(exe|dll|js|jse|vbs|vbe|hta|lnk|scr|bat|cmd|wsf|ps1|iso|img|docm|xlsm)\)/ nocase
  condition:
    Pdf and all of them
}

rule Pdf_Masked_Names
{
  meta:
    author = "SecuEdge"
    description = "A PDF that spells its actions in a way only readers understand"
    severity = "suspicious"
    score = 6
    date = "2026-11-23"
  strings:
    // JavaScript, JS, Launch, OpenAction with letters written as #xx.
    $1 = /\/J#(61|41)va/ nocase
    $2 = /\/#4a(ava|#61|S\b|#53)/ nocase
    $3 = /\/Java(#53|S#63|Sc#72|Scr#69|Scri#70|Scrip#74)/
    $4 = /\/J(#53)\b/
    $5 = /\/(#4c|L)(#61|a)(#75|u)?(#6e|n)?#63/ nocase
    $6 = /\/Open#41ction/
    $7 = /\/#4fpen#?/ nocase
  condition:
    Pdf and any of them
}

rule Pdf_Leads_Away
{
  meta:
    author = "SecuEdge"
    description = "A PDF that opens a web page without a click"
    severity = "suspicious"
    score = 4
    date = "2026-11-23"
  strings:
    $open = /\/OpenAction ?<<[^>]{0,200}\/URI ?\( ?https?:/ nocase
    $script = /app\.launchURL\( ?["']https?:/ nocase
  condition:
    Pdf and any of them
}
