import { compareVersions } from './version.ts';

/** The version half of a dependency, such as `>= 2.41`. */
export interface VersionBound {
  readonly operator: '<<' | '<=' | '=' | '>=' | '>>';
  readonly version: string;
}

/** One package that would do, by its real or virtual name. */
export interface Dependency {
  readonly name: string;
  readonly bound?: VersionBound | undefined;
}

/** Alternatives in order of preference: one of them is needed. */
export type Relation = readonly Dependency[];

const dependencyForm =
  /^(?<name>[a-z0-9][a-z0-9+.-]*)(?::[a-z0-9-]+)?\s*(?:\(\s*(?<operator><<|<=|=|>=|>>)\s*(?<version>[^\s)]+)\s*\))?$/;

/**
 * Reads a field such as `Depends` (Debian Policy 7.1): a list of relations, separated by commas, each a list of
 * alternatives, separated by `|`. Architecture qualifiers (`:any`) are dropped, since one architecture is all we install.
 *
 * @throws SyntaxError for text that is not of this form.
 */
export function parseRelations(field: string): readonly Relation[] {
  return field
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => part.split('|').map((alternative) => parseDependency(alternative.trim())));
}

function parseDependency(text: string): Dependency {
  const { name, operator, version } = dependencyForm.exec(text)?.groups ?? {};
  if (name === undefined) throw new SyntaxError(`"${text}" is not a package relation`);
  if (operator === undefined || version === undefined) return { name };
  return { name, bound: { operator: operator as VersionBound['operator'], version } };
}

/** A relation as Debian writes it. */
export function formatRelation(relation: Relation): string {
  return relation
    .map(({ name, bound }) => (bound === undefined ? name : `${name} (${bound.operator} ${bound.version})`))
    .join(' | ');
}

/** Whether a version lies within a bound; a missing bound allows all. */
export function meetsBound(version: string, bound: VersionBound | undefined): boolean {
  if (bound === undefined) return true;
  const order = compareVersions(version, bound.version);
  switch (bound.operator) {
    case '<<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '=':
      return order === 0;
    case '>=':
      return order >= 0;
    case '>>':
      return order > 0;
    default:
      return bound.operator satisfies never;
  }
}
