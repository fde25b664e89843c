/**
 * The numbers of the protocol, each with its unit and its reason. SPEC.md names them all.
 */

// Specification constants: both ends must agree on them.

/** The version of the wire that this code speaks. Carried by the bootstrap, never by datagrams. */
export const PROTOCOL_VERSION = 1;
/** Bytes of a connection id: enough that guessing one of another's sessions is hopeless. */
export const CONNECTION_ID_BYTES = 8;
/** Packet numbers are 48 bits: 89,000 years at 100 datagrams a second, and exact in a JavaScript number. */
export const PACKET_NUMBER_LIMIT = 2 ** 48;
/** Byte 0 of a datagram: 01 (neither STUN nor DTLS nor a QUIC long header), four zeros, key phase modulo 4. */
export const HEADER_MARK = 0x40;
/** Byte 0, connection id, packet number. */
export const HEADER_BYTES = 1 + CONNECTION_ID_BYTES + 6;
/** Poly1305's tag. */
export const TAG_BYTES = 16;
/** Largest datagram in bytes of UDP payload: fits IPv6's minimum link of 1,280 with all headers and a tunnel's. RFC 9000 §14. */
export const MAX_DATAGRAM = 1_200;
/** Longest that an acknowledgement may be held back, in ms, so that it can ride on an answer. The sender allows for it. */
export const MAX_ACK_DELAY_MS = 25;
/** Most ranges in one ACK frame. Older gaps are forgotten: their content has long been repaired. */
export const MAX_ACK_RANGES = 32;
/** Bytes of a stream that may be under way unread, until the receiver allows more. */
export const STREAM_WINDOW = 256 * 1024;
/** Most states a receiver holds as possible bases: one acknowledged and those sent since, which a sender never lets be more. */
export const MAX_HELD_STATES = 128;
/** Bytes that the states held may take together: 128 screens of 500 by 200 do. Of larger ones fewer are held, and the rest is refused. */
export const MAX_HELD_BYTES = 256 * 1024 * 1024;
/** Longest diff in bytes, as sent and as inflated: a screen of a million cells, each with its own colours. */
export const MAX_DIFF_BYTES = 16 * 1024 * 1024;
/** Longest reason in a CLOSE frame, in bytes of UTF-8. */
export const MAX_REASON_BYTES = 256;
/** A key counts as answered so long after it was written to the pty, in ms: mosh's echo timeout. Programs that echo at all do it within a few. */
export const ECHO_MS = 50;
/** What an unvalidated path may be sent: this many times what came from it. RFC 9000 §8.1. */
export const AMPLIFICATION_LIMIT = 3;

// Implementation constants: an end may choose others.

