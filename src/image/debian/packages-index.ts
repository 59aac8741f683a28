import { parseParagraph } from './control.ts';
import { parseRelations, type Relation } from './relation.ts';

/** One binary package as Debian's index describes it. `filename` is relative to the mirror's root, `size` in bytes. */
export interface DebianPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly filename: string;
  readonly size: number;
  readonly sha256: string;
  /** `Pre-Depends` and `Depends`, in this order. */
  readonly depends: readonly Relation[];
}

/** A package that stands in for a virtual name; `version` only when it provides a certain one. */
interface Provider {
  readonly package: DebianPackage;
  readonly version: string | undefined;
}

/** Looks packages up by name. */
export interface PackagesIndex {
  /** All versions of a real package. */
  readonly find: (name: string) => readonly DebianPackage[];
  /** Packages whose `Provides` names `name`, ordered by their own name. */
  readonly findProviders: (name: string) => readonly Provider[];
}

/**
 * Reads a `Packages` index (Debian repository format, "Packages" indices). Sixty thousand paragraphs are only cut
 * here, each is read when it is asked for.
 */
export function parsePackagesIndex(bytes: Uint8Array): PackagesIndex {
  const paragraphs = cutParagraphs(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  const parsed = new Map<string, readonly DebianPackage[]>();
  const find = (name: string): readonly DebianPackage[] => {
    const known = parsed.get(name);
    if (known !== undefined) return known;
    const packages = (paragraphs.byName.get(name) ?? []).map((cut) => parsePackage(cut.toString('utf8')));
    parsed.set(name, packages);
    return packages;
  };
  return {
    find,
    findProviders: (name) =>
      [...(paragraphs.providers.get(name) ?? [])]
        .sort()
        .flatMap((provider) => find(provider).flatMap((candidate) => providedBy(paragraphs, candidate, name))),
  };
}

interface CutIndex {
  readonly byName: Map<string, Buffer[]>;
  /** Virtual name → names of the packages that provide it. */
  readonly providers: Map<string, Set<string>>;
}

function cutParagraphs(text: Buffer): CutIndex {
  const index: CutIndex = { byName: new Map(), providers: new Map() };
  for (let start = 0; start < text.length; ) {
    const found = text.indexOf('\n\n', start);
    const end = found === -1 ? text.length : found;
    if (end > start) addParagraph(index, text.subarray(start, end));
    start = end + 2;
  }
  return index;
}

function addParagraph(index: CutIndex, paragraph: Buffer): void {
  const name = fieldOf(paragraph, 'Package');
  if (name === undefined) return;
  const known = index.byName.get(name);
  if (known === undefined) index.byName.set(name, [paragraph]);
  else known.push(paragraph);
  for (const relation of parseRelations(fieldOf(paragraph, 'Provides') ?? ''))
    for (const provided of relation) {
      const providers = index.providers.get(provided.name);
      if (providers === undefined) index.providers.set(provided.name, new Set([name]));
      else providers.add(name);
    }
}

function fieldOf(paragraph: Buffer, name: string): string | undefined {
  const label = `${name}:`;
  const start = paragraph.indexOf(label) === 0 ? 0 : paragraph.indexOf(`\n${label}`) + 1;
  if (start === 0 && paragraph.indexOf(label) !== 0) return undefined;
  const end = paragraph.indexOf('\n', start);
  return paragraph.toString('utf8', start + label.length, end === -1 ? paragraph.length : end).trim();
}

function providedBy(index: CutIndex, candidate: DebianPackage, name: string): readonly Provider[] {
  const paragraph = index.byName.get(candidate.name)?.find((cut) => fieldOf(cut, 'Version') === candidate.version);
  return parseRelations(paragraph === undefined ? '' : (fieldOf(paragraph, 'Provides') ?? ''))
    .flat()
    .filter((provided) => provided.name === name)
    .map((provided) => ({ package: candidate, version: provided.bound?.version }));
}

function parsePackage(text: string): DebianPackage {
  const fields = parseParagraph(text);
  const need = (field: string): string => {
    const value = fields.get(field.toLowerCase());
    if (value === undefined || value === '') throw new SyntaxError(`A package of the index has no ${field}`);
    return value;
  };
  return {
    name: need('Package'),
    version: need('Version'),
    architecture: need('Architecture'),
    filename: need('Filename'),
    size: Number(need('Size')),
    sha256: need('SHA256').toLowerCase(),
    depends: ['pre-depends', 'depends'].flatMap((field) => parseRelations(fields.get(field) ?? '')),
  };
}
