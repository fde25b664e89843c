/** What `rove --help` prints: the options that people look for, in groups. The manual has all of them. */

/** With its line end. */
export const USAGE = `rove: a shell that stays when the network goes

usage: rove [options] [user@]host            a shell there, started over ssh, which roams
       rove [options] [user@]host command    a command, over ssh, with pipes as they are
       rove -t [options] [user@]host command the same in a session that roams
       rove [options]                        a shell on this machine, by the same path
       rove bench [options] [[user@]host]    how fast shells are: see rove bench --help
                                             (a host of that name: rove -- bench)
       rove copy-id [-i FILE] [user@]host    put your public key there, so that it lets you in
       rove completion bash|zsh|fish         what a shell completes rove by

ssh's options, with ssh's meaning; what they leave open is read from ~/.ssh/config
  where    -p PORT  -l USER  -J HOST,…  -b ADDRESS  -B INTERFACE  -4  -6
  who      -i KEY  -I PKCS11  -A  -a  -K  -k
  how      -F FILE  -o KEYWORD=VALUE  -c CIPHERS  -m MACS  -C
  what     -t  -T  -n  -s  -e CHARACTER
  to know  -v -vv -vvv  -q  -E FILE  -G (what holds for the host)  -V

rove's own
  --install, --no-install   put rove-server there if it is missing, without a question, or never
  --server=COMMAND     what starts the server over there (rove-server)
  --ssh=COMMAND        let this ssh do the login: 'ssh -F other'
  --udp-port=A[:B]     the UDP port of the server, or the first and the last (60001:60999)
  --keep=TIME          how long a session waits for a client that is away: 90s, 12h, 7d (for ever)
  --keepalive=SECONDS  ask the server after so much quiet (3, and 25 when unused), or off;
                       with more than 40 its output may wait for your next key
  --scrollback=LINES   how many lines that scroll off are kept for ~h and an outage (10000);
                       with 0 the terminal's own scrollback stays as it is, too
  --predict=WHEN       show keys before the server does: adaptive (on a slow link), always, never
  --clipboard=WHAT     let programs over there use the clipboard (OSC 52): write, read-write, off
  --status             show how the link is, all the time: round trip, loss, bytes, predictions
  --help, --version

In a session, at the start of a line: ~. ends it, ~^Z suspends the client, ~s shows how the link
is, ~h opens all that has scrolled off, ~? lists these.
`;
