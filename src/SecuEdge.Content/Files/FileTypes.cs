namespace SecuEdge.Content.Files;

/// <summary>The file types that are told apart, as data: one row is all that a new type needs.</summary>
internal static class FileTypes
{
    public const string Unknown = "application/octet-stream";
    public const string PlainText = "text/plain";
    public const string Html = "text/html";
    public const string Svg = "image/svg+xml";
    public const string Message = "message/rfc822";
    public const string Program = "application/x-dosexec";
    public const string MachO = "application/x-mach-binary";
    public const string Shortcut = "application/x-ms-shortcut";
    public const string WebShortcut = "application/x-mswinurl";
    public const string Library = "application/x-ms-library";
    public const string SavedSearch = "application/x-ms-search";
    public const string SettingContent = "application/x-ms-settingcontent";
    public const string Theme = "application/x-ms-theme";
    public const string RemoteDesktop = "application/x-rdp";
    public const string JavaLauncher = "application/x-java-jnlp-file";
    public const string ClickOnce = "application/x-ms-application";
    public const string ShellCommand = "application/x-ms-scf";
    public const string FolderSettings = "text/x-ms-desktop-ini";
    public const string Contact = "text/x-ms-contact";
    public const string DesktopEntry = "application/x-desktop";
    public const string Registry = "text/x-registry";
    public const string SetupInformation = "text/x-ms-inf";
    public const string WebQuery = "text/x-ms-iqy";
    public const string WebLocation = "application/x-apple-webloc";
    public const string DataConnection = "text/x-ms-odc";
    public const string JavaScript = "text/javascript";
    public const string PrivateKey = "application/x-private-key";
    public const string Zip = "application/zip";
    public const string Ole = "application/x-ole-storage";
    public const string RawWorkbook = "application/x-biff";
    public const string Pdf = "application/pdf";
    public const string Pkcs7 = "application/pkcs7-mime";
    public const string Pgp = "application/pgp-encrypted";
    public const string OfficeXml = "application/vnd.ms-office-xml";
    public const string ActiveMime = "application/x-mso";
    public const string Sylk = "application/x-sylk";
    public const string Csv = "text/csv";

