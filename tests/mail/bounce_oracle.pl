# Sisimai over mails that come as lines of JSON; one line of JSON for each: what it found, for whom.
use strict;
use warnings;
use JSON::PP;
use Sisimai;

$| = 1;
while (my $line = <STDIN>) {
    my $mail = decode_json($line)->{mail};
    my $found = Sisimai->make(\$mail) // [];
    my @told = map { { recipient => $_->recipient->address, status => $_->deliverystatus, reason => $_->reason } } @$found;
    print encode_json({ found => \@told }), "\n";
}
