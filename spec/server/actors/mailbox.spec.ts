import { expect } from 'chai';
import { Mailbox, MailboxFull } from '../../../lib/server/actors/mailbox.js';

describe('Mailbox', () => {
  function mailboxOf(handle: (message: string, mailbox: Mailbox<string>) => void, messagesMax = 10) {
    const done: string[] = [];
    const failures: unknown[] = [];
    const mailbox: Mailbox<string> = new Mailbox<string>({
      handle: (message) => {
        done.push(`${message}…`);
        handle(message, mailbox);
        done.push(`…${message}`);
      },
      failed: (error) => failures.push(error),
      messagesMax,
    });
    return { mailbox, done, failures };
  }

  it('handles messages in the order they were told, each at once', () => {
    const { mailbox, done } = mailboxOf(() => {});
    mailbox.tell('a');
    expect(done).to.deep.equal(['a…', '…a']);
    mailbox.tell('b');
    expect(done).to.deep.equal(['a…', '…a', 'b…', '…b']);
  });

  it('handles what it is told from within a message after that message, in order', () => {
    const { mailbox, done } = mailboxOf((message, own) => {
      if (message === 'a') for (const next of ['b', 'c']) own.tell(next);
      if (message === 'b') own.tell('d');
    });
    mailbox.tell('a');
    expect(done).to.deep.equal(['a…', '…a', 'b…', '…b', 'c…', '…c', 'd…', '…d']);
  });

  it('lets messages wait while it is paused, and handles them in order when it goes on', () => {
    const { mailbox, done } = mailboxOf((message, own) => {
      if (message === 'b') own.pause();
    });
    mailbox.pause();
    for (const message of ['a', 'b', 'c']) mailbox.tell(message);
    expect(done).to.deep.equal([]);
    mailbox.resume();
    mailbox.tell('d');
    expect(done, 'paused by the second').to.deep.equal(['a…', '…a', 'b…', '…b']);
    mailbox.resume();
    expect(done.slice(4)).to.deep.equal(['c…', '…c', 'd…', '…d']);
  });

  it('reports what a message’s handling throws, and goes on with the next', () => {
    const fault = new Error('a fault');
    const { mailbox, done, failures } = mailboxOf((message, own) => {
      if (message !== 'a') return;
      own.tell('b');
      throw fault;
    });
    mailbox.tell('a');
    mailbox.tell('c');
    expect(failures).to.deep.equal([fault]);
    expect(done).to.deep.equal(['a…', 'b…', '…b', 'c…', '…c']);
  });

  it('is not wedged by a report that throws, which reaches whoever told the message', () => {
    const handled: string[] = [];
    const mailbox = new Mailbox<string>({
      handle: (message) => {
        handled.push(message);
        if (message === 'a') throw new Error('a fault');
      },
      failed: (error) => {
        throw error;
      },
      messagesMax: 10,
    });
    expect(() => mailbox.tell('a')).to.throw('a fault');
    mailbox.tell('b');
    expect(handled).to.deep.equal(['a', 'b']);
  });

  it('reports a message over its limit and keeps those that wait [P12]', () => {
    const { mailbox, done, failures } = mailboxOf((message, own) => {
      if (message === 'a') for (const next of ['b', 'c', 'd', 'e']) own.tell(next);
    }, 2);
    mailbox.tell('a');
    expect(failures.map((failure) => failure instanceof MailboxFull)).to.deep.equal([true, true]);
    expect(done).to.deep.equal(['a…', '…a', 'b…', '…b', 'c…', '…c']);
  });

  it('keeps what waits, and what comes later, from the end of the message in which it is paused until it goes on', () => {
    const { mailbox, done, failures } = mailboxOf((message, own) => {
      if (message !== 'a') return;
      own.tell('b');
      own.pause();
      own.tell('c');
    });
    mailbox.tell('a');
    mailbox.tell('d');
    expect(done).to.deep.equal(['a…', '…a']);
    mailbox.resume();
    expect(done).to.deep.equal(['a…', '…a', 'b…', '…b', 'c…', '…c', 'd…', '…d']);
    expect(failures).to.deep.equal([]);
  });
});
