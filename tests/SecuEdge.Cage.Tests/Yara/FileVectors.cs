using System.IO.Compression;
using System.Text;
using static SecuEdge.Cage.Tests.Yara.RuleVector;

namespace SecuEdge.Cage.Tests.Yara;

internal static class FileVectors
{
    private const string Stub = "This program cannot be run in DOS mode";
    private const string Lnk = "L\0\0\0\u0001\u0014\u0002\0\0\0\0\0\u00c0\0\0\0\0\0\0\u0046";

    /// <summary>The beginning of what every linker writes, up to the stub's sentence.</summary>
    private static readonly byte[] Program =
    [
        .. Convert.FromHexString("4D5A90000300000004000000FFFF0000B800000000000000400000000000000000000000000000000000000000000000000000000000000000000000"), 0x80, 0, 0, 0,
        .. Convert.FromHexString("0E1FBA0E00B409CD21B8014CCD21"), .. Encoding.ASCII.GetBytes(Stub), .. new byte[128 - 64 - 14 - Stub.Length],
        .. "PE\0\0"u8, .. new byte[64],
    ];

    public static IReadOnlyList<RuleVector> All { get; } =
    [
        new("Program_As_Document", Program, "Report.PDF"),
        new("Program_In_Base64", "var x = '" + Convert.ToBase64String(Program) + "'"),
        new("Program_In_Hex", "x = \"" + Convert.ToHexString(Program) + "\""),
        new("Program_In_Hex", "byte[] x = { 0x4d, 0x5a, 0x90, 0x00, 0x03, 0x00 };"),
        new("Program_Reversed", "x = '" + new string([.. Convert.ToBase64String(Program).Reverse()]) + "'"),
        new("Program_Reversed", "x = '" + new string([.. Convert.ToHexStringLower(Program).Reverse()]) + "'"),
        new("Zip_Double_Extension", Zip("invoice.pdf.exe")),
        new("Zip_Double_Extension", Zip("notes.txt", "photo.jpg            .scr")),
        new("Zip_Single_Script", Zip("invoice.js")),
        new("Zip_Name_Turned", Zip("invoice\u202efdp.exe")),
        new("Zip_Name_Turned", Zip("invoice" + new string(' ', 60) + ".exe")),
        new("Image_Shortcut_And_Program", Image(At(40_000, Lnk), At(50_000, Stub))),
        new("Image_Hides_Files", Image(At(40_000, "\u0001\0\0\u0001\0\0\u0001\u000aHELPER.DLL;1"), At(40_200, "\0\0\0\u0001\0\0\u0001\u000aREPORT.LNK;1"))),
        new("Help_Command", "<object classid=\"clsid:adb880a6-d8ff-11cf-9377-00aa003b7a11\"><param name=\"Command\" value=\"ShortCut\"><param name=\"Item1\" value=\",cmd.exe,/c x\"></object>"),
        new("Installer_Script", "\u00d0\u00cf\u0011\u00e0\u00a1\u00b1\u001a\u00e1" + Repeat("\0", 600) + "\u0084\u0010\u000c\0\0\0\0\0\u00c0\0\0\0\0\0\0\u0046" + Repeat("\0", 600) + "powershell -c x"),
        new("Polyglot_Pdf_Mht", "%PDF-1.7\r\nMIME-Version: 1.0\r\nContent-Type: application/x-mso\r\n\r\n"),
        new("Polyglot_Archive", [0x89, (byte)'P', (byte)'N', (byte)'G', .. new byte[100], .. Zip("a.txt")]),
        new("Polyglot_Script", "GIF89a=1;/*" + Repeat("\0", 50) + "*/<script>x</script>"),
    ];

    private static byte[] Zip(params string[] names)
    {
        using var bytes = new MemoryStream();
        using (var archive = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true, Encoding.UTF8))
        {
            foreach (var name in names)
            {
                using var entry = archive.CreateEntry(name).Open();
                entry.Write("harmless"u8);
            }
        }

        return bytes.ToArray();
    }

    private static (int Offset, string Text) At(int offset, string text) => (offset, text);

    /// <summary>An ISO 9660 image as far as rules look at it.</summary>
    private static byte[] Image(params (int Offset, string Text)[] pieces)
    {
        var image = new byte[64 * 1024];
        foreach (var (offset, text) in pieces.Append((0x8001, "CD001")))
        {
            Encoding.Latin1.GetBytes(text).CopyTo(image, offset);
        }

        return image;
    }
}