/** Round trip assumed before the first sample, in ms. RFC 9002 takes 333; SSH has just shown that the path is there, and a spurious probe is cheap. */
export const INITIAL_RTT_MS = 200;
/** The clock's and the event loop's grain in ms: no timer is meant finer. */
export const GRANULARITY_MS = 2;
/** A packet is lost when one sent this much later was acknowledged. RFC 9002 §6.1.1. */
export const REORDERING_PACKETS = 3;
/** Reordering seen raises the threshold at most to this. */
export const MAX_REORDERING_PACKETS = 24;
/** Content not acknowledged that is at most this long, in bytes, rides again in every packet: no loss of a single datagram delays it. */
export const RIDE_BYTES = 160;
/** Packets over which loss is counted. */
export const LOSS_PACKETS = 64;
/** Share of packets lost from which small ones are sent again early: two of the last 64. On a link that loses none, none is. */
export const REPEAT_FROM_LOSS = 0.03;
/** Share of packets lost from which probes are, too: there even two of them are not enough for the hundredth key. */
export const REPEAT_PROBES_FROM_LOSS = 0.15;
/** So early, in ms: after the echo that follows the key's, and long before a round trip is over. */
export const REPEAT_AFTER_MS = 10;
/** Frames a second of a flood: one in this many ms on average … */
export const FRAME_INTERVAL_MS = 20;
/** … with this many at once, so that a command's first lines don't wait for each other. */
export const FRAME_BURST = 4;
/** After a key, frames may follow each other so closely, in ms … */
export const ANSWER_INTERVAL_MS = 4;
/** … for so long: what the user waits for is in one of them, also in the midst of a flood. */
export const ANSWER_MS = 100;
/** Keys whose time to be answered runs, told apart: more than a key every 2 ms. */
export const MAX_ECHOES = 32;
/** News that a letter has had its time, and nothing else, waits so long for a frame to ride on, in ms, where it stands left of the cursor: typing at 4 keys a second then costs no packet for it. */
export const ECHO_RIDE_MS = 250;
/** Diffs are deflated from this size on; below, it wins nothing. */
export const DEFLATE_FROM_BYTES = 200;
/** Unacknowledged states at which new frames wait: at 50 a second, a round trip of two seconds and a half … */
export const MAX_SENT_STATES = 96;
/** … and at which even a probe repeats the newest instead of making another: half a minute of silence later. */
export const MAX_PROBED_STATES = MAX_HELD_STATES - 1;
/** Sent packets remembered for their acknowledgement. */
export const MAX_SENT_PACKETS = 4_096;
/** First congestion window in bytes. RFC 6928: ten packets. */
export const INITIAL_WINDOW = 10 * MAX_DATAGRAM;
/** Smallest congestion window: two packets, so that a repair always has room beside a frame. */
export const MIN_WINDOW = 2 * MAX_DATAGRAM;
/** Largest congestion window: no screen needs more in flight. */
export const MAX_WINDOW = 4 * 1024 * 1024;
/** A packet this small, in bytes, with a key or its echo leaves at once, whatever is in flight. */
export const SMALL_PACKET = 400;
/** While the user is active: a PING after so many ms of quiet, so that silence is noticed. mosh: 3 s. */
export const ACTIVE_KEEPALIVE_MS = 3_000;
/** How long after the last key or output the user counts as active. */
export const ACTIVE_MS = 60_000;
/** Otherwise: what NATs bear. RFC 4787 asks them for two minutes, many give 30 s. */
export const IDLE_KEEPALIVE_MS = 25_000;
/** While nothing answers, a whole probe with all that is unacknowledged leaves so often, in ms, or each probe timeout if that is longer. */
export const PROBE_MS = 1_000;
/** … and after a minute of silence. */
export const PROBE_IDLE_MS = 3_000;
/** Light probes between them: after a silence of two probe timeouts one in so many ms, so that the return of the path is noticed when it happens … */
export const LIGHT_PROBE_MS = 45;
/** … with contents up to this many bytes: 22 a second of some 50 bytes, or 80 with all headers, are less than 2 kB/s, which hardly a link feels. */
export const LIGHT_PROBE_BYTES = 32;
/** The client sends them so quickly for so long after the silence began or something was typed: a minute of outage, noticed late … */
export const LIGHT_PROBES_MS = 75_000;
/** … then so often, in ms … */
export const LATER_PROBE_MS = 250;
/** … until so much time has passed. */
export const LATER_PROBES_MS = 180_000;
/** The server sends them only so long, in ms: by then the client has noticed too, and asks. */
export const SERVER_LIGHT_PROBES_MS = 5_000;
/** A server that has not heard its client for so long sends nothing until it does. */
export const SERVER_SILENCE_MS = 40_000;
/** Packets larger than the smallest MTU lost in a row, with others arriving, that make a black hole. */
export const BLACK_HOLE_LOSSES = 4;
/** Datagram sizes to fall back to, in bytes of UDP payload: IPv6's minimum less tunnels, then IPv4's 576 less headers. */
export const DATAGRAM_LADDER = [MAX_DATAGRAM, 1_000, 548] as const;
/** Paths an end remembers. */
export const MAX_PATHS = 16;
/** Bytes of input that the client buffers before it stops reading the terminal. */
export const INPUT_BUFFER = 1024 * 1024;
