/**
 * A log as it may be published: each line as it was written, but `hostname` and the paths of the machine are replaced. `paths` says by
 * what. Process ids, ports and times stay.
 */
export function withoutMachine(log: string, paths: ReadonlyMap<string, string>): string {
  const neutral = (key: string, value: unknown) => {
    if (key === 'hostname') return 'host';
    if (typeof value !== 'string') return value;
    let text = value;
    for (const [path, name] of paths) text = text.replaceAll(path, name);
    return text;
  };
  return log.replace(/^\{.*\}$/gm, (line) => JSON.stringify(JSON.parse(line, neutral)));
}
