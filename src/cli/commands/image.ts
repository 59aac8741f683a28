import { exitCodes } from '../../errors/exit-codes.ts';
import { TmachineError } from '../../errors/tmachine-error.ts';
import { type Command, defineCommand, type Tools } from '../command.ts';

const verbs = ['build', 'ls', 'verify', 'rm'] as const;

export const command: Command = defineCommand({
  name: 'image',
  summary: 'Build, list, check and delete boot images',
  description: [
    'image build            builds a boot image from Debian packages, or finds the one with the same inputs',
    'image ls               lists the images of the cache',
    'image verify [FILE]    checks an image, or every image of the cache, against its manifest',
    'image rm FILE...       deletes images by file or by name',
  ].join('\n'),
  arguments: [{ name: verbs.join('|') }, { name: 'file', optional: true, repeatable: true }],
  flags: {
    suite: { type: 'string', default: 'trixie', summary: 'Debian suite to build from; sid has the newest engine' },
    mirror: {
      type: 'string',
      default: '',
      env: 'TMACHINE_DEBIAN_MIRROR',
      summary: "Debian mirror; this computer's own where not given",
    },
    output: { type: 'string', short: 'o', default: '', summary: 'File to write instead of one in the cache' },
    json: { type: 'boolean', summary: 'Answer in JSON' },
  },
  async run({ args, flags }, tools) {
    const [verb, ...files] = args;
    const images = await import('../images.ts');
    switch (verb) {
      case 'build':
        if (files.length > 0) throw unusable(`image build takes no "${files[0]}"`);
        return done(await images.runImageBuild(flags, tools), flags.json, tools);
      case 'ls':
        return done(await images.runImageList(tools), flags.json, tools);
      case 'verify':
        return done(await images.runImageVerify(files, tools), flags.json, tools);
      case 'rm':
        if (files.length === 0) throw unusable('image rm needs the images to delete');
        return done(await images.runImageRemove(files, tools), flags.json, tools);
      default:
        throw unusable(verb === undefined ? 'image needs to be told what to do' : `image cannot "${verb}"`);
    }
  },
});

function done(
  answer: { readonly value: unknown; readonly text: string; readonly exitCode?: number },
  json: boolean,
  tools: Tools,
): number | undefined {
  tools.print(json ? `${JSON.stringify(answer.value, null, 2)}\n` : answer.text);
  return answer.exitCode;
}

function unusable(message: string): TmachineError {
  return new TmachineError(message, {
    code: 'USAGE',
    exitCode: exitCodes.usage,
    hint: `say one of: ${verbs.map((verb) => `image ${verb}`).join(', ')}`,
  });
}
