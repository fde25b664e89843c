import { describe, expect, it } from 'vitest';
import { splitWords } from '../../../client/ssh/command-line.ts';
import { UserError } from '../../../client/user-error.ts';

describe('a command line in one string', () => {
  it.each([
    ['ssh', ['ssh']],
    ['  ssh   -F\tconfig ', ['ssh', '-F', 'config']],
    [`ssh -o 'ProxyCommand=nc -x "a b" %h'`, ['ssh', '-o', 'ProxyCommand=nc -x "a b" %h']],
    ['ssh -i "my key"/id', ['ssh', '-i', 'my key/id']],
    ['ssh my\\ key', ['ssh', 'my key']],
    [String.raw`ssh "a\"b\\c\d"`, ['ssh', String.raw`a"b\c\d`]],
    [String.raw`ssh 'a\b'`, ['ssh', String.raw`a\b`]],
    [`ssh '' ""`, ['ssh', '', '']],
  ])('splits %j as a shell does', (text, words) => {
    expect(splitWords(text, '--ssh')).toEqual(words);
  });

  it.each(['', '   ', "''", "ssh 'open", 'ssh "open'])('refuses %j', (text) => {
    expect(() => splitWords(text, '--ssh')).toThrow(UserError);
  });
});
