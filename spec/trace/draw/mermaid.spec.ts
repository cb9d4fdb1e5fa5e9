import { expect } from 'chai';
import fc from 'fast-check';
import { displaySafe } from '../../../lib/display/display-safe.js';
import { RunFacts } from '../../../lib/trace/draw/captions.js';
import { encoded, mermaid } from '../../../lib/trace/draw/mermaid.js';
import { select } from '../../../lib/trace/space-time/selection.js';
import type { SpaceTime } from '../../../lib/trace/space-time/space-time.js';
import { pictures } from './arbitrary-picture.js';
import { Conversation, smallTalk } from './conversation.js';

describe('mermaid', () => {
  const drawn = (spaceTime: SpaceTime) => mermaid(select(spaceTime), new RunFacts(spaceTime, displaySafe)).split('\n');

  it('writes a sequence diagram: from the author to the room with both Lamport times, and from the room to each receipt', () => {
    const lines = drawn(smallTalk());
    expect(lines.slice(0, 5)).to.deep.equal([
      'sequenceDiagram',
      '  actor L1 as ada',
      '  actor L2 as bob',
      '  actor L3 as cem',
      '  participant L0 as lobby',
    ]);
    expect(lines).to.include('  L1->>L0: 4. ada#58; Who has seen the build?, time 7, sent at 6');
    expect(lines).to.include('  L0-->>L3: 4, time 8');
    expect(lines).to.include('  L3->>L0: 6. cem#58; It is red! (crossed 5), time 11, sent at 9');
  });

  it('has a line for each stamp and each receipt, and nothing but the language that it needs', () => {
    const line =
      /^ {2}(?:L\d+-{1,2}>>L\d+: |Note over L\d+: |(?:actor|participant) L\d+ as )(?:[^#;<>:%{}"`\\|&]|#\d+;)+$/;
    fc.assert(
      fc.property(pictures, ({ selected, facts }) => {
        const [head, ...lines] = mermaid(selected, facts).split('\n');
        expect(head).to.equal('sequenceDiagram');
        for (const one of lines) expect(one).to.match(line);
        const told = selected.moments.filter(
          ({ kind }) => kind === 'stamp' || kind === 'receive' || kind === 'fill-in',
        );
        expect(lines.filter((one) => / time \d/.test(one))).to.have.length(told.length);
      }),
      { numRuns: 40 },
    );
  });

  it('writes what means something to Mermaid as its number', () => {
    const talk = new Conversation(['ada']);
    talk.join('ada');
    talk.settle();
    talk.say('ada', 'end; #35; %% <b>x</b>\u202e');
    talk.settle();
    const text = drawn(talk.spaceTime()).find((line) => line.includes(' 2. ')) ?? '';
    expect(text).to.include('end#59; #35;35#59; #37;#37; #60;b#62;x#60;#47;b#62;#92;u#123;202e#125;');
  });

  it('can be read back as it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const decoded = encoded(text).replace(/#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)));
        expect(decoded).to.equal(text);
      }),
    );
  });
});
