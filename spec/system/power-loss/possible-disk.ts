import { dirname, join } from 'node:path';
import type { Random } from '../../simulation/random.js';
import { descriptorOf, lastNumberOf, type Moment, type SystemCall, stringsOf } from './system-calls.js';

/** What a disk writes at once: a sector is as it was before a write, or as after it. */
export const sectorBytes = 512;

/** What of a file's unflushed writes a disk has. */
export type Manner =
  /** Nothing. */
  | 'none'
  /** Everything: what the next process finds where only this one ended. */
  | 'all'
  /** What was written up to some point. */
  | 'earlier'
  /** Only what was written from some point on. */
  | 'later'
  /** Of each sector one of the contents that it had, by lot. */
  | 'any';

const manners: readonly Manner[] = ['none', 'all', 'earlier', 'later', 'any'];

/** What a call changed. Numbered in the order in which calls began; 0 is what is durable. */
interface Change {
  readonly number: number;
  isOver: boolean;
}

const durable: Change = { number: 0, isOver: true };

interface Version<Content> {
  readonly change: Change;
  readonly content: Content;
}

/**
 * The contents that something had since it was flushed last, oldest first: the disk has any of them. The first one is
 * durable.
 */
type Versions<Content> = [Version<Content>, ...Version<Content>[]];

/** Forgets what is older than the newest version that a flush covers, which is durable then. */
function settle<Content>(versions: Versions<Content>, isCovered: (change: Change) => boolean): void {
  const at = versions.findLastIndex(({ change }) => isCovered(change));
  if (at < 0) return;
  const [settled] = versions.splice(0, at + 1).slice(-1) as [Version<Content>];
  versions.unshift({ change: durable, content: settled.content });
}

/** A file, whatever its names. */
class File {
  /** As every process sees it. */
  cached = Buffer.alloc(0);
  readonly #sectors = new Map<number, Versions<Buffer>>();
  /** Those with more than one version. */
  readonly #unflushed = new Set<number>();
  readonly #sizes: Versions<number> = [{ change: durable, content: 0 }];

  write(change: Change, bytes: Buffer, at: number): void {
    const end = at + bytes.length;
    if (end > this.cached.length) this.#resize(change, end);
    bytes.copy(this.cached, at);
    this.#changed(change, at, end);
  }

  truncate(change: Change, size: number): void {
    const { length } = this.cached;
    this.#resize(change, size);
    if (size < length) this.#changed(change, size, length);
  }

  /** A flush is over. */
  flushed(isCovered: (change: Change) => boolean): void {
    settle(this.#sizes, isCovered);
    for (const sector of this.#unflushed) {
      const versions = this.#sectors.get(sector) as Versions<Buffer>;
      settle(versions, isCovered);
      if (versions.length === 1) this.#unflushed.delete(sector);
    }
  }

  /** What the disk may have of it. */
  possible(manner: Manner, random: Random): Buffer {
    const changes = new Set<number>();
    for (const versions of [this.#sizes, ...this.#sectors.values()]) {
      for (const { change } of versions) changes.add(change.number);
    }
    const choose = chooser(
      manner,
      [...changes].sort((a, b) => a - b),
      random,
    );
    const bytes = Buffer.alloc(this.#possibleSize(choose, manner, random));
    for (const [sector, versions] of this.#sectors) choose(versions).copy(bytes, sector * sectorBytes);
    return bytes;
  }

  #possibleSize(choose: ReturnType<typeof chooser>, manner: Manner, random: Random): number {
    if (manner !== 'any' || random.chance(0.5)) return choose(this.#sizes);
    // A file grows on the disk page by page.
    const sizes = this.#sizes.map(({ content }) => content);
    const [least, most] = [Math.min(...sizes), Math.max(...sizes)];
    return Math.min(most, Math.ceil(random.between(least, most) / pageBytes) * pageBytes);
  }

  #resize(change: Change, size: number): void {
    const bytes = Buffer.alloc(size);
    this.cached.copy(bytes);
    this.cached = bytes;
    this.#sizes.push({ change, content: size });
  }

  #changed(change: Change, from: number, to: number): void {
    for (let sector = Math.floor(from / sectorBytes); sector * sectorBytes < to; sector += 1) {
      const at = sector * sectorBytes;
      const content = Buffer.from(this.cached.subarray(at, at + sectorBytes));
      this.#unflushed.add(sector);
      const versions = this.#sectors.get(sector);
      if (versions) versions.push({ change, content });
      else
        this.#sectors.set(sector, [
          { change: durable, content: Buffer.alloc(sectorBytes) },
          { change, content },
        ]);
    }
  }
}

