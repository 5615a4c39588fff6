using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace SecuEdge.Load.Systems;

/// <summary>
/// Debian's amavisd-new as filter between two SMTP hops: unpacks with its own decoders, asks clamd about the folder of parts, forwards
/// inside the transaction. No spam checks, as nobody else here has any.
/// </summary>
internal sealed class AmavisFilter : MailSystem
{
    public AmavisFilter(string folder, IPEndPoint sink, ClamdScanner scanner) : base("amavis+clamd", folder)
    {
        Scanner = scanner;
        foreach (var name in new[] { "tmp", "db", "home", "quarantine" })
        {
            Directory.CreateDirectory(Path.Combine(Folder, name));
        }

        // It takes its configuration from nobody but root.
        var configuration = Path.Combine(folder, "amavisd.conf");
        File.WriteAllText(configuration, string.Create(CultureInfo.InvariantCulture, $$"""
            use strict;
            $daemon_user = 'amavis'; $daemon_group = 'amavis';
            $MYHOME = '{{Folder}}/home'; $TEMPBASE = '{{Folder}}/tmp'; $db_home = '{{Folder}}/db'; $QUARANTINEDIR = '{{Folder}}/quarantine';
            $lock_file = '{{Folder}}/home/amavisd.lock'; $pid_file = '{{Folder}}/home/amavisd.pid';
            $log_level = 0; $do_syslog = 0; $LOGFILE = '{{Folder}}/home/amavis.log';
            $enable_db = 0; $max_servers = 8; $max_requests = 500;
            $mydomain = 'acme.example'; $myhostname = 'amavis.example';
            $inet_socket_bind = '127.0.0.1'; $inet_socket_port = {{Entry.Port}}; @inet_acl = qw(127.0.0.1);
            $forward_method = 'smtp:[127.0.0.1]:{{sink.Port}}'; $notify_method = $forward_method;
            @bypass_spam_checks_maps = (1); @bypass_banned_checks_maps = (1); @bypass_header_checks_maps = (1);
            $enable_dkim_verification = 0; $enable_dkim_signing = 0;
            $final_virus_destiny = D_DISCARD; $final_banned_destiny = D_PASS; $final_spam_destiny = D_PASS; $final_bad_header_destiny = D_PASS;
            $MAXLEVELS = 14; $MAXFILES = 3000; $MIN_EXPANSION_QUOTA = 100*1024; $MAX_EXPANSION_QUOTA = 500*1024*1024;
            @av_scanners = (['ClamAV-clamd', \&ask_daemon, ["CONTSCAN {}\n", "{{scanner.SocketPath}}"], qr/\bOK$/m, qr/\bFOUND$/m, qr/^.*?: (?!Infected Archive)(.*) FOUND$/m]);
            @av_scanners_backup = ();
            1;

            """));
        Run("chown", "-R", "amavis:amavis", Folder);
        Run("chmod", "a+rx", folder, Folder);
        WaitUntilReady(Processes.Start(FindProgram("amavisd")!, ["-c", configuration, "foreground"], Path.Combine(folder, "amavis.log")));
    }

    public override string Description => "Debian's amavisd-new with its decoders and clamd (CONTSCAN of the unpacked parts), no spam or banned-file checks; not durable (forwards inside the transaction)";

    /// <summary>Whether it is installed, and we may start it.</summary>
    public static bool IsAvailable => FindProgram("amavisd") is not null && Environment.IsPrivilegedProcess;

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
    }
}