    public static readonly FileType[] All =
    [
        // Programs
        new(Program, FileFamily.Executable, "exe dll scr com sys cpl ocx pif") { Aliases = "application/x-msdownload application/vnd.microsoft.portable-executable application/x-msdos-program" },
        new("application/x-ms-library-program", FileFamily.Executable, ""),
        new("application/x-ms-driver", FileFamily.Executable, ""),
        new("application/x-ms-dotnet", FileFamily.Executable, ""),
        new("application/x-ms-setup", FileFamily.Executable, ""),
        new("application/x-autoit-program", FileFamily.Executable, "a3x", "\u00a3HK\u00beL\u0099\u0016\u0015AU3!"),
        new("application/x-elf", FileFamily.Executable, "elf so", "\u007fELF") { Aliases = "application/x-executable application/x-sharedlib" },
        new(MachO, FileFamily.Executable, "dylib", "\u00fe\u00ed\u00fa\u00ce", "\u00fe\u00ed\u00fa\u00cf", "\u00ce\u00fa\u00ed\u00fe", "\u00cf\u00fa\u00ed\u00fe"),
        new(Shortcut, FileFamily.Executable, "lnk", "L\0\0\0\u0001\u0014\u0002\0"),
        new("application/x-java-class", FileFamily.Executable, "class", "\u00ca\u00fe\u00ba\u00be"),
        new("application/vnd.android.dex", FileFamily.Executable, "dex", "dex\n03"),
        new("text/x-shellscript", FileFamily.Executable, "sh bash", "#!") { IsText = true, Aliases = "application/x-sh application/x-shellscript" },
        new("text/x-powershell", FileFamily.Executable, "ps1 psm1 psd1") { IsText = true },
        new("text/x-vbscript", FileFamily.Executable, "vbs vb") { IsText = true, Aliases = "text/vbscript" },
        new("text/x-jscript", FileFamily.Executable, "js") { IsText = true },
        new("text/x-encoded-script", FileFamily.Executable, "vbe jse") { IsText = true },
        new("text/x-windows-script", FileFamily.Executable, "wsf wsc sct") { IsText = true },
        new("text/x-msdos-batch", FileFamily.Executable, "bat cmd") { IsText = true },
        new("text/x-python", FileFamily.Executable, "pyw") { IsText = true },
        new("text/x-perl", FileFamily.Executable, "pl") { IsText = true },
        new("text/x-php", FileFamily.Executable, "php phtml") { IsText = true },
        new("text/x-asp", FileFamily.Executable, "asp aspx") { IsText = true },
        new("text/x-autohotkey", FileFamily.Executable, "ahk") { IsText = true },
        new("text/x-autoit", FileFamily.Executable, "au3") { IsText = true },
        new("text/x-ms-console", FileFamily.Executable, "msc") { IsText = true },
        new(WebShortcut, FileFamily.Executable, "url website") { IsText = true, Aliases = "application/internet-shortcut" },
        new(Library, FileFamily.Executable, "library-ms searchconnector-ms") { IsText = true, Aliases = "application/windows-library+xml" },
        new(SavedSearch, FileFamily.Executable, "search-ms") { IsText = true },
        new(SettingContent, FileFamily.Executable, "settingcontent-ms") { IsText = true },
        new(Theme, FileFamily.Executable, "theme") { IsText = true },
        new(RemoteDesktop, FileFamily.Executable, "rdp") { IsText = true },
        new(JavaLauncher, FileFamily.Executable, "jnlp") { IsText = true },
        new(ClickOnce, FileFamily.Executable, "application appref-ms") { IsText = true },
        new(ShellCommand, FileFamily.Executable, "scf") { IsText = true },
        new(DesktopEntry, FileFamily.Executable, "desktop") { IsText = true },
        new(Registry, FileFamily.Executable, "reg") { IsText = true },
        new(SetupInformation, FileFamily.Executable, "inf") { IsText = true },
        new(WebQuery, FileFamily.Executable, "iqy") { IsText = true },
        new("application/wasm", FileFamily.Executable, "wasm", "\0asm\u0001"),
        new("application/x-ms-help", FileFamily.Executable, "chm", "ITSF\u0003\0\0\0"),
        new("application/java-archive", FileFamily.Executable, "jar war ear"),
        new("application/vnd.android.package-archive", FileFamily.Executable, "apk"),
        new("application/x-ms-installer", FileFamily.Executable, "msi msp mst"),
        new("application/vnd.debian.binary-package", FileFamily.Executable, "deb", "!<arch>\ndebian-binary"),
        new("application/x-rpm", FileFamily.Executable, "rpm", "\u00ed\u00ab\u00ee\u00db"),

        // Archives, compression, disk images
        new(Zip, FileFamily.Archive, "zip", "PK\u0003\u0004", "PK\u0005\u0006", "PK\u0007\u0008PK") { Aliases = "application/x-zip-compressed application/x-zip" },
        new("application/gzip", FileFamily.Archive, "gz tgz", "\u001f\u008b") { Aliases = "application/x-gzip application/x-tgz" },
        new("application/x-bzip2", FileFamily.Archive, "bz2 tbz tbz2", "BZh11AY&SY", "BZh21AY&SY", "BZh31AY&SY", "BZh41AY&SY", "BZh51AY&SY", "BZh61AY&SY", "BZh71AY&SY", "BZh81AY&SY", "BZh91AY&SY"),
        new("application/x-xz", FileFamily.Archive, "xz txz", "\u00fd7zXZ\0"),
        new("application/zstd", FileFamily.Archive, "zst", "(\u00b5/\u00fd"),
        new("application/x-lzip", FileFamily.Archive, "lz", "LZIP\u0001"),
        new("application/x-compress", FileFamily.Archive, "z", "\u001f\u009d"),
        new("application/x-tar", FileFamily.Archive, "tar", "257:ustar"),
        new("application/x-7z-compressed", FileFamily.Archive, "7z", "7z\u00bc\u00af\u0027\u001c"),
        new("application/vnd.rar", FileFamily.Archive, "rar", "Rar!\u001a\u0007\0", "Rar!\u001a\u0007\u0001\0") { Aliases = "application/x-rar-compressed application/x-rar" },
        new("application/x-arj", FileFamily.Archive, "arj", "`\u00ea"),
        new("application/x-ace", FileFamily.Archive, "ace", "7:**ACE**"),
        new("application/vnd.ms-cab-compressed", FileFamily.Archive, "cab", "MSCF\0\0\0\0"),
        new("application/x-iso9660-image", FileFamily.Archive, "iso", "32769:CD001", "34817:CD001"),
        new("application/x-udf-image", FileFamily.Archive, "udf", "32769:BEA01"),
        new("application/x-lha", FileFamily.Archive, "lzh lha", "2:-lh0-", "2:-lh1-", "2:-lh4-", "2:-lh5-", "2:-lh6-", "2:-lh7-", "2:-lhd-", "2:-lzs-", "2:-lz5-"),
        new("application/x-archive", FileFamily.Archive, "ar a", "!<arch>\n"),
        new("application/x-cpio", FileFamily.Archive, "cpio", "070701", "070702", "070707", "\u00c7\u0071", "\u0071\u00c7"),
        new("application/x-ms-wim", FileFamily.Archive, "wim", "MSWIM\0\0\0") { IsUnopenedContainer = true },
        new("application/x-virtual-disk", FileFamily.Archive, "vhd vhdx", "conectix", "vhdxfile"),
        new("application/x-raw-disk-image", FileFamily.Archive, "img ima vfd dd"),
        new("application/x-foreign-virtual-disk", FileFamily.Archive, "vmdk qcow2 vdi", "KDMV", "QFI\u00fb", "# Disk DescriptorFile", "64:\u007f\u0010\u00da\u00be") { IsUnopenedContainer = true },
        new("application/x-lzma", FileFamily.Archive, "lzma tlz"),
        new("application/warc", FileFamily.Archive, "warc", "WARC/0.", "WARC/1."),
        new("application/x-ms-compress-szdd", FileFamily.Archive, "", "SZDD\u0088\u00f0\u0027\u0033A"),
        new("application/x-arc", FileFamily.Archive, "arc"),
        new("application/x-xar", FileFamily.Archive, "xar pkg", "xar!\0"),
        new("application/x-lz4", FileFamily.Archive, "lz4", "\u0004\u0022\u004d\u0018", "\u0002\u0021\u004c\u0018"),
        new("application/x-stuffit", FileFamily.Archive, "sit", "SIT!", "StuffIt ") { IsUnopenedContainer = true },
        new("application/x-lzop", FileFamily.Archive, "lzo", "\u0089LZO\0\r\n\u001a\n") { IsUnopenedContainer = true },
        new("application/x-lrzip", FileFamily.Archive, "lrz", "LRZI\0") { IsUnopenedContainer = true },
        new("application/x-squashfs", FileFamily.Archive, "sqfs squashfs snap", "hsqs", "sqsh\0") { IsUnopenedContainer = true },
        new("application/x-zoo", FileFamily.Archive, "zoo", "20:\u00dc\u00a7\u00c4\u00fd") { IsUnopenedContainer = true },
        new("application/x-zpaq", FileFamily.Archive, "zpaq", "7kSt\u00a0", "zPQ\u0001", "zPQ\u0002") { IsUnopenedContainer = true },
        new(Containers.ZlibContainer.MediaType, FileFamily.Archive, "zz zlib"),
        new(Containers.BrotliContainer.MediaType, FileFamily.Archive, "br"),
        new("application/x-alz", FileFamily.Archive, "alz egg", "ALZ\u0001", "EGGA") { IsUnopenedContainer = true },

        // Documents
        new(
            RawWorkbook, FileFamily.Document, "xlm xlw",
            "\u0009\0\u0004\0", "\u0009\u0002\u0006\0", "\u0009\u0004\u0006\0", "\u0009\u0008\u0008\0\0\u0005", "\u0009\u0008\u0010\0\0\u0006"),
        new(Pdf, FileFamily.Document, "pdf", "%PDF-") { Aliases = "application/x-pdf" },
        new(Ole, FileFamily.Document, "doc dot xls xlt ppt pot pps msg vsd pub mpp", "\u00d0\u00cf\u0011\u00e0\u00a1\u00b1\u001a\u00e1") { Aliases = "application/msword application/vnd.ms-excel application/vnd.ms-powerpoint application/vnd.ms-outlook application/vnd.visio" },
        new("application/vnd.openxmlformats-officedocument.wordprocessingml.document", FileFamily.Document, "docx docm dotx dotm") { Aliases = "application/vnd.ms-word.document.macroenabled.12" },
        new("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", FileFamily.Document, "xlsx xlsm xltx xltm xlsb xlam") { Aliases = "application/vnd.ms-excel.sheet.macroenabled.12 application/vnd.ms-excel.sheet.binary.macroenabled.12" },
        new("application/vnd.openxmlformats-officedocument.presentationml.presentation", FileFamily.Document, "pptx pptm ppsx ppsm potx potm") { Aliases = "application/vnd.ms-powerpoint.presentation.macroenabled.12" },
        new("application/vnd.openxmlformats-package", FileFamily.Document, "vsdx xps oxps nupkg vsix appx msix"),
        new("application/vnd.oasis.opendocument", FileFamily.Document, "odt ods odp odg odf ott") { Aliases = "application/vnd.oasis.opendocument.text application/vnd.oasis.opendocument.spreadsheet application/vnd.oasis.opendocument.presentation" },
        new("application/epub+zip", FileFamily.Document, "epub"),
        new("application/rtf", FileFamily.Document, "rtf doc", "{\\rt") { Aliases = "text/rtf application/x-rtf text/richtext application/msword" },
        new("application/x-msword-old", FileFamily.Document, "", "\u00db\u00a5-\0", "\u00fe7\0#", "1\u00be\0\0", "2\u00be\0\0"),
        new("application/x-msexcel-old", FileFamily.Document, "", "\u0009\0\u0004\0", "\u0009\u0002\u0006\0", "\u0009\u0004\u0006\0", "\u0009\u0008\u0008\0"),
        new("application/vnd.wordperfect", FileFamily.Document, "wpd wp5", "\u00ffWPC"),
        new("application/x-msaccess", FileFamily.Document, "mdb accdb accde", "\0\u0001\0\0Standard Jet DB", "\0\u0001\0\0Standard ACE DB"),
        new("application/vnd.ms-outlook-pst", FileFamily.Archive, "pst ost", "!BDN") { IsUnopenedContainer = true },
        new("application/onenote", FileFamily.Document, "one onetoc2", "\u00e4\u0052\u005c\u007b\u008c\u00d8\u00a7\u004d\u00ae\u00b1\u0053\u0078\u00d0\u0029\u0096\u00d3",
            "\u00a1\u002f\u00ff\u0043\u00d9\u00ef\u0076\u004c\u009e\u00e2\u0010\u00ea\u0057\u0022\u0076\u005f") { Aliases = "application/msonenote" },
        new(ActiveMime, FileFamily.Document, "mso", "ActiveMime"),

        // Office documents as text; recognised by FileTypeDetector
        new(OfficeXml, FileFamily.Text, "fodt fods fodp"),
        new(Sylk, FileFamily.Text, "slk"),
        new(Csv, FileFamily.Text, "csv tsv"),
        new("application/postscript", FileFamily.Document, "ps eps ai", "%!PS", "\u0004%!PS", "\u00c5\u00d0\u00d3\u00c6"),
        new("image/vnd.djvu", FileFamily.Document, "djvu", "AT&TFORM"),
        new("application/ms-tnef", FileFamily.Archive, "dat", "\u0078\u009f\u003e\u0022") { Aliases = "application/vnd.ms-tnef" },

        // Images
        new("image/jpeg", FileFamily.Image, "jpg jpeg jpe jfif", "\u00ff\u00d8\u00ff"),
        new("image/png", FileFamily.Image, "png", "\u0089PNG\r\n\u001a\n"),
        new("image/gif", FileFamily.Image, "gif", "GIF87a", "GIF89a"),
        new("image/bmp", FileFamily.Image, "bmp dib"),
        new("image/tiff", FileFamily.Image, "tif tiff", "II*\0", "MM\0*"),
        new("image/webp", FileFamily.Image, "webp"),
        new("image/heif", FileFamily.Image, "heic heif"),
        new("image/avif", FileFamily.Image, "avif"),
        new("image/x-tga", FileFamily.Image, "tga"),
        new("image/x-icon", FileFamily.Image, "ico cur", "\0\0\u0001\0\u0001\0", "\0\0\u0001\0\u0002\0", "\0\0\u0001\0\u0003\0"),
        new("image/vnd.adobe.photoshop", FileFamily.Image, "psd", "8BPS"),
        new("image/wmf", FileFamily.Image, "wmf", "\u00d7\u00cd\u00c6\u009a") { Aliases = "image/x-wmf application/x-msmetafile" },
        new("image/emf", FileFamily.Image, "emf", "40: EMF") { Aliases = "image/x-emf" },
        new("image/jxl", FileFamily.Image, "jxl jp2", "\0\0\0\u000cJXL ", "\0\0\0\u000cjP  "),
        new(Svg, FileFamily.Image, "svg"),

        // Sound and film
        new("audio/mpeg", FileFamily.Media, "mp3", "ID3\u0002", "ID3\u0003", "ID3\u0004"),
        new("audio/aac", FileFamily.Media, "aac"),
        new("audio/aiff", FileFamily.Media, "aif aiff"),
        new("audio/wav", FileFamily.Media, "wav"),
        new("video/x-msvideo", FileFamily.Media, "avi"),
        new("video/mp4", FileFamily.Media, "mp4 m4v m4a mov 3gp"),
        new("application/ogg", FileFamily.Media, "ogg oga ogv opus", "OggS\0"),
        new("audio/flac", FileFamily.Media, "flac", "fLaC"),
        new("video/webm", FileFamily.Media, "webm mkv", "\u001aE\u00df\u00a3"),
        new("video/x-ms-asf", FileFamily.Media, "wmv wma asf", "0&\u00b2u\u008ef\u00cf\u0011"),
        new("video/mpeg", FileFamily.Media, "mpg mpeg", "\0\0\u0001\u00ba", "\0\0\u0001\u00b3"),
        new("video/x-flv", FileFamily.Media, "flv", "FLV\u0001"),
        new("audio/midi", FileFamily.Media, "mid midi", "MThd\0\0\0\u0006"),
        new("audio/amr", FileFamily.Media, "amr", "#!AMR"),
        new("application/x-shockwave-flash", FileFamily.Executable, "swf", "FWS\u0009", "CWS\u0009", "CWS\u000a", "FWS\u000a", "ZWS"),

        // Fonts
        new("font/ttf", FileFamily.Font, "ttf ttc", "\0\u0001\0\0\0", "ttcf\0"),
        new("font/otf", FileFamily.Font, "otf", "OTTO\0"),
        new("font/woff", FileFamily.Font, "woff woff2", "wOFF", "wOF2"),

        // Text in many dresses; recognised by FileTypeDetector
        new(Html, FileFamily.Text, "html htm xhtml shtml") { Aliases = "application/xhtml+xml" },
        new("application/xml", FileFamily.Text, "xml xsl xsd rels") { Aliases = "text/xml" },
        new(JavaScript, FileFamily.Text, "mjs") { Aliases = "application/javascript application/x-javascript" },
        new(FolderSettings, FileFamily.Text, ""),
        new(Contact, FileFamily.Text, "contact"),
        new(WebLocation, FileFamily.Text, "webloc inetloc fileloc ftploc afploc"),
        new(DataConnection, FileFamily.Text, "odc"),
        new("text/calendar", FileFamily.Text, "ics ical"),
        new("text/vcard", FileFamily.Text, "vcf") { Aliases = "text/x-vcard text/directory" },
        new(PlainText, FileFamily.Text, "txt log md json diff patch ini cfg conf c h cs java py asc"),
        new(Message, FileFamily.Message, "eml mht mhtml"),
        new(Pkcs7, FileFamily.Cryptographic, "p7m p7s p7c p7z") { Aliases = "application/x-pkcs7-mime application/pkcs7-signature application/x-pkcs7-signature" },
        new("application/x-x509-ca-cert", FileFamily.Cryptographic, "crt cer pem der"),
        new(PrivateKey, FileFamily.Cryptographic, "key ppk"),
        new("application/x-pkcs12", FileFamily.Cryptographic, "p12 pfx"),
        new(Pgp, FileFamily.Cryptographic, "pgp gpg asc") { Aliases = "application/pgp-signature application/pgp-keys" },
    ];

