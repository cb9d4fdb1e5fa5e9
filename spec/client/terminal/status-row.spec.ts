import { expect } from 'chai';
import stringWidth from 'string-width';
import { type Standing, statusRow } from '../../../lib/client/terminal/status-row.js';

const standing: Standing = { room: 'lobby', participants: ['ada', 'bob', '李雷'], time: 42, connection: 'live' };

describe('The status row', () => {
  it('tells room, participants, own Lamport time and connection [S8]', () => {
    expect(statusRow(standing, 80)).to.equal('lobby · 3 here: ada, bob, 李雷 · time 42 · connected');
  });

  it('names as many participants as fit', () => {
    expect(statusRow(standing, 50)).to.equal('lobby · 3 here: ada, bob, +1 · time 42 · connected');
    expect(statusRow(standing, 45)).to.equal('lobby · 3 here: ada, +2 · time 42 · connected');
    expect(statusRow(standing, 40)).to.equal('lobby · 3 here · time 42 · connected');
  });

  it('is cut where not even the numbers fit, and never wider than the terminal', () => {
    const many = { ...standing, participants: Array.from({ length: 500 }, (_, index) => `名前${index}`) };
    for (let columns = 5; columns < 200; columns++) {
      expect(stringWidth(statusRow(many, columns))).to.be.at.most(columns);
    }
  });

  it('tells that the connection is over', () => {
    expect(statusRow({ ...standing, connection: 'ended' }, 80)).to.match(/ · disconnected$/);
    expect(statusRow({ ...standing, connection: 'leaving' }, 80)).to.match(/ · leaving …$/);
  });
});
