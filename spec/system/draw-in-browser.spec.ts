import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { sha256Base64 } from '../../lib/cli/trace/draw-verb.js';
import { displaySafe } from '../../lib/display/display-safe.js';
import { RunFacts } from '../../lib/trace/draw/captions.js';
import { html } from '../../lib/trace/draw/html.js';
import { layout } from '../../lib/trace/draw/layout.js';
import type { Label } from '../../lib/trace/draw/picture.js';
import { svg } from '../../lib/trace/draw/svg.js';
import { select } from '../../lib/trace/space-time/selection.js';
import type { SpaceTime } from '../../lib/trace/space-time/space-time.js';
import { Conversation, chatter, smallTalk } from '../trace/draw/conversation.js';
import { CausalOrder, relativesOf } from '../trace/space-time/relatives.js';
import { BrowserPage } from './browser-page.js';
import { installMsMax } from './chromium.js';
import { endedAfterEach, temporaryDirectory } from './endings.js';
import { projectFile } from './project.js';

/** The family that a drawing names first. What the machine has of fonts must not matter: the test brings the one that the layout reckons with. */
const ownFont = 'Helvetica Neue';

function withOwnFont(drawing: string): string {
  const faces = [
    ['DejaVuSans.ttf', 'normal', 'normal'],
    ['DejaVuSans-Bold.ttf', 'bold', 'normal'],
    ['DejaVuSans-Oblique.ttf', 'normal', 'italic'],
    ['DejaVuSans-BoldOblique.ttf', 'bold', 'italic'],
  ].map(([file, weight, style]) => {
    const font = readFileSync(projectFile(`node_modules/dejavu-fonts-ttf/ttf/${file}`)).toString('base64');
    return `@font-face { font-family: '${ownFont}'; font-weight: ${weight}; font-style: ${style}; src: url(data:font/ttf;base64,${font}); }`;
  });
  return drawing.replace(/(<svg[^>]*>)/, `$1<style>${faces.join('\n')}</style>`);
}

