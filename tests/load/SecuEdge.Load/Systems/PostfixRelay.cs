using System.Net;

namespace SecuEdge.Load.Systems;

/// <summary>
/// An instance of Postfix with folders of its own, as plain relay to the sink: every delay that an administrator would tune away is, its
/// durability (a synced queue file before the 250) is not.
/// </summary>
internal sealed class PostfixRelay : MailSystem
{
    public PostfixRelay(string folder, IPEndPoint sink) : base("postfix", folder)
    {
        var configuration = Directory.CreateDirectory(Path.Combine(Folder, "config")).FullName;
        var queue = Directory.CreateDirectory(Path.Combine(Folder, "queue")).FullName;
        var state = Directory.CreateDirectory(Path.Combine(Folder, "state")).FullName;
        File.WriteAllText(Path.Combine(configuration, "main.cf"), $"""
            compatibility_level = 3.6
            queue_directory = {queue}
            data_directory = {state}
            command_directory = /usr/sbin
            daemon_directory = /usr/lib/postfix/sbin
            mail_owner = postfix
            setgid_group = postdrop
            myhostname = relay.example
            mydestination =
            local_recipient_maps =
            alias_maps =
            alias_database =
            mynetworks = 127.0.0.0/8
            inet_interfaces = 127.0.0.1
            inet_protocols = ipv4
            relayhost = [127.0.0.1]:{sink.Port}
            disable_dns_lookups = yes
            smtpd_peername_lookup = no
            smtpd_recipient_restrictions = permit_mynetworks, reject
            smtpd_client_connection_count_limit = 0
            smtpd_tls_security_level = none
            smtp_tls_security_level = none
            smtputf8_enable = no
            biff = no
            in_flow_delay = 0
            default_process_limit = 200
            initial_destination_concurrency = 50
            default_destination_concurrency_limit = 50
            smtp_destination_concurrency_failed_cohort_limit = 0
            smtp_connection_cache_on_demand = yes
            message_size_limit = 104857600
            mailbox_size_limit = 0
            maillog_file_prefixes = {folder}
            maillog_file = {Folder}/mail.log

            """);
        File.WriteAllText(Path.Combine(configuration, "master.cf"), $"""
            127.0.0.1:{Entry.Port} inet n - n - - smtpd
            pickup unix n - n 60 1 pickup
            cleanup unix n - n - 0 cleanup
            qmgr unix n - n 300 1 qmgr
            tlsmgr unix - - n 1000? 1 tlsmgr
            rewrite unix - - n - - trivial-rewrite
            bounce unix - - n - 0 bounce
            defer unix - - n - 0 bounce
            trace unix - - n - 0 bounce
            verify unix - - n - 1 verify
            flush unix n - n 1000? 0 flush
            proxymap unix - - n - - proxymap
            smtp unix - - n - - smtp
            relay unix - - n - - smtp
            showq unix n - n - - showq
            error unix - - n - - error
            retry unix - - n - - error
            discard unix - - n - - discard
            anvil unix - - n - 1 anvil
            scache unix - - n - 1 scache
            postlog unix-dgram n - n - 1 postlogd

            """);
        Run("chown", "postfix", state);
        // Its own user has to reach its folders below ours.
        Run("chmod", "a+rx", folder, Folder);
        WaitUntilReady(Processes.Start("/usr/sbin/postfix", ["-c", configuration, "start-fg"], Path.Combine(Folder, "output.log")));
    }

    public override string Description => "plain relay (relayhost), no lookups, no TLS, concurrency 50, in_flow_delay 0, log to a file; durable (queue file synced)";

    /// <summary>Whether it is installed, and we may start it.</summary>
    public static bool IsAvailable => File.Exists("/usr/lib/postfix/sbin/master") && Environment.IsPrivilegedProcess;

    private static void Run(string program, params string[] arguments)
    {
        using var process = System.Diagnostics.Process.Start(program, arguments);
        process.WaitForExit();
    }
}
