import { writeFileSync } from 'node:fs';
import { ClientProcess } from '../system/client-process.js';
import { Endings, temporaryDirectory } from '../system/endings.js';
import { projectFile } from '../system/project.js';
import { ServerProcess } from '../system/server-process.js';
import { TerminalEmulator } from '../system/terminal-emulator.js';
import { screenSvg } from './screen-svg.js';

/** Draws docs/terminal.svg: what one of three participants has on the screen, in a real run of the real programs. */
async function draw(): Promise<void> {
  const endings = new Endings();
  try {
    const server = await ServerProcess.start(endings);
    const grace = await ClientProcess.joined(endings, server.address, { name: 'Grace' });
    grace.say('Is the order really the same for everybody?');
    await grace.heard('Is the order really the same for everybody?');
    const line = ['--server', server.address, '--name', 'Ada'];
    const ada = new TerminalEmulator(process.execPath, [projectFile('bin/chit-client'), ...line], {
      columns: 88,
      rows: 15,
      env: { XDG_STATE_HOME: temporaryDirectory(endings) },
    });
    endings.add(() => ada.close());
    await ada.until('2 here');
    ada.type('It is: every event has its place, its logical time and a chain. 你好 👋\r');
    await grace.until('Ada spoke', () => grace.texts.some((text) => text.startsWith('It is:')));
    const edsger = await ClientProcess.joined(endings, server.address, { name: 'Edsger' });
    edsger.say('I came late. What did I miss?');
    await grace.heard('I came late. What did I miss?');
    grace.say('Ask for --history 20 and you have it, with the same times.');
    await ada.until('with the same times.');
    await edsger.kill();
    await ada.until('Edsger left');
    ada.type('/who\r');
    await ada.until('2 in lobby');
    ada.type('typing goes on undisturbed');
    await ada.until('> typing goes on undisturbed');
    writeFileSync(projectFile('docs/terminal.svg'), screenSvg(ada.cells, 'chit-client in a terminal'));
    process.stdout.write(`${ada.text}\n`);
  } finally {
    await endings.run();
  }
}

await draw();
