import { exitCodes } from '../../errors/exit-codes.ts';
import { TmachineError } from '../../errors/tmachine-error.ts';
import { type Command, defineCommand } from '../command.ts';

const shells = ['bash', 'zsh', 'fish', 'powershell'] as const;

export const command: Command = defineCommand({
  name: 'completion',
  summary: "Print what completes tmachine's words in a shell",
  description: [
    'Put this where your shell reads it as it starts, in zsh after compinit:',
    'bash, in ~/.bashrc       eval "$(tmachine completion bash)"',
    'zsh, in ~/.zshrc         eval "$(tmachine completion zsh)"',
    'fish, in config.fish     tmachine completion fish | source',
    'PowerShell, in $PROFILE  tmachine completion powershell | Out-String | iex',
    'It also defines __docker_machine_ps1, in PowerShell Get-DockerMachinePrompt, which shows the machine in a prompt.',
  ].join('\n'),
  arguments: [{ name: shells.join('|') }],
  flags: {},
  async run({ args }, { print, commandLine }) {
    const [named, ...extra] = args;
    const shell = shells.find((each) => each === named);
    if (shell === undefined || extra.length > 0)
      throw new TmachineError(named === undefined ? 'Error: No shell named' : `Cannot write for: ${args.join(' ')}`, {
        code: 'USAGE',
        exitCode: exitCodes.usage,
        hint: `tmachine completion ${shells.join('|')}`,
      });
    const { readCompletionScript } = await import('../completion/read-script.ts');
    // The scripts take one word; Node and a path are two, where PATH on Windows does not lead here yet.
    const [program = 'tmachine', ...rest] = await commandLine([]);
    print(await readCompletionScript(shell, rest.length === 0 ? program : 'tmachine'));
    return undefined;
  },
});
