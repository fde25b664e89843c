import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PromptLine, type PromptStep } from '../../../client/ssh/prompt-line.ts';

function typed(echo: boolean, ...pieces: string[]): PromptStep & { all: string } {
  const line = new PromptLine(echo);
  let step: PromptStep = { kind: 'more', echo: '' };
  let all = '';
  for (const piece of pieces) {
    step = line.type(new TextEncoder().encode(piece));
    all += step.echo;
  }
  return { ...step, all };
}

describe('a line typed at a question', () => {
  it('ends with Enter and shows what was typed', () => {
    expect(typed(true, 'y', 'es', '\r')).toMatchObject({ kind: 'done', line: 'yes', all: 'yes\r\n' });
    expect(typed(true, 'yes\nrest')).toMatchObject({ kind: 'done', line: 'yes' });
  });

  it('shows nothing of a secret, not even its length', () => {
    expect(typed(false, 'sec', 'x\x7f', 'ret', '\r')).toMatchObject({ kind: 'done', line: 'secret', all: '\r\n' });
  });

  it('takes back a character, and the whole line', () => {
    expect(typed(true, 'nox\x7f\r')).toMatchObject({ line: 'no' });
    expect(typed(true, 'no', '\x7f')).toMatchObject({ kind: 'more', echo: '\b \b' });
    expect(typed(true, 'nonsense', '\x15', 'yes\r')).toMatchObject({ line: 'yes' });
    expect(typed(true, '\x7f\x08yes\r')).toMatchObject({ line: 'yes' });
  });

  it('takes back whole characters of UTF-8, with the cells they fill', () => {
    expect(typed(true, 'aé', '\x7f')).toMatchObject({ echo: '\b \b' });
    expect(typed(true, '漢', '\x7f')).toMatchObject({ echo: '\b \b\b \b' });
    expect(typed(false, 'ä漢\x7f😀\x7f!\r')).toMatchObject({ line: 'ä!' });
  });

  it('is aborted by Ctrl-C, and by Ctrl-D while it is empty', () => {
    expect(typed(false, 'sec\x03ret\r').kind).toBe('aborted');
    expect(typed(true, '\x04').kind).toBe('aborted');
    expect(typed(true, 'yes\x04\r')).toMatchObject({ kind: 'done', line: 'yes' });
  });

  it('keeps other control characters out and has a bound', () => {
    expect(typed(true, '\x1b[A\x00ok\r')).toMatchObject({ line: '[Aok' });
    const step = typed(false, 'x'.repeat(10_000), '\r');
    expect(step.kind === 'done' && step.line.length).toBe(4096);
  });

  it('comes out the same in whatever pieces it is typed', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', 'é', '漢', '\x7f', '\x15'), maxLength: 20 }), (text) => {
        const bytes = new TextEncoder().encode(`${text}\r`);
        const whole = new PromptLine(false).type(bytes);
        const line = new PromptLine(false);
        let last: PromptStep = { kind: 'more', echo: '' };
        for (const byte of bytes) last = line.type(Uint8Array.of(byte));
        expect(last).toEqual(whole);
      }),
    );
  });
});
