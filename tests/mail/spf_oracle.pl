# Mail::SPF over zones and senders that come as lines of JSON; one line of JSON for each.
use strict;
use warnings;
use JSON::PP;
use Mail::SPF;
use Net::DNS;

package Zone {
    sub new { my ($class, $names) = @_; return bless { names => $names }, $class; }

    sub errorstring { return 'NOERROR'; }

    # What Mail::SPF asks of a Net::DNS::Resolver.
    sub send {
        my ($self, $name, $type) = @_;
        my $known = $self->{names}{ lc $name };
        my $packet = Net::DNS::Packet->new($name, $type, 'IN');
        $packet->header->qr(1);
        $packet->header->rcode($known ? 'NOERROR' : 'NXDOMAIN');
        for my $record (@{ ($known // {})->{$type} // [] }) {
            my $text = $type eq 'TXT' ? "\"$record\"" : $record;
            $packet->push(answer => Net::DNS::RR->new("$name. 60 IN $type $text"));
        }
        return $packet;
    }
    *query = \&send;
}

package main;
$| = 1;
while (my $line = <STDIN>) {
    my $asked = decode_json($line);
    my $server = Mail::SPF::Server->new(dns_resolver => Zone->new($asked->{zone}), query_rr_types => Mail::SPF::Server->query_rr_type_txt);
    my $request = Mail::SPF::Request->new(
        versions => [1], scope => 'mfrom', identity => $asked->{sender}, ip_address => $asked->{ip}, helo_identity => $asked->{helo}
    );
    my $result = $server->process($request);
    print encode_json({ result => $result->code, reason => $result->text }), "\n";
}
