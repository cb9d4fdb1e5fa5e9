import { hostileConnection } from '../fuzz/hostile-connection.js';
import { playConnection } from '../fuzz/play-connection.js';
import { abuse } from './abuse.js';
import type { Attack, AttackFigures } from './attack.js';
import { unreadReads } from './unread-reads.js';

/** All that attackers do, each kind in a process of its own. */
export const attacks: Readonly<Record<string, (attack: Attack) => Promise<AttackFigures>>> = {
  frames: hostileFrames,
  'unread-reads': unreadReads,
  abuse,
};

/** Hostile frames, 8 connections at a time. */
async function hostileFrames(attack: Attack): Promise<AttackFigures> {
  const [host = '', port] = attack.order.address.split(':');
  const figures = { connections: 0, sentAway: 0, lingered: 0 };
  await attack.always(8, async (number) => {
    const to = { host, port: Number(port), ...attack.source(1, number) };
    const played = await playConnection(hostileConnection(attack.order.seed, number), to);
    figures.connections += 1;
    if (played.sentAway) figures.sentAway += 1;
    if (played.lingered) figures.lingered += 1;
  });
  return figures;
}
