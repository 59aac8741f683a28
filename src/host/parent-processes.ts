import { readFile } from 'node:fs/promises';

/** Names of the processes above `pid`, nearest first. Empty where the system tells them only slowly (all but Linux). */
export async function parentProcessNames(pid: number, platform: NodeJS.Platform): Promise<readonly string[]> {
  const names: string[] = [];
  if (platform !== 'linux') return names;
  for (let above: number | undefined = pid; above !== undefined && above > 1 && names.length < 8; ) {
    const stat: string | undefined = await readFile(`/proc/${above}/stat`, 'utf8').catch(() => undefined);
    if (stat === undefined) break;
    names.push(stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')')));
    // Field 4 of /proc/PID/stat, the second after the name; see proc(5).
    above = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  }
  return names.slice(1);
}
