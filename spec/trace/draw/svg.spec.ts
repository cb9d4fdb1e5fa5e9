import { expect } from 'chai';
import { displaySafe } from '../../../lib/display/display-safe.js';
import { RunFacts } from '../../../lib/trace/draw/captions.js';
import { layout } from '../../../lib/trace/draw/layout.js';
import type { MarkKind } from '../../../lib/trace/draw/picture.js';
import { shapeOf, svg } from '../../../lib/trace/draw/svg.js';
import { select } from '../../../lib/trace/space-time/selection.js';
import type { SpaceTime } from '../../../lib/trace/space-time/space-time.js';
import { Conversation, smallTalk } from './conversation.js';

describe('svg', () => {
  function drawn(spaceTime: SpaceTime): string {
    const picture = layout(select(spaceTime), new RunFacts(spaceTime, displaySafe));
    return picture.pages.map((page) => svg(picture, page)).join('');
  }

  function saying(...texts: readonly string[]): string {
    const talk = new Conversation(['ada']);
    talk.join('ada');
    talk.settle();
    for (const text of texts) talk.say('ada', text);
    talk.settle();
    return drawn(talk.spaceTime());
  }

  it('says who, what and when on each mark: text, Lamport time, vector clock and the line of the log', () => {
    const titles = [...drawn(smallTalk()).matchAll(/<title>([^<]*)<\/title>/g)].map(([, title]) => title);
    expect(titles[0]).to.equal('Room lobby: events 1 to 10');
    const sending = titles.find((title) => title?.startsWith('cem sends 1: It is red!')) ?? '';
    const [, seen, lamport, clock, source] = sending.split('\n');
    expect(seen).to.equal('having been shown up to 4');
    expect(lamport).to.equal('Lamport time 9');
    // Three stamps of joins and the question's, all that led to them, and cem's own asking, welcome, two receipts and this.
    expect(clock).to.equal('vector clock (lobby 4, ada 6, bob 1, cem 5)');
    expect(source).to.match(/^cem\.log:\d+$/);
  });

  it('has a title and a description for those who cannot see it, and white paper', () => {
    const text = drawn(smallTalk());
    expect(text).to.match(
      /^<svg [^>]*role="img"[^>]*>\n<title>Room lobby: events 1 to 10<\/title>\n<desc>[^<]+<\/desc>/,
    );
    expect(text).to.include('fill="#ffffff"');
  });

  it('shows text as text, whatever it contains', () => {
    const text = saying('<script>alert("1")</script>', "a & b 'c'", ']]> <!-- -->');
    expect(text).to.include('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;');
    expect(text).to.include('a &amp; b &#39;c&#39;');
    expect(text).not.to.match(/<script|<!--|]]>/);
  });

  it('writes out what would hide or reorder text, and keeps right-to-left text to itself', () => {
    const text = saying('a\u202eb', 'zero\u200bwidth', 'שלום');
    expect(text).to.include('a\\u{202e}b').and.to.include('zero\\u{200b}width').and.to.include('\u2068שלום\u2069');
    expect(text).not.to.match(/[\u202e\u200b]/);
  });

  it('loads nothing, runs nothing and has no style sheet', () => {
    expect(drawn(smallTalk())).not.to.match(/<(script|style|image|use|foreignObject|a)\b|\bhref|\bon\w+=|url\((?!#)/);
  });

  it('tells every kind of mark by its shape, not by its colour', () => {
    const kinds: MarkKind[] = ['send', 'send-again', 'stamp', 'stamp-crossed', 'receive', 'fill-in'];
    kinds.push('lose-connection', 'refused', 'begin', 'end', 'crossed', 'skip');
    const shapes = kinds.map((kind) => shapeOf(kind, '#000000').replace(/#[0-9a-f]{6}/g, ''));
    expect(new Set(shapes).size).to.equal(kinds.length);
  });
});
