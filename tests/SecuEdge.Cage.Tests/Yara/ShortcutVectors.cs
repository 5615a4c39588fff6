using System.Buffers.Binary;
using System.Text;
using static SecuEdge.Cage.Tests.Yara.RuleVector;

namespace SecuEdge.Cage.Tests.Yara;

internal static class ShortcutVectors
{
    public static IReadOnlyList<RuleVector> All { get; } =
    [
        new("Eicar_Test_File", "X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"),
        new("Lnk_Interpreter", Shortcut(Wide("C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe") + Wide("-c x"))),
        new("Lnk_Interpreter", Shortcut("C:\\Windows\\System32\\cmd.exe\0" + Wide("/c x"))),
        new("Lnk_Remote", Shortcut(Wide("http://x.example/a"), hasArguments: false)),
        new("Lnk_Remote", Shortcut("\\\\192.0.2.7\\share\\a.exe", hasArguments: false)),
        new("Lnk_Hidden_Arguments", Shortcut(Wide(Repeat(" ", 300) + "x"))),
        new("Lnk_Large", Shortcut(Repeat("x", 40_000), hasArguments: false)),
        new("Url_Opens_Share", "[InternetShortcut]\r\nURL=file://192.0.2.7/share/invoice.js\r\n"),
        new("Url_Opens_Share", "[InternetShortcut]\r\nURL=file://\\\\x.example@80\\webdav\\a\r\n"),
        new("Url_Icon_Elsewhere", "[InternetShortcut]\r\nURL=https://x.example/\r\nIconFile=\\\\192.0.2.7\\a.ico\r\n"),
        new("Library_Elsewhere", "<libraryDescription><simpleLocation><url>\\\\192.0.2.7\\share</url></simpleLocation></libraryDescription>"),
        new("Search_Protocol", "<a href=\"search-ms:query=invoice&crumb=location:\\\\192.0.2.7\\share\">"),
        new("Setting_Command", "<PCSettings><SearchableContent><ApplicationInformation><DeepLink>%windir%\\system32\\cmd.exe /c x</DeepLink></ApplicationInformation></SearchableContent></PCSettings>"),
        new("Setting_Command", "<MMC_ConsoleFile><String>res://apds.dll/redirect.html?target=javascript:eval(x)</String></MMC_ConsoleFile>"),
    ];

    /// <summary>The 76 bytes that begin a shell link (MS-SHLLINK §2.1), then anything.</summary>
    private static byte[] Shortcut(string rest, bool hasArguments = true)
    {
        byte[] bytes = [.. new byte[76], .. Encoding.Latin1.GetBytes(rest)];
        Convert.FromHexString("4C0000000114020000000000C000000000000046").CopyTo(bytes, 0);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(20), hasArguments ? 0xA1u : 0x81u);
        return bytes;
    }
}
