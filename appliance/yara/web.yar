// HTML and SVG files: pages that are attached want to be opened outside of the mail program, where scripts run.

private rule Page
{
  strings:
    $1 = "<html" nocase
    $2 = "<script" nocase
    $3 = "<body" nocase
    $4 = "<!doctype" nocase
  condition:
    uint16(0) != 0x5A4D and any of them
}

private rule PageSavesFile
{
  strings:
    $blob = "createObjectURL" nocase
    $save1 = "msSaveOrOpenBlob" nocase
    $save2 = "msSaveBlob" nocase
    $name1 = /\.download ?= ?/ nocase
    $name2 = /setAttribute\( ?["']download["']/ nocase
    $name3 = /\bdownload ?= ?["'][^>]{0,200}href ?= ?["']data:application/ nocase
    $data = /\.href ?= ?["']data:application/ nocase
  condition:
    Page and ($save1 or $save2 or (($blob or $data) and ($name1 or $name2)) or $name3)
}

rule Html_Smuggles_Program
{
  meta:
    author = "SecuEdge"
    description = "A page that puts a program, script or disk image together and saves it"
    severity = "malware"
    date = "2026-11-23"
  strings:
    $name = /["'`][^"'`<>\n]{1,200}\.(exe|scr|js|jse|vbs|vbe|wsf|hta|lnk|iso|img|vhdx?|cab|msi|bat|cmd|ps1|one|xll|dll)["'`]/ nocase
    $decode1 = "atob(" nocase
    $decode2 = "Uint8Array" nocase
    $decode3 = "fromCharCode" nocase
    $decode4 = "base64," nocase
    $script = /(src|href) ?= ?["'][^"'\n]{1,200}\.js["']/ nocase
  condition:
    PageSavesFile and any of ($decode*) and #name > #script
}

rule Html_Smuggles_Encoded_Program
{
  meta:
    author = "SecuEdge"
    description = "A page with a program, archive of a rarer kind or shortcut written into its script"
    severity = "malware"
    date = "2026-11-23"
  strings:
    // Beginnings of PE, RAR, 7z, LNK and CAB in base64.
    $file = /["'`,](TVqQAAM|TVpQAAI|TVoAAAA|UmFyIRoH|N3q8ryc|TAAAAAEUAg|TVNDRgAA)[A-Za-z0-9+\/]{40}/
  condition:
    PageSavesFile and $file
}

rule Html_Smuggling
{
  meta:
    author = "SecuEdge"
    description = "A page that puts a file together and saves it by itself, past every gateway"
    severity = "suspicious"
    score = 6
    date = "2026-11-23"
  strings:
    $click = ".click()" nocase
    $event = "dispatchEvent(" nocase
    $decode1 = "atob(" nocase
    $decode2 = "Uint8Array" nocase
    $decode3 = "fromCharCode" nocase
    $save = "msSave" nocase
  condition:
    PageSavesFile and ($click or $event or $save) and any of ($decode*)
}

private rule AsksForPassword
{
  strings:
    $field1 = /<input[^>]{1,300}type ?= ?["']?password/ nocase
    $field2 = /\.type ?= ?["']password["']/ nocase
    $field3 = /setAttribute\( ?["']type["'], ?["']password["']/ nocase
  condition:
    Page and any of them
}

rule Html_Credential_Form
{
  meta:
    author = "SecuEdge"
    description = "An attached page under a known name that sends a password elsewhere"
    severity = "suspicious"
    score = 6
    date = "2026-11-23"
  strings:
    $send1 = /<form[^>]{1,300}action ?= ?["']?https?:/ nocase
    $send2 = "XMLHttpRequest" nocase
    $send3 = /\bfetch\( ?["'`]https?:/ nocase
    $send4 = /\$\.(ajax|post)\(/ nocase
    $brand1 = "Microsoft" nocase
    $brand2 = "Office 365" nocase
    $brand3 = "Outlook" nocase
    $brand4 = "OneDrive" nocase
    $brand5 = "SharePoint" nocase
    $brand6 = "DocuSign" nocase
    $brand7 = "Adobe" nocase
    $brand8 = "WeTransfer" nocase
    $brand9 = "PayPal" nocase
    $brand10 = "webmail" nocase
    $brand11 = "DHL" fullword
    $brand12 = "roundcube" nocase
    $brand13 = "zimbra" nocase
    $brand14 = "Dropbox" nocase
    $brand15 = "Chronopost" nocase
    $brand16 = "Ameli" nocase fullword
  condition:
    AsksForPassword and any of ($send*) and any of ($brand*)
}

rule Html_Credentials_To_Chat
{
  meta:
    author = "SecuEdge"
    description = "An attached page that sends a password to a chat account or form service"
    severity = "malware"
    date = "2026-11-23"
  strings:
    $1 = "api.telegram.org/bot" nocase
    $2 = "discord.com/api/webhooks" nocase
    $3 = "submit-form.com/" nocase
    $4 = "formspree.io/" nocase
    $5 = "getform.io/" nocase
    $6 = "nocodeform.io/" nocase
  condition:
    AsksForPassword and any of them
}

rule Html_Written_Page
{
  meta:
    author = "SecuEdge"
    description = "A page that hides its content in one encoded string"
    severity = "suspicious"
    score = 5
    date = "2026-11-23"
  strings:
    $call = /document\.write(ln)?\( ?(unescape|decodeURIComponent|decodeURI|atob|window\.atob)\( ?["'`][A-Za-z0-9+\/=%]{300}/ nocase
    $eval = /\beval\( ?(unescape|atob|decodeURIComponent)\( ?["'`][A-Za-z0-9+\/=%]{300}/ nocase
    $tag = /(unescape|decodeURIComponent)\( ?["'`]%3C(script|html|%21|!)[^"'`]{100}/ nocase
  condition:
    Page and any of them
}

rule Html_Sends_On
{
  meta:
    author = "SecuEdge"
    description = "A page without content that leads elsewhere by itself"
    severity = "suspicious"
    score = 3
    date = "2026-11-23"
  strings:
    $refresh = /<meta[^>]{0,100}http-equiv ?= ?["']?refresh["']?[^>]{0,100}url ?=/ nocase
    $place1 = /\blocation(\.href)? ?= ?/ nocase
    $place2 = /\blocation\.(replace|assign)\(/ nocase
    $text = "<p" nocase
    $table = "<table" nocase
  condition:
    Page and filesize < 4KB and ($refresh or $place1 or $place2) and not $text and not $table
}

rule Html_Copies_Command
{
  meta:
    author = "SecuEdge"
    description = "A page that puts a command into the clipboard and asks the reader to run it"
    severity = "malware"
    date = "2026-11-23"
  strings:
    $copy1 = "clipboard.writeText" nocase
    $copy2 = /execCommand\( ?["']copy["']/ nocase
    $command1 = "powershell" nocase
    $command2 = "mshta" nocase
    $command3 = "cmd /c" nocase
    $command4 = "msiexec" nocase
    $ask1 = /Win(dows)?( key)? ?(\+|<\/?[a-z]{1,8}>|&nbsp;| ){1,6} ?R\b/ nocase
    $ask2 = "not a robot" nocase
    $ask3 = "verify you are human" nocase
    $ask4 = /(Ctrl|Control) ?\+ ?V\b/ nocase
    $ask5 = "Win+R" nocase
  condition:
    Page and any of ($copy*) and any of ($command*) and any of ($ask*)
}

private rule Drawing
{
  strings:
    $svg = "<svg" nocase
    $page = "<html" nocase
  condition:
    $svg in (0..4096) and not $page in (0..1024)
}

rule Svg_Masked_Script
{
  meta:
    author = "SecuEdge"
    description = "A picture with an encoded script that leads elsewhere"
    severity = "malware"
    date = "2026-11-23"
  strings:
    $script = "<script" nocase
    $decode1 = "atob(" nocase
    $decode2 = "fromCharCode" nocase
    $decode3 = "eval(" nocase
    $decode4 = "unescape(" nocase
    $decode5 = "charCodeAt" nocase
    $decode6 = "data:text/javascript;base64" nocase
    $decode7 = "data:application/ecmascript;base64" nocase
    $act1 = "location" nocase
    $act2 = "document.write" nocase
    $act3 = "window.open" nocase
    $act4 = "createElement" nocase
    $act5 = "Function(" nocase
    $source = /<script[^>]{0,100}href ?= ?["']data:[^"']{0,40};base64/ nocase
  condition:
    Drawing and $script and ($source or (any of ($decode*) and any of ($act*)))
}

rule Svg_Script
{
  meta:
    author = "SecuEdge"
    description = "A picture with a script that leads elsewhere or brings a page with it"
    severity = "suspicious"
    score = 5
    date = "2026-11-23"
  strings:
    $script = "<script" nocase
    $handler = /\bonload ?= ?["']/ nocase
    $act1 = "location" nocase
    $act2 = "window.open" nocase
    $act3 = "XMLHttpRequest" nocase
    $act4 = "<iframe" nocase
    $act5 = "createObjectURL" nocase
  condition:
    Drawing and ($script or $handler) and any of ($act*)
}
