import { expect } from 'chai';
import { SessionKeeper } from '../../../lib/chat/saved-session/session-keeper.js';
import type { SavedSession } from '../../../lib/client/chat-client.js';
import { withLimits } from '../../client/with-limits.js';
import { eventually } from '../../system/eventually.js';
import { saved } from './a-saved-session.js';

/** A store that writes when the test lets it. */
class FakeStore {
  readonly path = '/state/ada.place';
  readonly written: number[] = [];
  removed = false;
  underWay: { readonly sequence: number; readonly end: (error?: Error) => void }[] = [];
  /** Whether writes end by themselves. */
  quick = true;

  write({ sequence }: SavedSession): Promise<void> {
    if (this.quick) {
      this.written.push(sequence);
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const end = (error?: Error) => {
        if (!error) this.written.push(sequence);
        error ? reject(error) : resolve();
      };
      this.underWay.push({ sequence, end });
    });
  }

  async remove(): Promise<void> {
    this.removed = true;
  }
}

const live = { state: 'live' } as const;
const at = (sequence: number, session = saved.session) => ({ ...saved, sequence, session });
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('The keeper of a place', () => {
  it('writes the newest of many places once, within its time', async () => {
    await withLimits({ savedSessionMsMax: 20 }, async () => {
      const store = new FakeStore();
      const keeper = new SessionKeeper(store, saved.session);
      for (let sequence = 1; sequence <= 100; sequence++) keeper.note(at(sequence));
      expect(store.written).to.deep.equal([]);
      await eventually('a write', () => store.written.length > 0);
      expect(store.written).to.deep.equal([100]);
      await keeper.close(false);
      expect(store.written).to.deep.equal([100]);
    });
  });

  it('writes at once where that is asked for, one write at a time', async () => {
    const store = new FakeStore();
    store.quick = false;
    const keeper = new SessionKeeper(store, saved.session);
    for (const sequence of [1, 2, 3]) keeper.noteNow(at(sequence));
    expect(store.underWay.map(({ sequence }) => sequence)).to.deep.equal([1]);
    store.underWay[0]?.end();
    await settle();
    expect(store.underWay.map(({ sequence }) => sequence)).to.deep.equal([1, 3]);
  });

  it('writes what was noted last before it is closed, and nothing after', async () => {
    const store = new FakeStore();
    const keeper = new SessionKeeper(store, saved.session);
    keeper.note(at(1));
    await keeper.close(false);
    keeper.note(at(2));
    keeper.noteNow(at(3));
    await settle();
    expect(store.written).to.deep.equal([1]);
  });

  it('removes the place where the session is over, after what is being written', async () => {
    const store = new FakeStore();
    store.quick = false;
    const keeper = new SessionKeeper(store, saved.session);
    keeper.noteNow(at(1));
    keeper.noteNow(at(2));
    const closed = keeper.close(true);
    await settle();
    expect(store.removed).to.equal(false);
    store.underWay[0]?.end();
    await closed;
    expect(store.removed).to.equal(true);
    expect(store.underWay).to.have.length(1);
  });

  it('keeps nothing of a new session before all that was before its beginning is taken in', async () => {
    const store = new FakeStore();
    const keeper = new SessionKeeper(store);
    keeper.noteNow(at(5, 'new'));
    keeper.stand({ state: 'catching-up', behind: 3 }, at(6, 'new'));
    keeper.noteNow(at(7, 'new'));
    expect(store.written).to.deep.equal([]);
    keeper.stand(live, at(8, 'new'));
    // The output has not taken what the session has taken in.
    keeper.noteNow(at(7, 'new'));
    expect(store.written).to.deep.equal([]);
    keeper.noteNow(at(8, 'new'));
    expect(store.written).to.deep.equal([8]);
  });

  it('keeps what was noted early as soon as it is known to be good', async () => {
    const store = new FakeStore();
    const keeper = new SessionKeeper(store);
    keeper.note(at(8, 'new'));
    keeper.stand(live, at(8, 'new'));
    await keeper.close(false);
    expect(store.written).to.deep.equal([8]);
  });

  it('goes on keeping a session that was resumed while it catches up, and then its successor', async () => {
    const store = new FakeStore();
    const keeper = new SessionKeeper(store, 'old');
    keeper.noteNow(at(5, 'old'));
    await settle();
    keeper.note(at(6, 'new'));
    keeper.stand(live, at(9, 'new'));
    keeper.noteNow(at(9, 'new'));
    expect(store.written).to.deep.equal([5, 9]);
  });

  it('tells once that it cannot write, and tries on', async () => {
    const store = new FakeStore();
    store.quick = false;
    const keeper = new SessionKeeper(store, saved.session);
    const told: string[] = [];
    keeper.onFailure = (text) => told.push(text);
    for (const sequence of [1, 2]) {
      keeper.noteNow(at(sequence));
      store.underWay.at(-1)?.end(new Error('ENOSPC'));
      await settle();
    }
    store.quick = true;
    keeper.noteNow(at(3));
    expect(told).to.deep.equal([
      'Your place cannot be kept in /state/ada.place (ENOSPC). If this client is killed, it may have to join anew.',
    ]);
    expect(store.written).to.deep.equal([3]);
  });

  it('tries the newest place again where it could not be written, though nothing else happens', async () => {
    await withLimits({ savedSessionMsMax: 5 }, async () => {
      const store = new FakeStore();
      store.quick = false;
      const keeper = new SessionKeeper(store, saved.session);
      keeper.noteNow(at(1));
      for (const count of [1, 2]) {
        await eventually(`try ${count}`, () => store.underWay.length === count);
        store.underWay.at(-1)?.end(new Error('ENOSPC'));
      }
      store.quick = true;
      await eventually('a write', () => store.written.length > 0);
      expect(store.written).to.deep.equal([1]);
      await keeper.close(false);
    });
  });

  it('tries it once more when it is closed, and then no more', async () => {
    const store = new FakeStore();
    store.quick = false;
    const keeper = new SessionKeeper(store, saved.session);
    keeper.noteNow(at(1));
    const closed = keeper.close(false);
    for (const count of [1, 2]) {
      await eventually(`try ${count}`, () => store.underWay.length === count);
      store.underWay.at(-1)?.end(new Error('ENOSPC'));
    }
    await closed;
    await settle();
    expect(store.underWay).to.have.length(2);
  });

  it('says which file it leaves behind where it cannot remove it', async () => {
    const store = new FakeStore();
    store.remove = () => Promise.reject(new Error('EACCES'));
    const keeper = new SessionKeeper(store, saved.session);
    const told: string[] = [];
    keeper.onFailure = (text) => told.push(text);
    await keeper.close(true);
    expect(told).to.deep.equal([
      'Your place is left behind in /state/ada.place (EACCES). It is of no use any more: remove that file.',
    ]);
  });
});
