import { escaped } from '../../display/markup.js';
import { pageScript, pageStyle } from './html-page.js';
import type { Picture } from './picture.js';
import type { RunFacts } from './run-facts.js';
import { svg } from './svg.js';

/**
 * A picture of one page as a web page of its own, to be zoomed and moved, in which an event can be picked to see what happened
 * before it, what after it, and what is concurrent with it. It loads nothing and sends nothing: its Content-Security-Policy allows
 * its own script and style alone, by their hashes. `sha256` is the hash of a text's UTF-8 in Base64.
 */
export function html(picture: Picture, facts: RunFacts, sha256: (text: string) => string): string {
  const [page] = picture.pages;
  const policy = [
    "default-src 'none'",
    `script-src 'sha256-${sha256(pageScript)}'`,
    `style-src 'sha256-${sha256(pageStyle)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escaped(picture.title)}</title>`,
    `<style>${pageStyle}</style>`,
    '</head>',
    '<body>',
    page ? svg(picture, page, { reactive: facts }) : '',
    panel,
    `<script>${pageScript}</script>`,
    '</body>',
    '</html>',
  ].join('\n');
}

const panel = `<aside>
<p id="view"><button type="button" id="nearer" title="Zoom in (+)">+</button>
<button type="button" id="farther" title="Zoom out (-)">−</button>
<button type="button" id="whole" title="Whole width (0)">Whole width</button></p>
<div id="picked" role="status"><p>Click an event to see its causal past and future.</p></div>
<ul id="signs" hidden>
<li><span class="sign before"></span><span id="before"></span> happened before it</li>
<li><span class="sign after"></span><span id="after"></span> happened after it</li>
<li><span class="sign besides"></span><span id="besides"></span> concurrent with it</li>
</ul>
<p id="keys">Wheel, + and −: zoom. Drag and arrow keys: move. N and P: next and previous event. Esc: clear.</p>
</aside>`;
