import { expect } from 'chai';
import stringWidth from 'string-width';
import { type Standing, statusRow } from '../../../lib/chat/terminal/status-row.js';

const nowMs = new Date(2026, 0, 2, 14, 3, 20).getTime();
const standing: Standing = {
  room: 'lobby',
  participants: ['ada', 'bob', '李雷'],
  time: 42,
  connection: { state: 'live' },
  nowMs,
};
const offline = { state: 'offline', sinceMs: nowMs - 15_000, retryAtMs: nowMs + 2_001, reason: 'It is lost.' } as const;

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
      for (const connection of [standing.connection, offline]) {
        expect(stringWidth(statusRow({ ...many, connection }, columns))).to.be.at.most(columns);
      }
    }
  });

  it('tells that the connection is over', () => {
    expect(statusRow({ ...standing, connection: { state: 'ended', reason: '' } }, 80)).to.match(/ · disconnected$/);
    expect(statusRow({ ...standing, connection: { state: 'leaving' } }, 80)).to.match(/ · leaving …$/);
  });

  it('tells since when there is no connection, and when the next try is', () => {
    const at = (ms: number) => statusRow({ ...standing, connection: offline, nowMs: nowMs + ms }, 100);
    expect(at(0)).to.equal('lobby · 3 here: ada, bob, 李雷 · time 42 · offline since 14:03:05, next try in 3 s');
    expect(at(1)).to.match(/ next try in 2 s$/);
    expect(at(2_000)).to.match(/ next try in 1 s$/);
    expect(at(2_001)).to.match(/ offline since 14:03:05, trying …$/);
    const connecting = { state: 'connecting', sinceMs: offline.sinceMs } as const;
    expect(statusRow({ ...standing, connection: connecting }, 100)).to.match(/ offline since 14:03:05, trying …$/);
  });

  it('tells how far it is behind', () => {
    const connection = { state: 'catching-up', behind: 1234 } as const;
    expect(statusRow({ ...standing, connection }, 80)).to.match(/ · catching up: 1234 behind$/);
  });

  it('keeps the connection where room is scarce: names go first, then the time, then words, then numbers', () => {
    const rows = [70, 66, 57, 45, 36, 30, 20, 12].map((columns) =>
      statusRow({ ...standing, connection: offline }, columns),
    );
    expect(rows).to.deep.equal([
      'lobby · 3 here · time 42 · offline since 14:03:05, next try in 3 s',
      'lobby · 3 here · time 42 · offline since 14:03:05, next try in 3 s',
      'lobby · 3 here · offline since 14:03:05, next try in 3 s',
      'lobby · 3 here · offline, try in 3 s',
      'lobby · 3 here · offline, try in 3 s',
      'lobby · 3 here · offline',
      'lobby · offline',
      'offline · l…',
    ]);
  });
});
