/** One look-up after the other: what 99 of 100 stay below. */
import { namesRow } from '../names.mjs';

const count = 2000;

/** Perl, since it is on every Debian: asks for "target", prints microseconds. Ends after 20 seconds. */
const script = `use IO::Socket::INET; use Time::HiRes "time"; alarm 20;
my $s = IO::Socket::INET->new(Proto => "udp", PeerAddr => "127.0.0.11", PeerPort => 53) or die;
for my $id (1..${count}) {
  my $began = time;
  $s->send(pack("nnnnnn", $id, 0x100, 1, 0, 0, 0) . "\\x06target\\x00\\x00\\x01\\x00\\x01");
  do { $s->recv(my $answer, 512); $got = unpack("n", $answer) } until $got == $id;
  printf "%d\\n", (time - $began) * 1e6;
}`;

export default namesRow({
  name: 'name-latency-p99',
  title: 'names: 99th percentile of the latency',
  unit: 'ms',
  async sample(run) {
    const lines = (await run(['perl', '-e', script])).trim().split('\n');
    if (lines.length < count) throw new Error(`only ${lines.length} answers of ${count}`);
    return lines.map(Number).sort((a, b) => a - b)[Math.floor(count * 0.99)] / 1000;
  },
});
