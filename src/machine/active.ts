/** Whether the shell's DOCKER_HOST points at this machine. A machine that does not run is never active. */
export function isActive(url: string | undefined, dockerHost: string | undefined): boolean {
  return url !== undefined && url !== '' && url === dockerHost;
}
