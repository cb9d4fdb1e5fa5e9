import { expect } from 'chai';
import type { Status } from '../../lib/client/chat-client.js';
import { StatusFeed } from '../../lib/client/feeds.js';

describe('StatusFeed', () => {
  let feed: StatusFeed;

  beforeEach(() => {
    feed = new StatusFeed();
  });

  function told(): (Status['state'] | 'end')[] {
    const states: (Status['state'] | 'end')[] = [];
    feed.status$.subscribe({ next: ({ state }) => states.push(state), complete: () => states.push('end') });
    return states;
  }

  it('tells the present status, then every change, to whoever asks', () => {
    feed.tell({ state: 'catching-up', behind: 1 });
    feed.tell({ state: 'live' });
    const first = told();
    feed.tell({ state: 'left' });
    const second = told();
    feed.complete();
    expect([first, second, told()]).to.deep.equal([
      ['live', 'left', 'end'],
      ['left', 'end'],
      ['left', 'end'],
    ]);
    expect(told()).to.deep.equal(['left', 'end']);
  });

  it('tells of a history that was lost before anybody could ask, once [P11]', () => {
    feed.tell({ state: 'history-lost' });
    feed.tell({ state: 'live' });
    expect(told()).to.deep.equal(['history-lost', 'live']);
    expect(told()).to.deep.equal(['live']);
  });

  it('tells it once also while it is the present status, or where somebody has heard it', () => {
    feed.tell({ state: 'history-lost' });
    const first = told();
    expect(first).to.deep.equal(['history-lost']);
    feed.tell({ state: 'history-lost' });
    feed.tell({ state: 'live' });
    expect(first).to.deep.equal(['history-lost', 'history-lost', 'live']);
    expect(told()).to.deep.equal(['live']);
  });
});
