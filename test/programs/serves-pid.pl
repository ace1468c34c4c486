#!/usr/bin/perl
# A web server that answers every request by its pid, and stops at SIGTERM: serves-pid.pl, with the port in PORT.
# In Perl, since tests start it hundreds of times: it takes 9 ms of CPU, Node 70.
use strict;
use warnings;
use Socket;

$| = 1;
$SIG{PIPE} = 'IGNORE';

socket(my $server, PF_INET, SOCK_STREAM, 0) or die "socket: $!";
setsockopt($server, SOL_SOCKET, SO_REUSEADDR, 1) or die "setsockopt: $!";
bind($server, sockaddr_in($ENV{PORT}, INADDR_LOOPBACK)) or die "bind: $!";
listen($server, SOMAXCONN) or die "listen: $!";
print "listening\n";

my $head = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " . length($$) . "\r\n\r\n";

while (1) {
    accept(my $client, $server) or next;
    my $request = '';
    while ($request !~ /\r\n\r\n/) {
        sysread($client, $request, 4096, length $request) or last;
    }
    syswrite($client, $head . $$);
    close $client;
}
