import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** Something in a store's file that is not as LMDB leaves it: reading or writing there may end the process. */
export interface PageFault {
  readonly page: number;
  /** In a few words. */
  readonly what: string;
}

/** A node of a leaf, as far as it can be read. */
export interface Leaf {
  readonly key: Buffer;
  /** Undefined where it cannot be read. */
  readonly value: Buffer | undefined;
}

/** The root of a tree; `noPage` where it is empty. */
interface Tree {
  readonly root: number;
  readonly depth: number;
}

/** What the newest transaction says of the file. */
export interface Meta {
  readonly free: Tree;
  readonly main: Tree;
  readonly pageBytes: number;
  readonly lastPage: number;
  readonly transaction: bigint;
}

/** LMDB's numbers (mdb.c of lmdb 3.5: MDB_page_header, MDB_node, MDB_meta, MDB_db, MDB_ovpage), on a 64-bit machine. */
const headerBytes = 24;
export const lmdbMagic = 0xbeefc0de;
const flag = { branch: 0x01, leaf: 0x02, overflow: 0x04, meta: 0x08 } as const;
const nodeFlag = { bigData: 0x01, subData: 0x02, duplicates: 0x04 } as const;
const nodeBytes = 8;
const treeBytes = 48;
export const noPage = Number(2n ** 64n);
const depthMax = 32;

/** So many faults are reported; more would tell nothing new. */
const faultsMax = 100;

/** Whether this program reads the pages of this machine's stores, which has to have little-endian words of 8 bytes. */
export function canReadPages(): boolean {
  const littleEndian = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;
  return littleEndian && !/^(arm|ia32|mips|mipsel|ppc|s390)$/.test(process.arch);
}

/**
 * The file of a store that nobody has open, read page by page without LMDB, which ends the process over some damage
 * that is noticed here: a page that is another one than it should be, nodes that lie outside their page, keys out of
 * order, a page that two trees claim, or a tree and the list of free pages. It holds one page at a time, and one bit
 * for each page of the file.
 */
export class LmdbPages {
  readonly #file: number;
  readonly #size: number;
  readonly #meta: Meta;
  readonly #page: Buffer;
  readonly #seen: Uint8Array;
  readonly #faults: PageFault[] = [];
  #pagesRead = 0;
  #ordered = true;
  /** Is called with how many pages were looked at, of how many. */
  progress: (done: number, total: number) => void = () => {};

  private constructor(file: number, meta: Meta) {
    this.#file = file;
    this.#size = fstatSync(file).size;
    this.#meta = meta;
    this.#page = Buffer.alloc(meta.pageBytes);
    this.#seen = new Uint8Array((Math.min(meta.lastPage, Math.ceil(this.#size / meta.pageBytes)) >>> 3) + 1);
  }

  /** Undefined where there is no file or an empty one, or its first two pages are not those of a store. */
  static open(path: string): LmdbPages | undefined {
    const file = openIfThere(path);
    const meta = file === undefined ? undefined : newestMeta(file);
    if (file === undefined || meta) return meta && new LmdbPages(file as number, meta);
    closeSync(file);
    return undefined;
  }

  get faults(): readonly PageFault[] {
    return this.#faults;
  }

