/** A version of the Docker CLI, as far as it decides about the API. */
export interface CliVersion {
  /** As the CLI writes it, such as `20.10.24+dfsg1`. */
  readonly text: string;
  readonly major: number;
  readonly minor: number;
}

/** The version in the output of `docker --version`; nothing when another program answers to that name, such as Podman. */
export function parseCliVersion(output: string): CliVersion | undefined {
  const [, text = '', major, minor] = /^Docker version v?((\d+)\.(\d+)[^\s,]*),/m.exec(output) ?? [];
  return text === '' ? undefined : { text, major: Number(major), minor: Number(minor) };
}
