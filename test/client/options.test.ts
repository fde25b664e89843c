import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseOptions } from '../../client/options.ts';
import { resolveSettings } from '../../client/ssh/config/resolve.ts';
import { USAGE } from '../../client/usage.ts';
import { UsageError } from '../../client/usage-error.ts';

function session(...words: string[]) {
  const options = parseOptions(words);
  if (options.kind !== 'session') throw new Error(`it is ${options.kind}`);
  return options;
}

/** What ssh's options come to, with no configuration file having a say. */
async function settings(...words: string[]) {
  const { target } = session('-F', 'none', ...words);
  if (target === undefined) throw new Error('there is no target');
  return await resolveSettings(target);
}

describe('the command line', () => {
  it('means a session on this machine if no host is named', () => {
    expect(session()).toEqual({
      kind: 'session',
      target: undefined,
      session: {
        command: undefined,
        udpPort: undefined,
        keepMs: undefined,
        scrollback: 10_000,
        keepaliveMs: undefined,
        predict: 'adaptive',
        clipboard: 'write',
        status: false,
      },
      log: { level: undefined, file: undefined },
      notes: [],
    });
  });

  it('names a host, and a user before it', async () => {
    expect(session('host.example').target).toMatchObject({ host: 'host.example', directives: [] });
    expect(await settings('ann@host.example')).toMatchObject({ host: 'host.example', user: 'ann', port: 22 });
    expect(await settings('corp\\ann@gw@host')).toMatchObject({ host: 'host', user: 'corp\\ann@gw' });
    expect(await settings('2001:db8::1')).toMatchObject({ host: '2001:db8::1' });
    expect(await settings('ann@[2001:db8::1]')).toMatchObject({ host: '2001:db8::1', user: 'ann' });
  });

  it('names all three in a URL', async () => {
    expect(await settings('ssh://ann@host:2222/')).toMatchObject({ host: 'host', user: 'ann', port: 2222 });
    expect(await settings('ssh://[::1]:2222')).toMatchObject({ host: '::1', port: 2222 });
    expect(await settings('ssh://me%40corp@host')).toMatchObject({ host: 'host', user: 'me@corp' });
    for (const url of ['ssh://host:99999', 'ssh://%68', 'ssh://a%3bb@host', 'ssh://%zz@host']) {
      expect(() => session(url)).toThrow(UsageError);
    }
  });

  it('takes the values of short options with and without a space, and clusters of them', async () => {
    for (const words of [['-p', '2222'], ['-p2222'], ['-4vp2222'], ['-v4p', '2222']]) {
      expect((await settings(...words, 'host')).port).toBe(2222);
    }
    expect(await settings('-4vvp2222', 'host')).toMatchObject({ family: 4, logLevel: 'debug2' });
  });

  it('takes options after the host, up to the command', async () => {
    const words = ['host', '-p', '22', '-i', '/dev/null', '-i/etc/passwd', 'ls', '-l', '-p9'];
    const files = ['/dev/null', '/etc/passwd'];
    expect(await settings(...words)).toMatchObject({ port: 22, identities: { files, named: true } });
    expect(session(...words).session.command).toBe('ls -l -p9');
  });

  it('ends the options at two dashes', () => {
    expect(session('host', '--', '-x', '--help').session.command).toBe('-x --help');
    expect(session('--', 'host', 'ls').session.command).toBe('ls');
    expect(session('--', 'host', '-l').session.command).toBe('-l');
  });

  it('takes an empty command for none', () => {
    expect(session('host', '').session.command).toBeUndefined();
  });

  it('lets the first user, port and key win, as ssh does, and the last of the others', async () => {
    expect(await settings('-l', 'ann', 'bob@host')).toMatchObject({ user: 'ann' });
    expect(await settings('bob@host', '-l', 'ann')).toMatchObject({ user: 'bob' });
    expect(await settings('-p1', '-p2', 'ssh://host:3')).toMatchObject({ port: 1 });
    expect(await settings('-oPort=1', '-p2', 'host')).toMatchObject({ port: 1 });
    expect(await settings('-oAddressFamily=inet', '-4', '-6', 'host')).toMatchObject({ family: 6 });
    expect(await settings('-A', '-a', 'host')).toMatchObject({ session: { forwardAgent: false } });
    expect(await settings('-oLogLevel=ERROR', '-v', 'host')).toMatchObject({ logLevel: 'debug1' });
    expect(await settings('-vvvv', '-q', 'host')).toMatchObject({ logLevel: 'quiet' });
    expect(await settings('-q', '-vv', 'host')).toMatchObject({ logLevel: 'debug2' });
    expect(await settings('-T', '-t', '-t', 'host')).toMatchObject({ session: { tty: 'force' } });
    expect(await settings('-tt', '-T', 'host')).toMatchObject({ session: { tty: 'no' } });
  });

  it("hands each of ssh's letters to the configuration", async () => {
    const words = '-b 127.0.0.2 -c aes128-ctr -m hmac-sha2-256 -J a,b@c:3 -e ^b -n -A -S none -M -C -x -k -y'.split(
      ' ',
    );
    expect(await settings(...words, 'host')).toMatchObject({
      bindAddress: '127.0.0.2',
      algorithms: { cipher: ['aes128-ctr'], mac: ['hmac-sha2-256'] },
      jumps: [{ host: 'a' }, { host: 'c', user: 'b', port: 3 }],
      session: { escape: '\u0002', stdinNull: true, forwardAgent: true, tty: 'auto' },
      handOver: [],
    });
    expect(await settings('-I', '/usr/lib/token.so', 'host')).toMatchObject({ handOver: ['PKCS11Provider'] });
    expect(await settings('-s', 'host', 'sftp')).toMatchObject({ session: { type: 'subsystem' } });
    expect(await settings('-e', 'none', 'host')).toMatchObject({ session: { escape: undefined } });
    expect(await settings('-e', '#', 'host')).toMatchObject({ session: { escape: '#' } });
    expect(session('-K', 'host').target?.ssh).toBe('ssh');
  });

  it('says of what ssh would forward what is not forwarded, and goes on', () => {
    expect(session('-X', 'host').notes).toEqual([expect.stringMatching(/X11/)]);
    expect(session('-XY', 'host').notes).toHaveLength(1);
    expect(session('-x', 'host').notes).toEqual([]);
  });

  it('says of a key that is not there that it is not, and goes by the others', async () => {
    expect(session('-i', '/nowhere/key', 'host').notes).toEqual([expect.stringMatching(/\/nowhere\/key: there is no/)]);
    expect(await settings('-i', '/nowhere/key', 'host')).toMatchObject({ identities: { named: false } });
    expect(await settings('-i', '/dev/null', 'host')).toMatchObject({ identities: { named: true } });
  });

  it('tells where the log goes, and how loud it is', () => {
    expect(session('-vE', 'file', 'host').log).toEqual({ level: 'debug1', file: 'file' });
    expect(session('-v', '-q').log).toEqual({ level: 'quiet', file: undefined });
  });

  it('prints what holds for a host, forwards and all', () => {
    const { kind, ...rest } = parseOptions(['-G', '-L', '1:[::1]:2', '-R', '3', '-D4', '-N', 'host']);
    expect({ kind, ...rest }).toMatchObject({ kind: 'configuration', target: { host: 'host' } });
    expect('target' in rest && rest.target?.directives).toEqual(
      expect.arrayContaining(['LocalForward=1 [::1]:2', 'RemoteForward=3', 'DynamicForward="4"']),
    );
  });

  it('reads the long options, with an equals sign or a word after', () => {
    const options = session('--ssh=ssh -J jump', '--server', '~/bin/rove-server', '--udp-port=60001:60010', 'host');
    expect(options.target).toMatchObject({ ssh: 'ssh -J jump', server: '~/bin/rove-server', install: 'ask' });
    expect(options.session.udpPort).toEqual({ first: 60001, last: 60010 });
    expect(session('--udp-port=4000').session.udpPort).toEqual({ first: 4000, last: 4000 });
    expect(session('--install', 'host').target?.install).toBe('always');
    expect(session('--no-install', 'host').target?.install).toBe('never');
  });

  it('reads how many lines are to be kept', () => {
    expect(session('--scrollback=0').session.scrollback).toBe(0);
    expect(session('--scrollback', '1000000').session.scrollback).toBe(1_000_000);
    for (const text of ['-1', '1e3', 'all', '1000001'])
      expect(() => session(`--scrollback=${text}`)).toThrow('expected a number of lines');
  });

  it.each([
    ['90s', 90_000],
    ['30m', 1_800_000],
    ['12h', 43_200_000],
    ['7d', 604_800_000],
  ])('reads the time %s', (text, spanMs) => {
    expect(session(`--keep=${text}`).session.keepMs).toBe(spanMs);
  });

  it.each([
    ['7', 7_000],
    ['3600', 3_600_000],
    ['0', Number.POSITIVE_INFINITY],
    ['off', Number.POSITIVE_INFINITY],
  ])('reads the keepalive %s', (text, spanMs) => {
    expect(session(`--keepalive=${text}`).session.keepaliveMs).toBe(spanMs);
  });

  it.each(['adaptive', 'always', 'never'] as const)('predicts %s', (mode) => {
    expect(session(`--predict=${mode}`).session.predict).toBe(mode);
  });

  it('shows the status line from the start if asked', () => {
    expect(session('--status', 'host').session.status).toBe(true);
    expect(session('host', 'cmd', '--status').session.status).toBe(false);
  });

  it('prints the version as ssh does for -V', () => {
    expect(parseOptions(['-vV', '-Z'])).toEqual({ kind: 'version-of-ssh' });
  });

  it('shows help and version wherever they stand', () => {
    expect(parseOptions(['host', '--help'])).toEqual({ kind: 'help' });
    expect(parseOptions(['--version'])).toEqual({ kind: 'version' });
  });

  it.each([
    [['-p', '0', 'host'], /-p 0: expected a port/],
    [['-p', 'ssh', 'host'], /expected a port/],
    [['host', '-p'], /-p needs a value/],
    [['--udp-port=5:4', 'host'], /the last port comes before the first/],
    [['--udp-port=5:6:7', 'host'], /FIRST:LAST/],
    [['--keep=7', 'host'], /90s, 30m, 12h or 7d/],
    [['--keep=0d', 'host'], /90s, 30m, 12h or 7d/],
    [['--keep=9999d', 'host'], /ten years/],
    [['--predict=sometimes', 'host'], /expected adaptive, always, never/],
    [['--keepalive=-1', 'host'], /seconds from 1 to 3600, or off/],
    [['--keepalive=3601', 'host'], /seconds from 1 to 3600, or off/],
    [['--keepalive=1.5', 'host'], /seconds from 1 to 3600, or off/],
    [['--nonsense', 'host'], /no option --nonsense/],
    [['--help=me'], /takes no value/],
    [['--status=on', 'host'], /--status takes no value/],
    [['-J', 'jump', '-Jother', 'host'], /-J may be given once/],
    [['-L', '1:h:2', 'host'], /-L: rove forwards nothing yet/],
    [['-N', 'host'], /-N: without a command/],
    [['-f', 'host', 'ls'], /-f: rove does not go into the background/],
    [['-W', 'h:1', 'host'], /-W: rove forwards/],
    [['-w', '0', 'host'], /-w: rove forwards/],
    [['-O', 'exit', 'host'], /-O: rove has no shared/],
    [['-Q', 'cipher', 'host'], /ssh -Q/],
    [['-1', 'host'], /-1: version 1 .* is gone/],
    [['-e', 'xx', 'host'], /expected a character/],
    [['--install=no', 'host'], /--install takes no value/],
    [['-\u0000', 'host'], /no option -\\u0000/],
    [['-Z', 'host'], /no option -Z/],
    [['-p2222'], /no host/],
    [['-oProxyCommand=x'], /no host/],
    [['-t'], /no host/],
    [['-G'], /no host/],
    [['--install'], /no host/],
    [['ho st'], /is no host/],
    [['--', '-host'], /is no host/],
    [['$(reboot)'], /is no host/],
    [['a;b@host'], /is no host/],
    [[''], /is no host/],
  ])('refuses %j with a line that says why', (words, why) => {
    expect(() => parseOptions(words)).toThrow(UsageError);
    expect(() => parseOptions(words)).toThrow(why);
    expect(() => parseOptions(words)).not.toThrow(/\n/);
  });

  it('is obeyed or refused with one line, whatever it is', () => {
    const word = fc.oneof(
      fc.string({ maxLength: 6 }),
      fc.string({ unit: 'binary', maxLength: 4 }),
      fc.stringMatching(/^-[46AaBbCcDEeFfGgIiJKkLlMmNnOoPpQqRSsTtVvWwXxYy]{1,4}[0-9a-z:]{0,3}$/),
      fc.constantFrom('--', '--keep', '--udp-port=1:2', '--predict=never', 'host', 'me@host', '22', ''),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 8 }), (words) => {
        try {
          const options = parseOptions(words);
          if (options.kind !== 'session' || options.target === undefined) return;
          expect(options.target.host).toMatch(/^[^-\s]/);
          expect(options.target.directives.length).toBeLessThanOrEqual(4 * words.length + words.join('').length * 2);
        } catch (error) {
          if (!(error instanceof UsageError)) throw error;
          expect(error.message).toMatch(/^[^\n]{10,}$/);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('is explained on lines of a usual width', () => {
    const options = ['-p', '-l', '-i', '-F', '-J', '-o', '-4', '-6', '-v', '-t', '-T', '-G', '-E', '--ssh', '--server'];
    options.push('--udp-port', '--keep', '--keepalive', '--predict', '--status', '--install', '--no-install');
    for (const option of options) expect(USAGE).toContain(option);
    expect(Math.max(...USAGE.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
  });
});
