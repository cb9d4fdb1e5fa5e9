/** Who is let loose on the server, beside the faults. `bits` is damage to its store while it is down. */
export const attacks = ['frames', 'reads', 'churn', 'bits'] as const;

export type Attack = (typeof attacks)[number];