    /// <summary>Text that a double click runs. By name, since the content of a script looks like any text.</summary>
    public static readonly HashSet<string> ScriptExtensions = new(StringComparer.OrdinalIgnoreCase)
    {
        "bat", "cmd", "ps1", "psm1", "vbs", "vbe", "js", "jse", "wsf", "wsh", "wsc", "sct", "hta", "reg", "inf", "scf", "url", "website",
        "msc", "application", "appref-ms", "settingcontent-ms", "library-ms", "search-ms", "searchconnector-ms", "iqy", "slk", "rdp", "jnlp",
        "applescript", "command", "desktop", "gadget", "xll", "diagcab", "theme", "themepack",
    };

    private static readonly Dictionary<string, FileType> ByMediaType = All
        .SelectMany(type => type.Aliases.Split(' ', StringSplitOptions.RemoveEmptyEntries).Prepend(type.MediaType), (type, name) => (type, name))
        .GroupBy(pair => pair.name, StringComparer.OrdinalIgnoreCase)
        .ToDictionary(group => group.Key, group => group.First().type, StringComparer.OrdinalIgnoreCase);

    private static readonly Dictionary<string, FileType> ByExtension = All
        .SelectMany(type => type.Extensions.Split(' ', StringSplitOptions.RemoveEmptyEntries), (type, extension) => (type, extension))
        .GroupBy(pair => pair.extension, StringComparer.OrdinalIgnoreCase)
        .ToDictionary(group => group.Key, group => group.First().type, StringComparer.OrdinalIgnoreCase);

    public static FileType? OfMediaType(string mediaType) => ByMediaType.GetValueOrDefault(mediaType);

    public static FileType? OfExtension(string extension) => ByExtension.GetValueOrDefault(extension);

    public static bool IsExecutableExtension(string extension) =>
        ScriptExtensions.Contains(extension) || OfExtension(extension)?.Family == FileFamily.Executable;

    public static FileFamily FamilyOf(string mediaType) => OfMediaType(mediaType)?.Family ?? mediaType.Split('/')[0] switch
    {
        "text" => FileFamily.Text,
        "image" => FileFamily.Image,
        "audio" or "video" => FileFamily.Media,
        "font" => FileFamily.Font,
        "message" => FileFamily.Message,
        _ => FileFamily.Unknown,
    };
}
