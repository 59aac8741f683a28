import { readFileSync } from 'node:fs';

/** Names of the processes above `pid`, nearest first. Empty where the system tells them only slowly (all but Linux). */
export function parentProcessNames(pid: number, platform: NodeJS.Platform): readonly string[] {
  const names: string[] = [];
  if (platform !== 'linux') return names;
  for (let above: number | undefined = pid; above !== undefined && above > 1 && names.length < 8; ) {
    const stat: string | undefined = readStat(above);
    if (stat === undefined) break;
    names.push(stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')')));
    // Field 4 of /proc/PID/stat, the second after the name; see proc(5).
    above = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  }
  return names.slice(1);
}

/** At once: the kernel makes it up in less time than the thread pool takes to hear of it. */
function readStat(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
}
