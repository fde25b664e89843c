/**
 * A client with known faults, to check the instrument: it runs a program on a terminal of its own and passes bytes both ways.
 *
 * --delay-ms=10   every second letter that is echoed comes so much later
 * --wrong-ms=20   every tenth letter that is echoed is another one for so long, and then right
 * --predict-ms=50 letters are shown at once by the client; what the program prints comes so much later, echoes left out
 *
 * Then `--` and the program. Only for a prompt at which letters are typed one after the other.
 */

import { createRequire } from 'node:module';
import process from 'node:process';

const pty = createRequire(import.meta.url)('@homebridge/node-pty-prebuilt-multiarch');

const words = process.argv.slice(2);
const [file, ...args] = words.slice(words.indexOf('--') + 1);
const flag = (name) => Number(words.find((word) => word.startsWith(`--${name}=`))?.split('=')[1] ?? 0);
const [delayMs, wrongMs, predictMs] = [flag('delay-ms'), flag('wrong-ms'), flag('predict-ms')];
const isEcho = (text) => /^[a-z0-9]+$/.test(text);

/** Letters echoed so far. */
let letters = 0;
/** What was shown before the program said so. */
let predicted = '';

const program = pty.spawn(file, args, {
  name: process.env.TERM,
  cols: process.stdout.columns,
  rows: process.stdout.rows,
  env: process.env,
});

/** Not a timer: those of node are up to a millisecond late, and let others pass. */
function pause(ms) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

function show(text) {
  if (predicted !== '' && predicted.startsWith(text)) {
    predicted = predicted.slice(text.length);
    return;
  }
  if (!isEcho(text)) {
    process.stdout.write(text);
    return;
  }
  for (const letter of text) {
    letters++;
    if (delayMs > 0 && letters % 2 === 0) pause(delayMs);
    if (wrongMs > 0 && letters % 10 === 0) {
      process.stdout.write('#');
      pause(wrongMs);
      process.stdout.write('\b');
    }
    process.stdout.write(letter);
  }
}

process.stdin.setRawMode(true);
process.stdin.on('data', (bytes) => {
  const text = bytes.toString('latin1');
  if (predictMs > 0 && isEcho(text)) {
    predicted += text;
    process.stdout.write(text);
  }
  program.write(text);
});
program.onData((text) => {
  if (predictMs > 0) setTimeout(() => show(text), predictMs);
  else show(text);
});
program.onExit(({ exitCode }) => process.exit(exitCode));
