import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** Something in the file of a store that is not as LMDB leaves it: reading or writing there may end the process. */
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

interface Meta {
  readonly free: Tree;
  readonly main: Tree;
  readonly pageBytes: number;
  readonly lastPage: number;
  readonly transaction: bigint;
}

/** LMDB's own numbers (mdb.c of lmdb 3.5: MDB_page_header, MDB_node, MDB_meta, MDB_db, MDB_ovpage), on a machine of 64 bits. */
const headerBytes = 24;
const magic = 0xbeefc0de;
const flag = { branch: 0x01, leaf: 0x02, overflow: 0x04, meta: 0x08 } as const;
const nodeFlag = { bigData: 0x01, subData: 0x02, duplicates: 0x04 } as const;
const nodeBytes = 8;
const treeBytes = 48;
const noPage = Number(2n ** 64n);
const depthMax = 32;

/** So many faults are told; where there are more, one would not know better. */
const faultsMax = 100;

/** Whether the pages of this machine's stores can be looked at: where not, LMDB is asked to read them. */
export function canReadPages(): boolean {
  return (
    new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 && !/^(arm|ia32|mips|mipsel|ppc|s390)$/.test(process.arch)
  );
}

/**
 * The file of a store that nobody has open, read page by page without LMDB, which ends the process over some damage that this one
 * notices: a page that is not the one it should be, nodes that lie outside of it, keys out of order, a page that two trees claim, or a
 * tree and the list of free pages. It holds one page at a time, and one bit for each page of the file.
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
  /** Told how many pages were looked at, of how many. */
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
    let file: number;
    try {
      file = openSync(path, 'r');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
    const meta = newestMeta(file);
    if (meta) return new LmdbPages(file, meta);
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
   * Looks at all pages of all trees and at the list of free ones; `leaf` is given what the trees have in their leaves, by the name of
   * the database. With `values` also what lies in pages of its own. Once.
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
    // Its keys are numbers, whose order is not that of their bytes.
    this.#ordered = false;
    this.#walkTree(this.#meta.free, ({ value }) => free.push(...idsOf(value)), true);
    this.#checkFree(free);
  }

  #fault(page: number, what: string): void {
    if (this.#faults.length < faultsMax) this.#faults.push({ page, what });
  }

  /** Whether it is the first to ask for this page, which there is. */
  #claim(page: number): boolean {
    const { lastPage, pageBytes } = this.#meta;
    if (!(page >= 2 && page <= lastPage && (page + 1) * pageBytes <= this.#size)) {
      this.#fault(page, 'is named, and not in the file');
      return false;
    }
    const [at, bit] = [page >>> 3, 1 << (page & 7)];
    if ((this.#seen[at] as number) & bit) {
      this.#fault(page, 'is used twice');
      return false;
    }
    this.#seen[at] = (this.#seen[at] as number) | bit;
    return true;
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
    const fault = (what: string) => this.#fault(number, what);
    if (Number(page.readBigUInt64LE(0)) !== number) fault('has the number of another one');
    if (page.readBigUInt64LE(8) > this.#meta.transaction) fault('is of a transaction that was not yet');
    const kind = depth === 1 ? flag.leaf : flag.branch;
    if (page.readUInt16LE(18) !== kind) {
      fault(depth === 1 ? 'is no leaf' : 'is no branch');
      return;
    }
    const [lower, upper] = [page.readUInt16LE(20), page.readUInt16LE(22)];
    const room = page.length - headerBytes;
    if (lower & 1 || lower > upper || upper > room) {
      fault('has no possible bounds');
      return;
    }
    const count = lower >>> 1;
    if (count === 0) fault('is empty');
    const below =
      depth === 1 ? this.#leaves(place, count, upper, leaf !== undefined) : this.#branches(place, count, upper);
    // The page is overwritten from here on.
    for (const node of below) {
      if ('child' in node) this.#walkPage(node.child, leaf, values);
      else {
        const value = node.big ? this.#bigValue(node.big, values) : node.value;
        leaf?.({ ...node, value });
      }
    }
  }

  /** Where the nodes of the page at hand are; undefined for one that is outside of it. */
  #node(page: number, index: number, upper: number, least: number): number | undefined {
    const at = this.#page.readUInt16LE(headerBytes + 2 * index);
    if (at >= upper && (at & 1) === 0 && headerBytes + at + least <= this.#page.length) return headerBytes + at;
    this.#fault(page, 'has a node outside of it');
    return undefined;
  }

  #branches({ number, depth, low, high }: PagePlace, count: number, upper: number): { child: PagePlace }[] {
    const page = this.#page;
    const children: { child: PagePlace }[] = [];
    let before = low;
    for (let index = 0; index < count; index += 1) {
      const at = this.#node(number, index, upper, nodeBytes);
      if (at === undefined) continue;
      const child = page.readUInt32LE(at) + page.readUInt16LE(at + 4) * 2 ** 32;
      // The first node of a branch stands for all that is before the second, and has no key that counts.
      const key = index === 0 ? undefined : this.#key(number, at, before, high);
      const from = index === 0 ? low : key;
      const previous = children.at(-1);
      if (previous) children[children.length - 1] = { child: { ...previous.child, high: from } };
      children.push({ child: { number: child, depth: depth - 1, low: from, high } });
      if (index > 0) before = key ?? before;
    }
    return children;
  }

  /** The nodes of a leaf; where nobody wants them, those alone whose values lie in pages of their own. */
  #leaves({ number, low, high }: PagePlace, count: number, upper: number, wanted: boolean): LeafAtHand[] {
    const page = this.#page;
    const nodes: LeafAtHand[] = [];
    let [before, beforeEnd] = [0, 0];
    for (let index = 0; index < count; index += 1) {
      const at = this.#node(number, index, upper, nodeBytes);
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
        const [first, pages] = [from, from + 16].map((place) => Number(page.readBigUInt64LE(place))) as [
          number,
          number,
        ];
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
    const length = this.#page.readUInt16LE(at + 6);
    if (at + nodeBytes + length > this.#page.length) {
      this.#fault(page, 'has a node that goes beyond it');
      return undefined;
    }
    const key = Buffer.from(this.#page.subarray(at + nodeBytes, at + nodeBytes + length));
    const outOfOrder = (before && Buffer.compare(before, key) >= 0) || (high && Buffer.compare(key, high) >= 0);
    if (outOfOrder && this.#ordered) this.#fault(page, 'has keys out of order');
    return key;
  }

  #bigValue({ first, pages, bytes }: Big, wanted: boolean): Buffer | undefined {
    const { pageBytes } = this.#meta;
    const least = Math.ceil((bytes + headerBytes) / pageBytes);
    if (!(pages >= least && pages <= this.#meta.lastPage)) {
      this.#fault(first, 'begins a value of no possible length');
      return undefined;
    }
    for (let page = first; page < first + pages; page += 1) if (!this.#claim(page)) return undefined;
    const header = Buffer.alloc(headerBytes);
    readSync(this.#file, header, 0, headerBytes, first * pageBytes);
    if (
      Number(header.readBigUInt64LE(0)) !== first ||
      !(header.readUInt16LE(18) & flag.overflow) ||
      header.readUInt32LE(20) !== pages
    ) {
      this.#fault(first, 'does not begin the value that it should');
      return undefined;
    }
    if (!wanted) return undefined;
    const value = Buffer.alloc(bytes);
    readSync(this.#file, value, 0, bytes, first * pageBytes + headerBytes);
    return value;
  }

  /** What is free is used by nobody, and is there. A negative id is a count: so many pages from the next id on. */
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
    if (!(page >= 2 && page <= this.#meta.lastPage)) {
      this.#fault(page, 'is said to be free, and not in the file');
      return;
    }
    const [at, bit] = [page >>> 3, 1 << (page & 7)];
    // Free pages at the end of the file may never have been written.
    if (at >= this.#seen.length) return;
    if ((this.#seen[at] as number) & bit) this.#fault(page, 'is said to be free, and is used or said so twice');
    this.#seen[at] = (this.#seen[at] as number) | bit;
  }
}

interface PagePlace {
  readonly number: number;
  /** 1 for a leaf. */
  readonly depth: number;
  readonly low: Buffer | undefined;
  readonly high: Buffer | undefined;
}

interface LeafNode {
  readonly flags: number;
  readonly key: Buffer;
  readonly value: Buffer | undefined;
}

interface LeafAtHand extends LeafNode {
  readonly big?: Big;
}

/** A value that lies in pages of its own. */
interface Big {
  readonly first: number;
  readonly pages: number;
  readonly bytes: number;
}

function newestMeta(file: number): Meta | undefined {
  const first = metaAt(file, 0);
  const second = first && metaAt(file, first.pageBytes);
  if (!first || !second || second.pageBytes !== first.pageBytes) return undefined;
  return second.transaction > first.transaction ? second : first;
}

function metaAt(file: number, place: number): Meta | undefined {
  const bytes = Buffer.alloc(headerBytes + 144);
  if (readSync(file, bytes, 0, bytes.length, place) !== bytes.length) return undefined;
  if (bytes.readUInt32LE(headerBytes) !== magic || !(bytes.readUInt16LE(18) & flag.meta)) return undefined;
  const at = (offset: number) => headerBytes + offset;
  const pageBytes = bytes.readUInt32LE(at(24));
  if (!(pageBytes >= 512 && pageBytes <= 65536 && (pageBytes & (pageBytes - 1)) === 0)) return undefined;
  return {
    pageBytes,
    free: treeAt(bytes, at(24)),
    main: treeAt(bytes, at(72)),
    lastPage: Number(bytes.readBigUInt64LE(at(120))),
    transaction: bytes.readBigUInt64LE(at(128)),
  };
}

function treeAt(bytes: Buffer, place: number): Tree {
  return { depth: bytes.readUInt16LE(place + 6), root: Number(bytes.readBigUInt64LE(place + 40)) };
}

/** The pages of a list of free ones: how many there are, and these. */
function idsOf(value: Buffer | undefined): bigint[] {
  if (!value || value.length < 8) return [];
  const count = Math.min(Number(value.readBigUInt64LE(0)), (value.length >>> 3) - 1);
  return Array.from({ length: count }, (_, index) => value.readBigInt64LE(8 * (index + 1)));
}
