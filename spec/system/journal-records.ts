/** A log record as the programs write them: one JSON object a line [T3] [T4]. */
export interface JournalRecord {
  readonly time: string;
  readonly component: string;
  readonly event: string;
  readonly participant?: string;
  readonly room?: string;
  readonly session?: string;
  readonly sequence?: number;
  readonly last?: number;
  readonly logId?: string;
  readonly chain?: string;
  readonly participants?: number;
  readonly lamport?: number;
  readonly ordinal?: number;
  readonly clock?: number;
  readonly seen?: number;
  readonly text?: string;
  readonly kind?: string;
  readonly reason?: string;
  readonly peer?: string;
  readonly method?: string;
  readonly code?: string | number;
  readonly level: number;
  readonly lastSeen?: string;
  readonly of?: string;
  readonly count?: number;
}

/** The records among `lines`. What a killed process did not write to its end is left out. */
export function journalRecords(lines: readonly string[]): JournalRecord[] {
  return lines.flatMap((line) => {
    try {
      return [JSON.parse(line) as JournalRecord];
    } catch {
      return [];
    }
  });
}
