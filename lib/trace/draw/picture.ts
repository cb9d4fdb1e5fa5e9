import type { Moment, MomentKind } from '../space-time/space-time.js';

/** A space-time diagram, laid out: what is where on its pages, in pixels from a page's upper left corner. */
export interface Picture {
  /** What it shows, as a title and as a sentence for those who cannot see it. */
  readonly title: string;
  readonly description: string;
  /** The clients' lifelines, by their indices in the space-time: each has its colour, however few are shown. */
  readonly clients: readonly number[];
  readonly pages: readonly Page[];
}

export interface Page {
  readonly width: number;
  readonly height: number;
  /** Where time flows: all lifelines, marks and arrows of the run are in it, and no label is. */
  readonly plot: Box;
  /** The horizontal lines of logical times, from the plot's left edge to the texts at its right. */
  readonly guides: readonly Line[];
  readonly lifelines: readonly LifelinePiece[];
  readonly arrows: readonly Arrow[];
  readonly marks: readonly Mark[];
  readonly labels: readonly Label[];
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Line {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

/** How a lifeline is drawn between two heights: there, without a connection, or let in or let out just now. */
export interface LifelinePiece extends Line {
  readonly state: 'present' | 'offline' | 'waiting';
  /** The lifeline's index in the space-time. */
  readonly lifeline: number;
}

/** A message from one lifeline to another. */
export interface Arrow extends Line {
  readonly kind: 'publish' | 'crossed' | 'delivery' | 'fill-in';
  /** The moments it leads from and to; none of a sample in the legend. */
  readonly from?: number;
  readonly to?: number;
  /** False where the page ends before the arrow does. */
  readonly arrives: boolean;
}

export type MarkKind =
  | MomentKind
  | 'begin'
  /** A stamp of a message whose author had not seen another that comes before it. */
  | 'stamp-crossed'
  /** The sign before the text of such a message. */
  | 'crossed'
  /** Logical times at which nothing happened are left out. */
  | 'skip';

export interface Mark {
  readonly kind: MarkKind;
  readonly x: number;
  readonly y: number;
  /** What it stands for; undefined of a sign that stands for nothing by itself. */
  readonly moment?: Moment;
  /** The lifeline's index in the space-time, for its colour. */
  readonly lifeline?: number;
  /** What is shown of it when pointed at: a line each. */
  readonly details?: readonly string[];
}

export type LabelRole = 'title' | 'name' | 'time' | 'sequence' | 'said' | 'note' | 'legend';

export interface Label {
  readonly role: LabelRole;
  readonly text: string;
  /** Said behind the text, more quietly. */
  readonly aside?: string;
  /** All of it, where `text` is cut. */
  readonly whole?: string;
  readonly align: 'left' | 'middle' | 'right';
  /** It is drawn within this. */
  readonly box: Box;
  /** The lifeline's index in the space-time, of a name. */
  readonly lifeline?: number;
}
