import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { endedAfterEach, temporaryDirectory } from '../system/endings.js';
import { block, said, table } from './markdown-text.js';
import { printedPage } from './page.js';

describe('The page to be printed', () => {
  const endings = endedAfterEach();

  it('has its pictures within it, and links only into the world', () => {
    const docs = temporaryDirectory(endings);
    writeFileSync(join(docs, 'a.svg'), '<svg/>');
    const page = printedPage('# A & B\n\n![A "picture"](a.svg) [here](other.md) [there](https://example.org/)', docs);
    expect(page).to.contain('<title>A &amp; B</title>');
    expect(page).to.contain(`<img src="data:image/svg+xml;base64,${btoa('<svg/>')}" alt="A &quot;picture&quot;">`);
    expect(page).to.contain('here <a href="https://example.org/">there</a>');
    expect(page).not.to.contain('other.md');
  });

  it('shows what somebody said, and does nothing of what it says', () => {
    const evil =
      '<script>alert(1)</script> **b** [x](https://evil.example) www.evil.example a@evil.example | `c` &lt; \\ ```';
    const page = printedPage(
      [table(['said'], [[said(evil)]]), block(`in a block: ${evil}\n\`\`\`\n# no title`)].join('\n\n'),
      '.',
    );
    expect(page).not.to.match(/<script|<strong>|<a |<h1|evil.example">/);
    expect(page.match(/<td>/g)).to.have.length(1);
    expect(page.match(/<pre>/g)).to.have.length(1);
    expect(page).to.contain('&amp;lt;');
  });
});
