import { PassThrough, Readable } from 'node:stream';
import { expect } from 'chai';
import { paced, type ReflectionStream } from '../../../../lib/server/rpc/grpc-js/reflection.js';
import { eventually } from '../../../system/eventually.js';

describe('reflection', () => {
  it('takes the next question only while the answers are read, so that none gather [P12]', async () => {
    let taken = 0;
    // Answers as the package does: at once, whether or not the answers are read.
    const answering = paced((stream) => {
      stream.on('data', () => {
        taken += 1;
        stream.write({ answer: taken });
      });
    });
    const questions = Readable.from(Array.from({ length: 100 }, (_, question) => ({ question })));
    const answers = new PassThrough({ objectMode: true, highWaterMark: 4 });
    answering(streamOf(questions, answers));
    await eventually('a pause', () => questions.isPaused());
    expect(taken).to.be.lessThan(20);
    answers.resume();
    await eventually('all questions', () => taken === 100);
  });
});

/** The reading side of one stream with the writing side of another. */
function streamOf(questions: Readable, answers: PassThrough): ReflectionStream {
  answers.on('drain', () => questions.emit('drain'));
  return Object.assign(questions, { write: (answer: object) => answers.write(answer) }) as unknown as ReflectionStream;
}
