/**
 * A laboratory on one machine: a client and a server with an sshd, each in its own network namespace, an emulated link
 * between them, and scratch homes, so that nothing of the machine's user is read or written. Or, without a link, both on
 * the loopback of one namespace. Whatever runs in it ends with it.
 */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Link } from '../link/link.ts';
import type { LinkControl, LinkOptions } from '../link/link-control.ts';
import { type Address, Namespace, namespacesMissing } from '../link/namespace.ts';
import { NetemLink } from '../link/netem.ts';
import { onTheWayOut } from '../way-out.ts';
import { ScreenTerminal, type ScreenTerminalOptions } from './screen-terminal.ts';
import { type Sshd, sshdMissing, startSshd } from './sshd.ts';

/** The server's addresses on an emulated link; the client's are `CLIENT_ADDRESSES` until it moves. */
export const SERVER_V4 = '10.9.0.1';
export const SERVER_V6 = 'fd09::1';
export const CLIENT_ADDRESSES: readonly Address[] = ['10.9.0.2/32', 'fd09::2/128'];

/** The name by which the client's ssh configuration knows the server. */
export const HOST = 'lab';
/** The server's shell prompt; nothing else looks like it. */
export const PROMPT = 'lab$ ';

const PORT = 2222;
const LOOPBACK = '127.0.0.1';

export interface LabOptions {
  /** Absent: client and server on the loopback of one namespace. */
  readonly link?: LinkOptions;
  /** The kernel's netem impairs the link instead of this project's emulator. */
  readonly netem?: boolean;
  /** The server's address that the client's ssh connects to: 4 by default. */
  readonly family?: 4 | 6;
}

/** Why there can be no lab here, in a few words; undefined when there can. */
export function labMissing(): string | undefined {
  return namespacesMissing() ?? sshdMissing();
}

/** The namespaces of a lab, the same one twice on loopback, and what lies between them. */
interface Net {
  readonly client: Namespace;
  readonly server: Namespace;
  readonly link: LinkControl | undefined;
}

export class Lab {
  readonly client: Namespace;
  readonly server: Namespace;
  /** The client's ssh configuration, for `-F`. */
  readonly sshConfig: string;
  /** The home of the sessions, on the server's side. */
  readonly serverHome: string;
  /** Where the server's daemon keeps its state: its own for each lab. */
  readonly stateDirectory: string;
  readonly #link: LinkControl | undefined;
  readonly #folder: string;
  readonly #forget: () => void;
  readonly #sshd: Sshd;
  readonly #terminals = new Set<ScreenTerminal>();

  private constructor(folder: string, forget: () => void, net: Net, sshd: Sshd) {
    this.#folder = folder;
    this.#forget = forget;
    this.#sshd = sshd;
    this.#link = net.link;
    this.client = net.client;
    this.server = net.server;
    this.sshConfig = join(folder, 'ssh_config');
    this.serverHome = join(folder, 'server-home');
    this.stateDirectory = join(folder, 'state');
  }

  static async open(options: LabOptions = {}): Promise<Lab> {
    const folder = mkdtempSync(join(tmpdir(), 'rove-lab-'));
    const forget = onTheWayOut(() => removeFolder(folder));
    let net: Net | undefined;
    try {
      for (const name of ['server-home', 'client-home', 'state', 'sshd'])
        mkdirSync(join(folder, name), { mode: 0o700 });
      writeFileSync(join(folder, 'server-home', '.bash_profile'), `PS1='${PROMPT}'\nHISTFILE=\ncd\n`);
      net = await openNet(options);
      const sshd = await startSshd({
        folder: join(folder, 'sshd'),
        port: PORT,
        listen: options.link === undefined ? [LOOPBACK] : [SERVER_V4, SERVER_V6],
        prefix: net.server.prefix,
        environment: { HOME: join(folder, 'server-home'), ROVE_STATE_DIR: join(folder, 'state') },
      });
      const lab = new Lab(folder, forget, net, sshd);
      const server = options.family === 6 ? SERVER_V6 : SERVER_V4;
      lab.#writeSshConfig(options.link === undefined ? LOOPBACK : server);
      return lab;
    } catch (error) {
      await closeNet(net);
      forget();
      removeFolder(folder);
      throw error;
    }
  }

  /** The emulated link. Throws on loopback, where there is none. */
  get link(): LinkControl {
    if (this.#link === undefined) throw new Error('this lab is on loopback and has no link');
    return this.#link;
  }

  /** Runs a command line on the client's machine, in a terminal. It is ended with the lab. */
  start(command: readonly string[], options: Omit<ScreenTerminalOptions, 'command'> = {}): ScreenTerminal {
    const terminal = new ScreenTerminal({
      ...options,
      command: [...this.client.prefix, ...command],
      env: { HOME: join(this.#folder, 'client-home'), ...options.env },
    });
    this.#terminals.add(terminal);
    return terminal;
  }

  /** Ends everything that runs in it and leaves nothing. */
  async close(): Promise<void> {
    await Promise.all([...this.#terminals].map((terminal) => terminal.close()));
    await this.#sshd.stop();
    await closeNet({ client: this.client, server: this.server, link: this.#link });
    this.#forget();
    removeFolder(this.#folder);
  }

  #writeSshConfig(address: string): void {
    const knownHosts = join(this.#folder, 'known_hosts');
    const name = `[${address}]:${PORT}`;
    writeFileSync(knownHosts, this.#sshd.hostKeys.map((key) => `${name} ${key}\n`).join(''));
    const lines = [
      `Host ${HOST}`,
      `  HostName ${address}`,
      `  Port ${PORT}`,
      '  User root',
      `  IdentityFile ${this.#sshd.userKeyFile}`,
      '  IdentitiesOnly yes',
      `  UserKnownHostsFile ${knownHosts}`,
      '  StrictHostKeyChecking yes',
      '  SendEnv LANG LC_*',
    ];
    writeFileSync(this.sshConfig, `${lines.join('\n')}\n`, { mode: 0o600 });
  }
}

function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

async function openNet({ link: options, netem = false }: LabOptions): Promise<Net> {
  const client = await Namespace.make('client');
  if (options === undefined) return { client, server: client, link: undefined };
  const server = await Namespace.make('server');
  try {
    const link = await (netem ? NetemLink : Link).join(client, server, options);
    await server.setAddresses([`${SERVER_V4}/32`, `${SERVER_V6}/128`]);
    await client.setAddresses(CLIENT_ADDRESSES);
    return { client, server, link };
  } catch (error) {
    client.remove();
    server.remove();
    throw error;
  }
}

async function closeNet(net: Net | undefined): Promise<void> {
  net?.client.remove();
  net?.server.remove();
  await net?.link?.close();
}
