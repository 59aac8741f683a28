import type { Host } from 'tmachine/driver';
import { formatLinuxPath, formatWindowsPath, isWindowsProgram, parseDriveRoot, type WslPlace } from './wsl-path.ts';

/** How paths are told to VBoxManage and understood from it. They differ only under WSL, where VBoxManage is a program of Windows. */
export interface VBoxPaths {
  /** A path of ours as VBoxManage names it. */
  toProgramPath(path: string): Promise<string>;
  /** A path of VBoxManage's as we name it. */
  toHostPath(path: string): Promise<string>;
}

/** The paths of this computer, for the VBoxManage at `program`. */
export function openPaths(host: Host, program: string): VBoxPaths {
  if (!isWindowsProgram(host.platform, program))
    return { toProgramPath: async (path) => path, toHostPath: async (path) => path };
  const distribution = host.env['WSL_DISTRO_NAME'] ?? 'Ubuntu';
  let place: Promise<WslPlace> | undefined;
  const find = async (): Promise<WslPlace> => {
    place ??= host.files
      .readText('/etc/wsl.conf')
      .then((text) => ({ driveRoot: parseDriveRoot(text ?? ''), distribution }));
    return await place;
  };
  return {
    toProgramPath: async (path) => formatWindowsPath(path, await find()),
    toHostPath: async (path) => formatLinuxPath(path, await find()),
  };
}