describe('chit-trace draw, in a browser', function () {
  // Chromium may have to be installed first.
  this.timeout(installMsMax + 60_000);
  const endings = endedAfterEach();

  function laidOut(spaceTime: SpaceTime) {
    const facts = new RunFacts(spaceTime, displaySafe);
    return { facts, picture: layout(select(spaceTime), facts, Number.POSITIVE_INFINITY) };
  }

  function open(name: string, text: string): Promise<BrowserPage> {
    const file = join(temporaryDirectory(endings), name);
    writeFileSync(file, text);
    return BrowserPage.open(endings, file);
  }

  function explore(spaceTime: SpaceTime): Promise<BrowserPage> {
    const { facts, picture } = laidOut(spaceTime);
    return open('talk.html', html(picture, facts, sha256Base64));
  }

  /** Where a moment is in the window: its middle. */
  function placeOf(page: BrowserPage, index: number): Promise<{ x: number; y: number }> {
    const box = `document.querySelector('[data-index="${index}"]').getBoundingClientRect()`;
    return page.evaluate(`(({ x, y, width, height }) => ({ x: x + width / 2, y: y + height / 2 }))(${box})`);
  }

  /** The indices of the moments that the page shows as being in this relation to the picked one. */
  function related(page: BrowserPage, relation: string): Promise<number[]> {
    return page.evaluate(
      `Array.from(document.querySelectorAll('.moment.${relation}'), (one) => Number(one.dataset.index)).sort((a, b) => a - b)`,
    );
  }

  const viewBox = (page: BrowserPage) =>
    page.evaluate<number[]>("document.querySelector('svg').getAttribute('viewBox').split(' ').map(Number)");

  function saying(names: readonly string[], texts: readonly string[]): SpaceTime {
    const talk = new Conversation(names);
    for (const name of names) talk.join(name);
    talk.settle();
    for (const text of texts) {
      talk.say(names[0] ?? '', text);
      talk.settle();
    }
    return talk.spaceTime();
  }

  it('needs no more room for its texts than the layout gives them', async () => {
    const texts = [
      'WWWMMM@@@%%%',
      'Grüße, çà et là: ŁÓDŹ',
      'Щирі вітання ΩΨΔ',
      '今晚一起吃饭吗？',
      '👍🏽 👩‍👩‍👧',
      'שלום עולם',
      'नमस्ते',
    ];
    const names = ['ada', 'W'.repeat(32), 'Łukasz', 'participant-number-four'];
    const { picture } = laidOut(saying(names, [...texts, ...texts.map((text) => text.repeat(9).slice(0, 128))]));
    const [page] = picture.pages;
    const browser = await open('talk.svg', page ? withOwnFont(svg(picture, page)) : '');
    const drawnWith = await browser.evaluate<string[]>(
      "document.fonts.ready.then((fonts) => Array.from(fonts, ({ style, weight, status }) => style + ' ' + weight + ' ' + status))",
    );
    expect(drawnWith).to.include.members(['normal normal loaded', 'normal bold loaded']);
    const widths = await browser.evaluate<number[]>(
      "Array.from(document.querySelectorAll('text'), (one) => one.getBBox().width)",
    );
    const labels = asDrawn(page?.labels ?? []);
    expect(widths).to.have.length(labels.length);
    for (const [at, { text, box }] of labels.entries()) expect(widths[at], text).to.be.at.most(box.width);
  });

  it('is well-formed XML as SVG, and safe as HTML, whatever people write', async () => {
    const hostile = [
      '<script>hacked = 1</script>',
      '"><img src=x onerror="hacked = 1">',
      '&amp;',
      ']]>',
      '</title>',
      '</script>',
    ];
    const spaceTime = saying(['ada'], hostile);
    const { picture } = laidOut(spaceTime);
    const [page] = picture.pages;
    const drawn = await open('talk.svg', page ? svg(picture, page) : '');
    expect(await drawn.evaluate('document.documentElement.nodeName')).to.equal('svg');
    expect(await drawn.evaluate("document.querySelectorAll('parsererror, script, img').length")).to.equal(0);
    const browser = await explore(spaceTime);
    expect(await browser.evaluate("document.querySelectorAll('img').length")).to.equal(0);
    expect(await browser.evaluate("document.querySelectorAll('script').length")).to.equal(1);
    expect(await browser.evaluate('typeof hacked')).to.equal('undefined');
    expect(browser.complaints).to.deep.equal([]);
  });

  it('lets no other script run than its own', async () => {
    const browser = await explore(smallTalk());
    const injected =
      "(() => { const script = document.createElement('script'); script.textContent = 'hacked = 1'; document.body.append(script); return typeof hacked; })()";
    expect(await browser.evaluate(injected)).to.equal('undefined');
    expect(browser.complaints.join()).to.include('Content Security Policy');
  });

  it('shows the causal past and future of the picked event, and what is concurrent, until Escape', async () => {
    const spaceTime = chatter(7, ['ada', 'bob', 'cem', 'dora'], 20);
    const { picture } = laidOut(spaceTime);
    const shown = new Set(picture.pages.flatMap(({ marks }) => marks.flatMap(({ moment }) => moment?.index ?? [])));
    const drawn = (indices: readonly number[]) => indices.filter((index) => shown.has(index));
    const browser = await explore(spaceTime);
    const sends = spaceTime.moments.filter(({ kind }) => kind === 'send').slice(0, 4);
    for (const { index } of sends) {
      const { x, y } = await placeOf(browser, index);
      await browser.click(x, y);
      expect(await related(browser, 'picked')).to.deep.equal([index]);
      const { past, future, besides } = relativesOf(spaceTime, new CausalOrder(spaceTime), index);
      expect(await related(browser, 'before')).to.deep.equal(drawn(past));
      expect(await related(browser, 'after')).to.deep.equal(drawn(future));
      expect(await related(browser, 'besides')).to.deep.equal(drawn(besides));
    }
    expect(await browser.evaluate("document.getElementById('picked').textContent")).to.match(/ sends \d+: /);
    await browser.press('Escape');
    expect(await related(browser, 'picked')).to.deep.equal([]);
    expect(await related(browser, 'before')).to.deep.equal([]);
    expect(browser.complaints).to.deep.equal([]);
  });

  it('is zoomed by the wheel, moved by dragging and by keys, and walked through by N and P', async () => {
    const browser = await explore(chatter(7, ['ada', 'bob', 'cem'], 60));
    const [left = 0, , width = 0] = await viewBox(browser);
    await browser.wheel(300, 300, -100);
    const [, top = 0, nearer = 0] = await viewBox(browser);
    expect(nearer).to.be.below(width);
    await browser.drag({ x: 500, y: 500 }, { x: 450, y: 400 });
    const [moved = 0, lower = 0] = await viewBox(browser);
    expect(moved).to.be.above(left);
    expect(lower).to.be.above(top);
    await browser.press('ArrowDown');
    expect((await viewBox(browser))[1]).to.be.above(lower);
    await browser.press('0');
    expect((await viewBox(browser))[2]).to.be.closeTo(width, 1e-6);
    await browser.press('n');
    const [first = -1] = await related(browser, 'picked');
    await browser.press('n');
    const [second = -1] = await related(browser, 'picked');
    expect(second).to.be.above(first);
    await browser.press('p');
    expect(await related(browser, 'picked')).to.deep.equal([first]);
  });
});

/** In the order of the text elements: the names at the head are drawn last, over everything. */
function asDrawn(labels: readonly Label[]): Label[] {
  const head = labels.find(({ role }) => role === 'name')?.box.y;
  const isHead = ({ role, box }: Label) => role === 'name' && box.y === head;
  return [...labels.filter((label) => !isHead(label)), ...labels.filter(isHead)];
}
