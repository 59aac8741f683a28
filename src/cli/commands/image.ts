import { exitCodes } from '../../errors/exit-codes.ts';
import { TmachineError } from '../../errors/tmachine-error.ts';
import { type Command, defineCommand } from '../command.ts';

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
  arguments: [{ name: verbs.join('|') }, { name: 'file', optional: true, repeatable: true, kind: 'image' }],
  flags: {
    suite: { type: 'string', default: 'trixie', summary: 'Debian suite to build from; sid has the newest engine' },
    mirror: {
      type: 'string',
      default: '',
      env: 'TMACHINE_DEBIAN_MIRROR',
      summary: "Debian mirror; this computer's own where not given",
    },
    output: {
      type: 'string',
      short: 'o',
      default: '',
      kind: 'file',
      summary: 'build: the file to write instead of one in the cache; else the form of the answer, text or json',
    },
    json: { type: 'boolean', summary: 'Answer in JSON' },
  },
  wantsJson: ({ args, flags }) => flags.json || (args[0] !== 'build' && flags.output === 'json'),
  async run({ args, flags }, tools) {
    const [verb, ...files] = args;
    if (verb !== 'build' && !['', 'text', 'json'].includes(flags.output))
      throw unusable(`Only image build writes a file; the answer comes as text or json, not "${flags.output}"`);
    const images = await import('../images.ts');
    switch (verb) {
      case 'build':
        if (files.length > 0) throw unusable(`image build takes no "${files[0]}"`);
        return await images.runImageBuild(flags, tools);
      case 'ls':
        return await images.runImageList(tools);
      case 'verify':
        return await images.runImageVerify(files, tools);
      case 'rm':
        if (files.length === 0) throw unusable('image rm needs the images to delete');
        return await images.runImageRemove(files, tools);
      default:
        throw unusable(verb === undefined ? 'image needs to be told what to do' : `image cannot "${verb}"`);
    }
  },
});

function unusable(message: string): TmachineError {
  return new TmachineError(message, {
    code: 'USAGE',
    exitCode: exitCodes.usage,
    hint: `say one of: ${verbs.map((verb) => `image ${verb}`).join(', ')}`,
  });
}