const pageBytes = 4096;

/** Chooses among versions, for one file in one manner. `changes`: the numbers that they have, in order. */
function chooser(manner: Manner, changes: readonly number[], random: Random) {
  const point = random.pick(changes);
  const share = random.pick([0.1, 0.5, 0.9]);
  return <Content>(versions: Versions<Content>): Content => {
    const newest = versions.at(-1) as Version<Content>;
    switch (manner) {
      case 'none':
        return versions[0].content;
      case 'all':
        return newest.content;
      case 'earlier':
        return (versions.findLast(({ change }) => change.number <= point) ?? versions[0]).content;
      case 'later':
        return (newest.change.number >= point ? newest : versions[0]).content;
      case 'any':
        return versions.length > 1 && random.chance(share)
          ? random.pick(versions.slice(1)).content
          : versions[0].content;
    }
  };
}

/** A change of names within directories: all of it or nothing. */
interface NameChange {
  readonly change: Change;
  /** Undefined: the name is gone. */
  readonly names: ReadonlyMap<string, File | 'directory' | undefined>;
}

interface OpenFile {
  readonly file: File;
  /** Each write through it is flushed by itself (O_DSYNC). */
  readonly flushes: boolean;
  readonly appends: boolean;
  position: number;
}

export interface PossibleDisk {
  /** By path, below the root. */
  readonly files: ReadonlyMap<string, Buffer>;
  readonly directories: readonly string[];
  /** In what manner the files were chosen, by path. */
  readonly manners: Readonly<Record<string, string>>;
}

/**
 * What a disk has below a directory, `root`, by the system calls of the processes that work there, moment by moment.
 * What was flushed is on it: what a call wrote that was over when fsync or fdatasync of its file began, once that is
 * over, and what was written through a descriptor opened with O_DSYNC, once the write is over. Of all later writes it
 * may have any part, sector by sector, of file sizes any since, and of changes of names any until their directory is
 * flushed. `root` itself is there.
 */
export class DiskModel {
  readonly #root: string;
  readonly #names = new Map<string, File | 'directory'>();
  #durableNames = new Map<string, File | 'directory'>();
  #nameChanges: NameChange[] = [];
  /**
   * By descriptor and path: that a child of the process has the same descriptor of the same file does not happen here.
   */
  readonly #open = new Map<string, OpenFile>();
  readonly #changes = new Map<SystemCall, Change>();
  /** Of a flush that has begun: the changes that it covers. */
  readonly #covered = new Map<SystemCall, { readonly before: number; readonly not: ReadonlySet<Change> }>();
  readonly #underWay = new Set<Change>();
  #number = 0;

  constructor(root: string) {
    this.#root = root;
  }

  /** Throws where a call does what this model does not know. */
  apply({ kind, call }: Moment): void {
    if (call.result !== undefined && call.result < 0) return;
    if (kind === 'begin') this.#begin(call);
    else this.#end(call);
  }

