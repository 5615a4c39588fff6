// Programs where none should be, archives and disk images by the names inside, files that are two things at once.

rule Program_As_Document
{
  meta:
    author = "SecuEdge"
    description = "A program under the name of a document, picture or archive"
    severity = "malware"
    date = "2026-11-23"
  condition:
    uint16(0) == 0x5A4D and uint32(uint32(0x3C)) == 0x00004550 and
    extension matches /^\.(pdf|docx?|docm|xlsx?|xlsm|pptx?|rtf|txt|csv|html?|jpe?g|png|gif|bmp|tiff?|zip|rar|7z|mp3|mp4|avi|eml)$/
}

rule Program_In_Base64
{
  meta:
    author = "SecuEdge"
    description = "A Windows program written as base64 into another file"
    severity = "suspicious"
    score = 5
    date = "2026-11-23"
  strings:
    $stub = "This program cannot be run in DOS mode" base64
    $begin = /TV(qQAAM|pQAAI|oAAAA|roAAA)[A-Za-z0-9+\/]{80}/
  condition:
    uint16(0) != 0x5A4D and all of them
}

rule Program_In_Hex
{
  meta:
    author = "SecuEdge"
    description = "A Windows program written as hex digits into another file"
    severity = "suspicious"
    score = 5
    date = "2026-11-23"
  strings:
    $plain = "4d5a90000300000004000000ffff0000" nocase
    $list = /0x4d, ?0x5a, ?0x90, ?0x00, ?0x03, ?0x00/ nocase
    $dashes = "4D-5A-90-00-03-00-00-00" nocase
  condition:
    uint16(0) != 0x5A4D and any of them
}

rule Program_Reversed
{
  meta:
    author = "SecuEdge"
    description = "A Windows program written backwards into another file"
    severity = "malware"
    date = "2026-11-23"
  strings:
    $base64 = "8//AAAAEAAAAMAAQqVT"
    $hex = "0000ffff00000040000000300009a5d4" nocase
    $stub = "edom SOD ni nur eb tonnac margorp sihT"
  condition:
    any of them
}

rule Zip_Double_Extension
{
  meta:
    author = "SecuEdge"
    description = "An archive with a program or script under the name of a document"
    severity = "malware"
    date = "2026-11-23"
  strings:
    $entry = /PK\x01\x02[\x00-\xff]{42}[^\x00\/]{1,150}\.(pdf|docx?|xlsx?|pptx?|rtf|txt|csv|jpe?g|png|gif|bmp|tiff?|mp3|mp4|avi)[ _]{0,150}\.(exe|scr|com|pif|js|jse|vbs|vbe|wsf|hta|lnk|bat|cmd|ps1|msi|cpl)(PK[\x01\x05]|[^A-Za-z0-9.])/ nocase
  condition:
    uint32be(0) == 0x504B0304 and $entry
}

rule Zip_Single_Script
{
  meta:
    author = "SecuEdge"
    description = "An archive with nothing but one script or shortcut"
    severity = "suspicious"
    score = 5
    date = "2026-11-23"
  strings:
    $entry = /PK\x01\x02[\x00-\xff]{42}[^\x00]{1,200}\.(js|jse|vbs|vbe|wsf|wsh|hta|lnk|bat|cmd|ps1|scr|pif|url|chm|cpl|sct)(PK[\x01\x05]|[^A-Za-z0-9.])/ nocase
    $end = { 50 4B 05 06 00 00 00 00 01 00 01 00 }
  condition:
    uint32be(0) == 0x504B0304 and $entry and $end in (filesize - 1024..filesize)
}

rule Zip_Name_Turned
{
  meta:
    author = "SecuEdge"
    description = "An archive with a name that reads backwards, or a program behind a row of blanks"
    severity = "malware"
    date = "2026-11-23"
  strings:
    $override = /PK\x01\x02[\x00-\xff]{42}[^\x00]{0,150}\xe2\x80\xae/
    $blanks = /PK\x01\x02[\x00-\xff]{42}[^\x00]{0,150} {30,150}[^\x00]{0,40}\.(exe|scr|com|pif|js|vbs|hta|lnk|bat|cmd)/ nocase
  condition:
    uint32be(0) == 0x504B0304 and any of them
}

