import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { Child } from './child.js';
import { ClientProcess } from './client-process.js';
import { Endings } from './endings.js';
import { projectFile } from './project.js';
import { ServerProcess } from './server-process.js';

const readme = readFileSync(projectFile('README.md'), 'utf8');

describe('README.md', () => {
  const endings = new Endings();
  afterEach(() => endings.run());

  it('has a bot that answers as it says, written with nothing but the package [S3] [S4]', async () => {
    const [, bot = ''] = /```js\n([\s\S]+?)```/.exec(readme) ?? [];
    expect(bot).to.include("from 'chit-chat'");
    const server = await ServerProcess.start(endings);
    const program = bot.replace('127.0.0.1:4000', server.address);
    expect(program).to.not.equal(bot);
    const child = new Child(endings, process.execPath, ['--input-type=module', '--eval', program]);
    const ada = await ClientProcess.joined(endings, server.address, { name: 'Ada', args: ['--history', '10'] });
    await ada.told('joined', 'clock');
    ada.say('what time is it?');
    await ada.until('the bot answers', () => ada.texts.length === 2);
    const [question, answer] = ada.events.filter(({ kind }) => kind === 'message');
    expect(answer?.text).to.equal(`Ada, you spoke at logical time ${question?.lamport}.`);
    child.signal('SIGINT');
    expect(await child.ended).to.equal(0);
    expect(child.lines).to.deep.equal([`answered at ${answer?.lamport}`, 'the visit is over']);
  });

  it('names only files that are there', () => {
    const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, path = '']) => path);
    const pictures = [...readme.matchAll(/ (?:href|src)="([^"]+)"/g)].map(([, path = '']) => path);
    expect(links).to.not.be.empty;
    expect(pictures).to.not.be.empty;
    for (const path of [...links, ...pictures]) expect(() => readFileSync(projectFile(path)), path).to.not.throw();
  });
});
