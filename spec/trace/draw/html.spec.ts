import { expect } from 'chai';
import { sha256Base64 } from '../../../lib/cli/trace/draw-verb.js';
import { html } from '../../../lib/trace/draw/html.js';
import { laid } from './arbitrary-picture.js';
import { smallTalk } from './conversation.js';

describe('html', () => {
  const { picture, facts } = laid(smallTalk(), Number.POSITIVE_INFINITY);
  const page = html(picture, facts, sha256Base64);

  it('allows its own script and style alone, by their hashes, and nothing from elsewhere', () => {
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? '';
    const [style = '', script = ''] = ['style', 'script'].map(
      (tag) => new RegExp(`<${tag}>([^]*?)</${tag}>`).exec(page)?.[1],
    );
    expect(policy.split('; ')).to.have.members([
      "default-src 'none'",
      `script-src 'sha256-${sha256Base64(script)}'`,
      `style-src 'sha256-${sha256Base64(style)}'`,
      "base-uri 'none'",
      "form-action 'none'",
    ]);
    expect(page.replaceAll('http://www.w3.org/2000/svg', '')).not.to.match(/https?:|\ssrc=|\shref=|\son\w+=|\sstyle=/);
  });

  it('gives each moment its vector clock, by which the script tells what happened before what', () => {
    const clocks = [...page.matchAll(/data-index="(\d+)" [^>]*data-clock="([\d ]+)"/g)];
    expect(clocks.length).to.be.above(40);
    for (const [, index, clock] of clocks) {
      expect(clock?.split(' ').map(Number)).to.deep.equal([...facts.causality.clockOf(Number(index))]);
    }
  });
});
