import { describe, expect, it } from 'vitest';
import { parseOptions, USAGE, UsageError } from '../../client/options.ts';

function session(...words: string[]) {
  const options = parseOptions(words);
  if (options.kind !== 'session') throw new Error(`it is ${options.kind}`);
  return options;
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
    });
  });

  it('names a host, and a user before it', () => {
    expect(session('ann@host.example').target).toMatchObject({ host: 'host.example', user: 'ann', port: undefined });
    expect(session('corp\\ann@gw@host').target).toMatchObject({ host: 'host', user: 'corp\\ann@gw' });
    expect(session('2001:db8::1').target).toMatchObject({ host: '2001:db8::1', user: undefined });
    expect(session('ann@[2001:db8::1]').target).toMatchObject({ host: '2001:db8::1', user: 'ann' });
  });

  it('names all three in a URL', () => {
    expect(session('ssh://ann@host:2222/').target).toMatchObject({ host: 'host', user: 'ann', port: 2222 });
    expect(session('ssh://[::1]:2222').target).toMatchObject({ host: '::1', user: undefined, port: 2222 });
    expect(() => session('ssh://host:99999')).toThrow(UsageError);
  });

  it('takes the values of short options with and without a space, and clusters of them', () => {
    for (const words of [['-p', '2222'], ['-p2222'], ['-4vp2222'], ['-v4p', '2222']]) {
      expect(session(...words, 'host').target?.port).toBe(2222);
    }
    expect(session('-4vvp2222', 'host').target).toMatchObject({ family: 4, verbosity: 2 });
  });

  it('takes options after the host, up to the command', () => {
    const { target, session: rest } = session('host', '-p', '22', '-i', 'a', '-ib', 'ls', '-l', '-p9');
    expect(target).toMatchObject({ port: 22, identityFiles: ['a', 'b'], user: undefined });
    expect(rest.command).toBe('ls -l -p9');
  });

  it('ends the options at two dashes', () => {
    expect(session('host', '--', '-x', '--help').session.command).toBe('-x --help');
    expect(session('--', 'host', 'ls').session.command).toBe('ls');
  });

  it('lets the first user and the first port win, as ssh does', () => {
    expect(session('-l', 'ann', 'bob@host').target?.user).toBe('ann');
    expect(session('-p1', '-p2', 'ssh://host:3').target?.port).toBe(1);
  });

  it('reads the long options, with an equals sign or a word after', () => {
    const options = session('--ssh=ssh -J jump', '--server', '~/bin/rove-server', '--udp-port=60001:60010', 'host');
    expect(options.target).toMatchObject({ ssh: 'ssh -J jump', server: '~/bin/rove-server' });
    expect(options.session.udpPort).toEqual({ first: 60001, last: 60010 });
    expect(session('--udp-port=4000').session.udpPort).toEqual({ first: 4000, last: 4000 });
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
    [['-J', 'jump', 'host'], /--ssh='ssh -J/],
    [['-A', 'host'], /--ssh='ssh -A'/],
    [['-Z', 'host'], /no option -Z/],
    [['-p2222'], /no host/],
    [['-oProxyCommand=x'], /-o is not built in yet/],
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

  it('explains every option that it takes, on lines of a usual width', () => {
    const options = ['-p', '-l', '-i', '-F', '-4', '-6', '-v', '--ssh', '--server', '--udp-port', '--keep'];
    options.push('--keepalive', '--predict', '--status');
    for (const option of options) expect(USAGE).toContain(option);
    expect(Math.max(...USAGE.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
  });
});