  close(): void {
    closeSync(this.#file);
  }

  /**
   * Looks at all pages of all trees and at the list of free ones. `leaf` is given what the leaves have, by the name of
   * their database, with `values` also what lies in pages of its own. To be called once.
   */
  walk(leaf?: (database: string, leaf: Leaf) => void, { values = false } = {}): void {
    const trees: { readonly name: string; readonly tree: Tree }[] = [];
    this.#walkTree(this.#meta.main, ({ flags, key, value }) => {
      if (!(flags & nodeFlag.subData) || value?.length !== treeBytes) return;
      trees.push({ name: key.toString('latin1').replace(/\0$/, ''), tree: treeAt(value, 0) });
    });
    for (const { name, tree } of trees) {
      this.#walkTree(tree, leaf && (({ key, value }) => leaf(name, { key, value })), values);
    }
    const free: bigint[] = [];
    // Its keys are numbers, which are not in the order of their bytes.
    this.#ordered = false;
    this.#walkTree(this.#meta.free, ({ value }) => free.push(...idsOf(value)), true);
    this.#checkFree(free);
  }

  #fault(page: number, what: string): void {
    if (this.#faults.length < faultsMax) this.#faults.push({ page, what });
  }

  /** Whether `page`, which is in the file, is asked for for the first time. */
  #claim(page: number): boolean {
    const { lastPage, pageBytes } = this.#meta;
    if (!(page >= 2 && page <= lastPage && (page + 1) * pageBytes <= this.#size)) {
      this.#fault(page, 'is named, and not in the file');
      return false;
    }
    const claimed = this.#mark(page);
    if (!claimed) this.#fault(page, 'is used twice');
    return claimed;
  }

  /** False where it was marked before. */
  #mark(page: number): boolean {
    const [at, bit] = [page >>> 3, 1 << (page & 7)];
    const before = this.#seen[at] as number;
    this.#seen[at] = before | bit;
    return (before & bit) === 0;
  }

  #walkTree({ root, depth }: Tree, leaf: ((node: LeafNode) => void) | undefined, values = false): void {
    if (root === noPage) return;
    if (depth < 1 || depth > depthMax) this.#fault(root, 'is the root of a tree of no possible depth');
    else this.#walkPage({ number: root, depth, low: undefined, high: undefined }, leaf, values);
  }

  /** The pages below one: each holds the keys from `low` on, before `high`. */
  #walkPage(place: PagePlace, leaf: ((node: LeafNode) => void) | undefined, values: boolean): void {
    const { number, depth } = place;
    if (!this.#claim(number)) return;
    const page = this.#page;
    readSync(this.#file, page, 0, page.length, number * page.length);
    this.#pagesRead += 1;
    if ((this.#pagesRead & 1023) === 0) this.progress(this.#pagesRead, this.#meta.lastPage);
    if (Number(page.readBigUInt64LE(0)) !== number) this.#fault(number, 'has the number of another one');
    if (page.readBigUInt64LE(8) > this.#meta.transaction) this.#fault(number, 'is of a transaction that was not yet');
    if (page.readUInt16LE(18) !== (depth === 1 ? flag.leaf : flag.branch)) {
      this.#fault(number, depth === 1 ? 'is no leaf' : 'is no branch');
      return;
    }
    const [lower, upper] = [page.readUInt16LE(20), page.readUInt16LE(22)];
    if (lower & 1 || lower > upper || upper > page.length - headerBytes) {
      this.#fault(number, 'has no possible bounds');
      return;
    }
    const count = lower >>> 1;
    if (count === 0) this.#fault(number, 'is empty');
    if (depth > 1) {
      // The page is overwritten by the first of them.
      for (const child of this.#branches(place, count, upper)) this.#walkPage(child, leaf, values);
      return;
    }
    for (const node of this.#leaves(place, count, upper, leaf !== undefined)) {
      const value = node.big ? this.#bigValue(node.big, values) : node.value;
      leaf?.({ ...node, value });
    }
  }

  /** Where a node of the page at hand begins; undefined for one that is outside of it. */
  #node(page: number, index: number, upper: number): number | undefined {
    const at = this.#page.readUInt16LE(headerBytes + 2 * index);
    if (at >= upper && (at & 1) === 0 && headerBytes + at + nodeBytes <= this.#page.length) return headerBytes + at;
    this.#fault(page, 'has a node outside of it');
    return undefined;
  }

  #branches({ number, depth, low, high }: PagePlace, count: number, upper: number): PagePlace[] {
    const page = this.#page;
    const children: PagePlace[] = [];
    let before = low;
    for (let index = 0; index < count; index += 1) {
      const at = this.#node(number, index, upper);
      if (at === undefined) continue;
      const child = page.readUInt32LE(at) + page.readUInt16LE(at + 4) * 2 ** 32;
      // The first node of a branch stands for all keys before the second's, and its own does not count.
      const key = index === 0 ? undefined : this.#key(number, at, before, high);
      const from = index === 0 ? low : key;
      const previous = children.at(-1);
      if (previous) children[children.length - 1] = { ...previous, high: from };
      children.push({ number: child, depth: depth - 1, low: from, high });
      if (index > 0) before = key ?? before;
    }
    return children;
  }

  /** The nodes of a leaf; unless they are wanted, only those whose values lie in pages of their own. */
  #leaves({ number, low, high }: PagePlace, count: number, upper: number, wanted: boolean): LeafNode[] {
    const page = this.#page;
    const nodes: LeafNode[] = [];
    let [before, beforeEnd] = [0, 0];
    for (let index = 0; index < count; index += 1) {
      const at = this.#node(number, index, upper);
      if (at === undefined) continue;
      const bytes = page.readUInt16LE(at) + page.readUInt16LE(at + 2) * 2 ** 16;
      const flags = page.readUInt16LE(at + 4);
      const key = at + nodeBytes;
      const from = key + page.readUInt16LE(at + 6);
      const big = (flags & nodeFlag.bigData) !== 0;
      if (flags & ~(nodeFlag.bigData | nodeFlag.subData) || from + (big ? 24 : bytes) > page.length) {
        this.#fault(number, 'has a node that goes beyond it');
        continue;
      }
      // In place: a store has millions of them.
      const inOrder =
        before === 0
          ? !low || page.compare(low, 0, low.length, key, from) >= 0
          : page.compare(page, before, beforeEnd, key, from) > 0;
      if (!inOrder && this.#ordered) this.#fault(number, 'has keys out of order');
      [before, beforeEnd] = [key, from];
      if (!big && !wanted) continue;
      const node = { flags, key: Buffer.from(page.subarray(key, from)) };
      if (!big) nodes.push({ ...node, value: Buffer.from(page.subarray(from, from + bytes)) });
      else {
        const [first, pages] = [Number(page.readBigUInt64LE(from)), Number(page.readBigUInt64LE(from + 16))];
        nodes.push({ ...node, value: undefined, big: { first, pages, bytes } });
      }
    }
    if (this.#ordered && high && before > 0 && page.compare(high, 0, high.length, before, beforeEnd) >= 0) {
      this.#fault(number, 'has keys that belong elsewhere');
    }
    return nodes;
  }

  /** The key of a branch's node, in bytes of its own; undefined where it is outside of its page. */
  #key(page: number, at: number, before: Buffer | undefined, high: Buffer | undefined) {
    const end = at + nodeBytes + this.#page.readUInt16LE(at + 6);
    if (end > this.#page.length) {
      this.#fault(page, 'has a node that goes beyond it');
      return undefined;
    }
    const key = Buffer.from(this.#page.subarray(at + nodeBytes, end));
    const outOfOrder = (before && Buffer.compare(before, key) >= 0) || (high && Buffer.compare(key, high) >= 0);
    if (outOfOrder && this.#ordered) this.#fault(page, 'has keys out of order');
    return key;
  }

  #bigValue({ first, pages, bytes }: BigValue, wanted: boolean): Buffer | undefined {
    const { pageBytes, lastPage } = this.#meta;
    if (!(pages >= Math.ceil((bytes + headerBytes) / pageBytes) && pages <= lastPage)) {
      this.#fault(first, 'begins a value of no possible length');
      return undefined;
    }
    for (let page = first; page < first + pages; page += 1) if (!this.#claim(page)) return undefined;
    const header = bytesAt(this.#file, first * pageBytes, headerBytes);
    const number = Number(header.readBigUInt64LE(0));
    if (number !== first || !(header.readUInt16LE(18) & flag.overflow) || header.readUInt32LE(20) !== pages) {
      this.#fault(first, 'does not begin the value that it should');
      return undefined;
    }
    return wanted ? bytesAt(this.#file, first * pageBytes + headerBytes, bytes) : undefined;
  }

  /** A free page is in the file, and no tree has it. A negative id is a count: so many pages from the next id on. */
  #checkFree(ids: readonly bigint[]): void {
    const { lastPage } = this.#meta;
    let count = 1;
    for (const id of ids) {
      const page = Number(id);
      if (page < 0) {
        count = Math.min(-page, lastPage);
        continue;
      }
      for (let each = page; page > 0 && each < page + count; each += 1) this.#free(each);
      count = 1;
    }
  }

  #free(page: number): void {
    if (!(page >= 2 && page <= this.#meta.lastPage)) this.#fault(page, 'is said to be free, and not in the file');
    // Free pages at the end of the file may never have been written.
    else if (page >>> 3 < this.#seen.length && !this.#mark(page)) {
      this.#fault(page, 'is said to be free, and is used or said so twice');
    }
  }
}

interface PagePlace {
  readonly number: number;
  /** 1 for a leaf. */
  readonly depth: number;
  readonly low: Buffer | undefined;
  readonly high: Buffer | undefined;
}

interface LeafNode extends Leaf {
  readonly flags: number;
  readonly big?: BigValue;
}

/** A value that lies in pages of its own. */
interface BigValue {
  readonly first: number;
  readonly pages: number;
  readonly bytes: number;
}

/** What the newer of a store's first two pages says; undefined where they are none. */
export function newestMeta(file: number): Meta | undefined {
  const first = metaAt(file, 0);
  const second = first && metaAt(file, first.pageBytes);
  if (!first || !second || second.pageBytes !== first.pageBytes) return undefined;
  return second.transaction > first.transaction ? second : first;
}

function metaAt(file: number, place: number): Meta | undefined {
  const page = bytesAt(file, place, headerBytes + 144);
  if (page.length < headerBytes + 144 || !(page.readUInt16LE(18) & flag.meta)) return undefined;
  const meta = page.subarray(headerBytes);
  const pageBytes = meta.readUInt32LE(24);
  if (meta.readUInt32LE(0) !== lmdbMagic) return undefined;
  if (!(pageBytes >= 512 && pageBytes <= 65536 && (pageBytes & (pageBytes - 1)) === 0)) return undefined;
  const [lastPage, transaction] = [Number(meta.readBigUInt64LE(120)), meta.readBigUInt64LE(128)];
  return { pageBytes, free: treeAt(meta, 24), main: treeAt(meta, 72), lastPage, transaction };
}

function treeAt(bytes: Buffer, place: number): Tree {
  return { depth: bytes.readUInt16LE(place + 6), root: Number(bytes.readBigUInt64LE(place + 40)) };
}

/** The pages of a list of free ones: how many there are, and then these. */
function idsOf(value: Buffer | undefined): bigint[] {
  if (!value || value.length < 8) return [];
  const count = Math.min(Number(value.readBigUInt64LE(0)), (value.length >>> 3) - 1);
  return Array.from({ length: count }, (_, index) => value.readBigInt64LE(8 * (index + 1)));
}

/** Opens a file to be read; undefined where there is none. */
export function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Up to `count` bytes of a file from `place` on. */
export function bytesAt(file: number, place: number, count: number): Buffer {
  const bytes = Buffer.alloc(count);
  return bytes.subarray(0, readSync(file, bytes, 0, count, place));
}
