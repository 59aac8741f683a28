import { TmachineError } from '../../errors/tmachine-error.ts';
import { quoteWord } from '../../ssh/quote.ts';
import type { DaemonOptions } from '../engine-options.ts';
import type { PackagedSystem } from './packaged.ts';

/**
 * Shell that installs the engine where there is none: by the script of `--engine-install-url`, which is fetched whole before
 * any of it runs; by the distribution's own package where that cannot be had, does not know the distribution, or is not wanted.
 *
 * @throws TmachineError `ENGINE_OPTION_INVALID` for a URL that is none.
 */
export function formatInstallation(system: PackagedSystem, { InstallURL }: DaemonOptions): string {
  const url = system.knownToScript ? (InstallURL ?? '') : '';
  if (url !== '' && !/^(?:https?|ftp|file):\/\/\S+$/.test(url))
    throw new TmachineError(`Cannot install the engine from "${url}": it is no URL`, {
      code: 'ENGINE_OPTION_INVALID',
      hint: 'an empty --engine-install-url stands for the package of the distribution',
    });
  return `PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"
install_package() { ${system.packageManager.install}; }
if ! command -v dockerd >/dev/null; then
${url === '' ? '' : formatScriptRun(url)}
for package in ${system.packages.join(' ')}; do
  ! command -v dockerd >/dev/null || break
  install_package "$package" || echo "cannot install the package $package"
done
fi
command -v dockerd >/dev/null || { echo 'there is no dockerd, and no package that brings it' >&2; exit 1; }`;
}

function formatScriptRun(url: string): string {
  return `command -v curl >/dev/null || command -v wget >/dev/null || install_package curl || true
script=$(mktemp)
if curl -fsSL --connect-timeout 15 -o "$script" ${quoteWord(url)} || wget -q -T 15 -O "$script" ${quoteWord(url)}; then
  sh "$script" || echo ${quoteWord(`the script of ${url} has failed`)}
else
  echo ${quoteWord(`${url} cannot be reached`)}
fi
rm -f "$script"`;
}