  /** What all processes see: the disk after the end of the process alone. */
  cached(): ReadonlyMap<string, Buffer> {
    const files = [...this.#names].filter((entry): entry is [string, File] => entry[1] instanceof File);
    return new Map(files.map(([path, file]) => [path, file.cached]));
  }

  /** One of the disks there may be after a loss of power, in this manner, or in one by lot for each file. */
  possible(random: Random, manner?: Manner): PossibleDisk {
    const names = this.#possibleNames(manner ?? random.pick(manners), random);
    const files = new Map<string, Buffer>();
    const directories: string[] = [];
    const chosen: Record<string, string> = {};
    for (const [path, file] of [...names].sort(([a], [b]) => (a < b ? -1 : 1))) {
      if (dirname(path) !== this.#root && names.get(dirname(path)) !== 'directory') continue;
      if (file === 'directory') directories.push(path);
      else {
        const how = manner ?? random.pick(manners);
        chosen[path.slice(this.#root.length + 1)] = how;
        files.set(path, file.possible(how, random));
      }
    }
    return { files, directories, manners: chosen };
  }

  #possibleNames(manner: Manner, random: Random): Map<string, File | 'directory'> {
    const numbers = [0, ...this.#nameChanges.map(({ change }) => change.number)];
    const choose = chooser(manner, numbers, random);
    const names = new Map(this.#durableNames);
    const leftOut = new Set<string>();
    for (const { change, names: changed } of this.#nameChanges) {
      const paths = [...changed.keys()];
      const isThere = choose([
        { change: durable, content: false },
        { change, content: true },
      ]);
      // What follows of a name's changes takes what came before.
      if (!isThere || paths.some((path) => leftOut.has(path))) {
        for (const path of paths) leftOut.add(path);
      } else setNames(names, changed);
    }
    return names;
  }

  #begin(call: SystemCall): void {
    const { name, args } = call;
    switch (name) {
      case 'write':
      case 'writev':
      case 'pwrite64':
      case 'pwritev':
      case 'pwritev2':
        this.#write(call);
        break;
      case 'ftruncate': {
        const open = this.#openFile(args);
        if (open) open.file.truncate(this.#changeOf(call), lastNumberOf(args));
        break;
      }
      case 'open':
      case 'openat':
        this.#openAt(call);
        break;
      case 'mkdir':
        this.#rename(call, ([path]) => [[path, 'directory']]);
        break;
      case 'unlink':
      case 'rmdir':
        this.#rename(call, ([path]) => [[path, undefined]]);
        break;
      case 'rename':
        this.#rename(call, ([from, to = '']) => [
          [from, undefined],
          [to, this.#names.get(from)],
        ]);
        break;
      case 'fsync':
      case 'fdatasync':
        this.#covered.set(call, { before: this.#number, not: new Set(this.#underWay) });
        break;
      case 'lseek': {
        const open = this.#openFile(args);
        if (open) open.position = call.result ?? 0;
        break;
      }
      case 'dup':
      case 'dup2':
      case 'dup3':
      case 'fcntl':
        this.#duplicate(call);
        break;
      case 'mmap':
        this.#map(args);
        break;
      case 'sendmsg':
      case 'sendto':
      // What it flushes is less than it says.
      case 'sync_file_range':
        break;
      default:
        // libuv has such a ring for file operations, where it may; one without a thread of the kernel is for its sockets.
        if (args.includes('IORING_SETUP_SQPOLL') || this.#isBelowAny(args)) {
          throw new Error(`the model of the disk does not know ${name}`);
        }
    }
  }

  #end(call: SystemCall): void {
    const change = this.#changes.get(call);
    if (change) {
      this.#changes.delete(call);
      this.#underWay.delete(change);
      change.isOver = true;
      const open = this.#openFile(call.args);
      if (open?.flushes && call.name !== 'ftruncate') open.file.flushed((other) => other === change);
    }
    const covered = this.#covered.get(call);
    if (covered) {
      this.#covered.delete(call);
      this.#flushed(call, (other) => other.number <= covered.before && !covered.not.has(other));
    }
  }

  #flushed({ args }: SystemCall, isCovered: (change: Change) => boolean): void {
    const { of: path = '' } = descriptorOf(args) ?? {};
    const open = this.#openFile(args);
    if (open) open.file.flushed(isCovered);
    else if (path === this.#root || this.#names.get(path) === 'directory') {
      const isSettled = ({ change, names }: NameChange) =>
        isCovered(change) && [...names.keys()].every((name) => dirname(name) === path);
      for (const change of this.#nameChanges.filter(isSettled)) setNames(this.#durableNames, change.names);
      this.#nameChanges = this.#nameChanges.filter((change) => !isSettled(change));
    }
  }

  #write(call: SystemCall): void {
    const { name, args, result } = call;
    const open = this.#openFile(args);
    if (!open) return;
    const bytes = Buffer.concat(stringsOf(args)).subarray(0, result);
    const isPlaced = name.startsWith('p');
    const at = open.appends ? open.file.cached.length : isPlaced ? lastNumberOf(args) : open.position;
    if (bytes.length > 0) open.file.write(this.#changeOf(call), bytes, at);
    if (!isPlaced) open.position = at + bytes.length;
  }

  #openAt(call: SystemCall): void {
    const { args, result } = call;
    const [path = ''] = this.#pathsOf(args);
    if (result === undefined || !this.#isBelow(path)) return;
    let file = this.#names.get(path);
    if (!file && args.includes('O_CREAT')) {
      file = new File();
      this.#rename(call, () => [[path, file]]);
    }
    if (!(file instanceof File)) return;
    if (args.includes('O_TRUNC') && file.cached.length > 0) file.truncate(this.#changeOf(call), 0);
    const flushes = args.includes('O_DSYNC') || args.includes('O_SYNC');
    this.#open.set(`${result} ${path}`, { file, flushes, appends: args.includes('O_APPEND'), position: 0 });
  }

  #duplicate({ name, args, result }: SystemCall): void {
    const open = this.#openFile(args);
    if (!open || (name === 'fcntl' && !args.includes('F_DUPFD'))) return;
    this.#open.set(`${result} ${descriptorOf(args)?.of}`, open);
  }

  #map(args: string): void {
    const [, descriptor = ''] = /, (\d+<[^>]*>), [^,]*$/.exec(args) ?? [];
    const path = descriptorOf(descriptor)?.of ?? '';
    const isWritten = args.includes('PROT_WRITE') && args.includes('MAP_SHARED');
    // LMDB's table of readers, which whoever opens the store first makes anew.
    if (isWritten && this.#isBelow(path) && !path.endsWith('/lock.mdb')) {
      throw new Error(`${path} is mapped so that it is written to without system calls`);
    }
  }

  #rename(
    call: SystemCall,
    changed: (paths: [string, ...string[]]) => [string, File | 'directory' | undefined][],
  ): void {
    const paths = this.#pathsOf(call.args);
    if (call.result === undefined || !paths.some((path) => this.#isBelow(path))) return;
    const names = new Map(changed(paths as [string, ...string[]]));
    setNames(this.#names, names);
    this.#nameChanges.push({ change: this.#changeOf(call), names });
  }

  #changeOf(call: SystemCall): Change {
    const known = this.#changes.get(call);
    if (known) return known;
    this.#number += 1;
    const change = { number: this.#number, isOver: false };
    this.#changes.set(call, change);
    this.#underWay.add(change);
    return change;
  }

  #openFile(args: string): OpenFile | undefined {
    const { descriptor, of = '' } = descriptorOf(args) ?? {};
    if (!this.#isBelow(of)) return undefined;
    const open = this.#open.get(`${descriptor} ${of}`);
    if (!open && this.#names.get(of) !== 'directory')
      throw new Error(`${of} was opened by a call that is not in the record`);
    return open;
  }

  #pathsOf(args: string): string[] {
    const [, folder = ''] = /^AT_FDCWD<([^>]*)>/.exec(args.slice(0, 20_000)) ?? [];
    const from = folder && (descriptorOf(`0<${folder}>`)?.of ?? '');
    return this.#strings(args).map((path) => (path.startsWith('/') ? path : join(from, path)));
  }

  #strings(args: string): string[] {
    return stringsOf(args).map((path) => path.toString('utf8'));
  }

  /** Whether a string or a descriptor among the arguments is of a path below the root. */
  #isBelowAny(args: string): boolean {
    const descriptors = [...args.matchAll(/\d+<[^>]*>/g)].map(([text]) => descriptorOf(text)?.of ?? '');
    return [...descriptors, ...this.#strings(args)].some((path) => this.#isBelow(path));
  }

  #isBelow(path: string): boolean {
    return path.startsWith(`${this.#root}/`);
  }
}

function setNames(names: Map<string, File | 'directory'>, changed: NameChange['names']): void {
  for (const [path, file] of changed) {
    if (file) names.set(path, file);
    else names.delete(path);
  }
}