rule Image_Shortcut_And_Program
{
  meta:
    author = "SecuEdge"
    description = "A disk image with a shortcut beside a program or library"
    severity = "suspicious"
    score = 7
    date = "2026-11-23"
  strings:
    $shortcut = { 4C 00 00 00 01 14 02 00 00 00 00 00 C0 00 00 00 00 00 00 46 }
    $program = "This program cannot be run in DOS mode"
    $iso = "CD001"
    $udf = "BEA01"
    $vhd = "conectix"
  condition:
    ($iso at 0x8001 or $udf at 0x8001 or $vhd at 0 or $vhd at (filesize - 512) or uint16(510) == 0xAA55)
    and uint16(0) != 0x5A4D and $shortcut and $program
}

rule Image_Hides_Files
{
  meta:
    author = "SecuEdge"
    description = "A disk image whose script or shortcut is seen while its program is hidden"
    severity = "suspicious"
    score = 6
    date = "2026-11-23"
  strings:
    $iso = "CD001"
    // A directory record: flags (hidden file), two bytes, sequence 1 both ways, length of the name, name. Joliet names have two bytes a letter.
    $hidden = /\x01\x00\x00\x01\x00\x00\x01[\x05-\x40](\x00?[A-Za-z0-9_~ -]){1,60}\x00?\.\x00?(E\x00?X\x00?E|D\x00?L\x00?L|J\x00?S|V\x00?B\x00?S|B\x00?A\x00?T|C\x00?M\x00?D)/ nocase
    $lnk = ".LNK;1"
    $js = ".JS;1"
    $vbs = ".VBS;1"
    $hta = ".HTA;1"
    $wsf = ".WSF;1"
  condition:
    $iso at 0x8001 and $hidden and any of ($lnk, $js, $vbs, $hta, $wsf)
}

rule Help_Command
{
  meta:
    author = "SecuEdge"
    description = "A page of a help file that runs a command without a click"
    severity = "malware"
    date = "2026-11-23"
  strings:
    $control = "adb880a6-d8ff-11cf-9377-00aa003b7a11" nocase
    $shortcut = "ShortCut" nocase
    $item = /name ?= ?["']?Item1["']?[^>]{0,40}value ?= ?["']?[^>]{0,400}(cmd|powershell|mshta|rundll32|wscript|hh\.exe|\.exe)/ nocase
  condition:
    $control and $shortcut and $item
}

rule Installer_Script
{
  meta:
    author = "SecuEdge"
    description = "An installer package whose actions are scripts that start interpreters"
    severity = "suspicious"
    score = 5
    date = "2026-11-23"
  strings:
    $class = { 84 10 0C 00 00 00 00 00 C0 00 00 00 00 00 00 46 }
    $script1 = "WScript.Shell" nocase
    $script2 = "powershell" nocase
    $script3 = "XMLHTTP" nocase
    $script4 = "mshta" nocase
  condition:
    uint32be(0) == 0xD0CF11E0 and $class and any of ($script*)
}

rule Polyglot_Pdf_Mht
{
  meta:
    author = "SecuEdge"
    description = "A file that is a PDF to filters and a document with macros to Word"
    severity = "malware"
    date = "2026-11-23"
  strings:
    $pdf = "%PDF-"
    $mime = "MIME-Version:" nocase
    $macro1 = "QWN0aXZlTWltZQ"
    $macro2 = "application/x-mso" nocase
    $macro3 = "edit-data" nocase
  condition:
    $pdf in (0..1024) and $mime and any of ($macro*)
}

rule Polyglot_Archive
{
  meta:
    author = "SecuEdge"
    description = "A picture or PDF that is an archive, too"
    severity = "suspicious"
    score = 5
    date = "2026-11-23"
  strings:
    $pdf = "%PDF-"
    $first = { 50 4B 03 04 14 00 }
    $end = { 50 4B 05 06 00 00 00 00 }
  condition:
    ($pdf in (0..1024) or uint32be(0) == 0x47494638 or uint32be(0) == 0x89504E47 or (uint32be(0) & 0xFFFFFF00) == 0xFFD8FF00)
    and $first and $end in (filesize - 512..filesize)
}

rule Polyglot_Script
{
  meta:
    author = "SecuEdge"
    description = "A picture that is a page or script, too"
    severity = "suspicious"
    score = 6
    date = "2026-11-23"
  strings:
    $script1 = "<script" nocase
    $script2 = "WScript.Shell" nocase
    $script3 = "<hta:application" nocase
  condition:
    (uint32be(0) == 0x47494638 or uint32be(0) == 0x89504E47 or (uint32be(0) & 0xFFFFFF00) == 0xFFD8FF00 or uint16be(0) == 0x424D)
    and any of them
}
